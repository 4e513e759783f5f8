// What needs a person: stored calls to approve or deny, and effects whose outcome nobody knows.

import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { pendingQuery, unresolvedQuery, workloadsQuery } from '../api/queries.ts';
import { strings } from '../strings/en.ts';
import { Page } from '../ui/page.tsx';
import { Answer, Notice } from '../ui/states.tsx';
import { ApprovalCard } from './approval-card.tsx';
import { UnresolvedList } from './unresolved.tsx';

const text = strings.inbox;

export function InboxScreen(): ReactNode {
  const pending = useQuery(pendingQuery);
  const unresolved = useQuery(unresolvedQuery);
  const workloads = useQuery(workloadsQuery).data?.workloads ?? [];
  const nameOf = (id: string): string => workloads.find((workload) => workload.id === id)?.name ?? id;
  const effects = unresolved.data?.effects ?? [];
  return (
    <Page title={text.title} lead={text.lead}>
      <Answer query={pending}>
        {({ approvals }) => (
          <>
            <Arrivals count={approvals.length} />
            {approvals.length === 0 && effects.length === 0 ? (
              <Notice icon="empty" title={text.emptyTitle}>
                <p>{text.emptyLead}</p>
              </Notice>
            ) : null}
            {approvals.map((approval) => (
              <ApprovalCard key={approval.id} approval={approval} requestedBy={nameOf(approval.requestedBy)} />
            ))}
          </>
        )}
      </Answer>
      {unresolved.error !== null || effects.length > 0 ? (
        <Answer query={unresolved}>{(data) => <UnresolvedList effects={data.effects} />}</Answer>
      ) : null}
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
