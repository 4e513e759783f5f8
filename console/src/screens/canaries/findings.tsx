// What was found of one canary: which value, what happened, where, how often.

import type { ReactNode } from 'react';
import type { Canary, CanaryFinding } from '../../api/canaries.ts';
import { strings } from '../../strings/en.ts';
import { Badge } from '../../ui/badge.tsx';
import { formatCount, Time } from '../../ui/format.ts';
import { type Column, Table } from '../../ui/table.tsx';
import { visible } from '../../ui/visible.ts';

const text = strings.canaries;

const COLUMNS: readonly Column<CanaryFinding>[] = [
  { key: 'value', head: text.value, cell: ({ value }) => text.values[value] ?? visible(value) },
  {
    key: 'what',
    head: text.what,
    cell: ({ kind, refused }) => (
      <>
        {text.kindsOfFinding[kind] ?? visible(kind)} {refused ? <Badge tone="good">{text.refused}</Badge> : null}
      </>
    ),
  },
  {
    key: 'where',
    head: text.where,
    cell: ({ way, at }) => (
      <>
        {text.ways[way] ?? visible(way)} {at === null ? null : <code>{visible(at)}</code>}
      </>
    ),
  },
  { key: 'count', head: text.count, cell: ({ count }) => formatCount(count) },
  { key: 'last', head: text.last, cell: ({ lastAt }) => <Time iso={lastAt} /> },
  { key: 'state', head: text.state, cell: ({ closedAt }) => (closedAt === null ? text.open : text.closed) },
];

export function Findings({ canary, place }: { canary: Canary; place: string }): ReactNode {
  const id = `found-${canary.id}`;
  return (
    <section className="sheet stack tight" aria-labelledby={id}>
      <h2 id={id}>{text.show(place)}</h2>
      <Table
        caption={text.show(place)}
        rows={canary.findings}
        keyOf={({ value, kind, way, at }) => `${value} ${kind} ${way} ${at}`}
        columns={COLUMNS}
      />
    </section>
  );
}
