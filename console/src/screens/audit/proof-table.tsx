// The steps of a proof as a table: the same hashes as in the drawing, in full, for whoever does not see it or wants to check by hand.

import type { ReactNode } from 'react';
import { strings } from '../../strings/en.ts';
import { formatCount } from '../../ui/format.ts';
import { type Column, Table } from '../../ui/table.tsx';
import { hexOf, type Rung } from './merkle.ts';
import type { ProvedEvent, Recomputed } from './recompute.ts';

const text = strings.proof.table;

interface Row {
  readonly key: string;
  readonly step: string;
  readonly covers: string | null;
  readonly hash: string | null;
  readonly side: string | null;
  readonly result: string;
}

const COLUMNS: readonly Column<Row>[] = [
  { key: 'step', head: text.step, cell: ({ step }) => step },
  {
    key: 'with',
    head: text.with,
    cell: ({ covers, hash }) =>
      hash === null ? (
        text.nothing
      ) : (
        <>
          <div className="small soft">{covers}</div>
          <code className="wrap">{hash}</code>
        </>
      ),
  },
  { key: 'side', head: text.side, cell: ({ side }) => side ?? text.nothing },
  { key: 'result', head: text.result, cell: ({ result }) => <code className="wrap">{result}</code> },
];

export function ProofTable({ event, found }: { event: ProvedEvent; found: Recomputed }): ReactNode {
  const rows: readonly Row[] = [
    { key: 'leaf', step: text.leaf, covers: null, hash: null, side: null, result: hexOf(found.leafHash) },
    ...found.tenant.map((rung, level) => rowOf(`tenant ${level}`, text.tenant(level + 1), rung, strings.proof.covers)),
    ...(found.headHash === null || found.broken === 'global'
      ? []
      : [{ key: 'head', step: text.head, covers: null, hash: null, side: null, result: hexOf(found.headHash) }]),
    ...found.global.map((rung, level) => rowOf(`global ${level}`, text.global(level + 1), rung, strings.proof.coversLines)),
  ];
  return (
    <details className="proof-table" key={event.seq}>
      <summary>{text.title}</summary>
      <Table caption={text.title} columns={COLUMNS} rows={rows} keyOf={({ key }) => key} />
    </details>
  );
}

function rowOf(key: string, step: string, { sibling, hash, result }: Rung, covers: (from: string, to: string) => string): Row {
  return {
    key,
    step,
    covers: covers(formatCount(sibling.from), formatCount(sibling.to)),
    hash: hexOf(hash),
    side: sibling.side === 'left' ? text.left : text.right,
    result: hexOf(result),
  };
}
