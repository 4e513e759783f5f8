// What needs a person: stored calls to approve or deny, those that wait out a delay, effects whose outcome nobody knows, and what was decided.

import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { type Ask, asksQuery } from '../api/inbox.ts';
import { sessionQuery, unresolvedQuery, workloadsQuery } from '../api/queries.ts';
import { strings } from '../strings/en.ts';
import { Page } from '../ui/page.tsx';
import { Answer, Notice } from '../ui/states.tsx';
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
  const workloads = useQuery(workloadsQuery).data?.workloads ?? [];
  const person = useQuery(sessionQuery).data?.person ?? '';
  return { nameOf: (id) => workloads.find((workload) => workload.id === id)?.name ?? id, person };
}

export function InboxScreen(): ReactNode {
  const asks = useQuery(asksQuery);
  const unresolved = useQuery(unresolvedQuery);
  const names = useNames();
  const [decided, setDecided] = useState<readonly string[]>([]);
  const effects = unresolved.data?.effects ?? [];
  return (
    <Page title={text.title} lead={text.lead}>
      <Answer query={asks}>
        {({ approvals }) => {
          // What was decided here stays in its place until the page is left, so that its end is seen.
          const shown = approvals.filter((ask) => isWaiting(ask) || decided.includes(ask.id)).toReversed();
          const waiting = shown.filter(isWaiting);
          return (
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
                  isWaiting(ask) ? (
                    <ApprovalCard key={ask.id} ask={ask} {...names} onDecided={(id) => setDecided((before) => [...before, id])} />
                  ) : (
                    <JustDecided key={ask.id} id={ask.id} />
                  ),
                )}
              {shown.length > MAX_CARDS ? <p className="soft">{text.moreWaiting(shown.length - MAX_CARDS)}</p> : null}
              {unresolved.error !== null || effects.length > 0 ? (
                <Answer query={unresolved}>{(data) => <UnresolvedList effects={data.effects} />}</Answer>
              ) : null}
              <DecidedList asks={approvals.filter(({ id }) => !decided.includes(id))} person={names.person} />
            </>
          );
        }}
      </Answer>
    </Page>
  );
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
