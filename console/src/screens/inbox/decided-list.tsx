// The newest decisions and what became of them.

import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { Ask } from '../../api/inbox.ts';
import { strings } from '../../strings/en.ts';
import { Time } from '../../ui/format.ts';
import { Table } from '../../ui/table.tsx';
import { AskBadge } from './approval-outcome.tsx';

const text = strings.inbox;
const MAX_SHOWN = 10;

/** Who decided, by name where it is known. */
function deciders({ decisions, decidedBy }: Ask, person: string): string {
  const names = decisions.map(({ by, byName }) => (by === person ? text.you : byName));
  if (decidedBy !== null && !decisions.some(({ by }) => by === decidedBy)) names.push(decidedBy === person ? text.you : text.somebody);
  return names.join(', ');
}

export function DecidedList({ asks, person }: { asks: readonly Ask[]; person: string }): ReactNode {
  const decided = asks.toSorted((left, right) => (right.decidedAt ?? right.requestedAt).localeCompare(left.decidedAt ?? left.requestedAt));
  if (decided.length === 0) return null;
  return (
    <section className="stack tight" aria-labelledby="decided">
      <h2 id="decided">{text.decidedTitle}</h2>
      <Table
        caption={text.decidedTitle}
        rows={decided.slice(0, MAX_SHOWN)}
        keyOf={({ id }) => id}
        columns={[
          {
            key: 'what',
            head: text.what,
            cell: (ask) => (
              <Link className="go" to="/inbox/$id" params={{ id: ask.id }}>
                {ask.sentence}
              </Link>
            ),
          },
          { key: 'outcome', head: text.outcome, cell: ({ state }) => <AskBadge state={state} /> },
          { key: 'by', head: text.by, cell: (ask) => deciders(ask, person) },
          { key: 'at', head: text.decided, cell: (ask) => <Time iso={ask.decidedAt ?? ask.expiresAt} /> },
        ]}
      />
      <Link to="/audit" search={{ type: 'approvals.' }}>
        {text.decidedAll}
      </Link>
    </section>
  );
}
