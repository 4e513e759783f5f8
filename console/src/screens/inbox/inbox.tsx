// What needs a person: stored calls to approve or deny, those that wait out a delay, effects whose outcome nobody knows, and what was decided.

import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { type Ask, delayedQuery, recentQuery } from '../../api/inbox.ts';
import { pendingQuery, sessionQuery, unresolvedQuery, workloadsQuery } from '../../api/queries.ts';
import { strings } from '../../strings/en.ts';
import { useLook } from '../../ui/may.tsx';
import { Page } from '../../ui/page.tsx';
import { Answer, Notice } from '../../ui/states.tsx';
import { ApprovalCard } from './approval-card.tsx';
import { JustDecided } from './approval-outcome.tsx';
import { DecidedList } from './decided-list.tsx';
import { UnresolvedList } from './unresolved.tsx';

const text = strings.inbox;
/** More cards than anybody reads at once; what is left is said. */
const MAX_CARDS = 20;

export const isWaiting = ({ state, runsAt }: Ask): boolean => state === 'pending' || (state === 'approved' && runsAt !== null);

/** Names of the programs that ask, and who is looking. */
export function useNames(): { readonly nameOf: (id: string) => string; readonly person: string } {
  const workloads = useLook('workloads.view', workloadsQuery).data?.workloads ?? [];
  const person = useQuery(sessionQuery).data?.person ?? '';
  return { nameOf: (id) => workloads.find((workload) => workload.id === id)?.name ?? id, person };
}

export function InboxScreen(): ReactNode {
  const pending = useQuery(pendingQuery);
  const delayed = useQuery(delayedQuery);
  const recent = useQuery(recentQuery).data?.approvals ?? [];
  const unresolved = useLook('effects.view', unresolvedQuery);
  const names = useNames();
  const waiting = [...(pending.data?.approvals ?? []), ...(delayed.data?.approvals ?? []).filter(isWaiting)];
  const shown = useStaying(waiting);
  const effects = unresolved.data?.effects ?? [];
  return (
    <Page title={text.title} lead={text.lead}>
      <Answer query={pending}>
        {() => (
          <>
            <Arrivals count={waiting.length} />
            {shown.length === 0 && effects.length === 0 ? (
              <Notice icon="empty" title={text.emptyTitle}>
                <p>{text.emptyLead}</p>
              </Notice>
            ) : null}
            {shown
              .slice(0, MAX_CARDS)
              .map((ask) =>
                waiting.includes(ask) ? <ApprovalCard key={ask.id} ask={ask} {...names} /> : <JustDecided key={ask.id} id={ask.id} />,
              )}
            {shown.length > MAX_CARDS ? <p className="soft">{text.moreWaiting(shown.length - MAX_CARDS)}</p> : null}
            {unresolved.error !== null || effects.length > 0 ? (
              <Answer query={unresolved}>{(data) => <UnresolvedList effects={data.effects} />}</Answer>
            ) : null}
            <DecidedList asks={recent.filter((ask) => !isWaiting(ask) && shown.every(({ id }) => id !== ask.id))} person={names.person} />
          </>
        )}
      </Answer>
    </Page>
  );
}

/** What waits, oldest first, and in its place what no longer does: its end is seen here until the page is left, whoever decided. */
function useStaying(waiting: readonly Ask[]): readonly Ask[] {
  const [seen, setSeen] = useState<readonly Ask[]>([]);
  const fresh = waiting.filter((ask) => seen.every(({ id }) => id !== ask.id));
  if (fresh.length > 0) setSeen([...seen, ...fresh]);
  const now = [...seen, ...fresh].map((ask) => waiting.find(({ id }) => id === ask.id) ?? ask);
  return now.toSorted((left, right) => left.requestedAt.localeCompare(right.requestedAt));
}

/** Says politely that the number changed; says nothing when the page is opened. */
function Arrivals({ count }: { count: number }): ReactNode {
  const before = useRef(count);
  const [words, setWords] = useState('');
  useEffect(() => {
    if (before.current !== count) setWords(text.arrived(count));
    before.current = count;
  }, [count]);
  return (
    <p className="visually-hidden" role="status" aria-live="polite">
      {words}
    </p>
  );
}
