// What somebody was granted beside what they used of it, so that the unused shows.

import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { type Usage, usageQuery } from '../../api/reviews.ts';
import { actionWords } from '../../strings/en/access-words.ts';
import { strings } from '../../strings/en.ts';
import { Badge } from '../../ui/badge.tsx';
import { formatCount, Time } from '../../ui/format.ts';
import { Answer } from '../../ui/states.tsx';
import { Table } from '../../ui/table.tsx';

const text = strings.people.used;
type Row = Usage['granted'][number];

/** The unused first, then what was used longest ago. */
const byUse = (one: Row, two: Row): number =>
  (one.lastUsedAt ?? '').localeCompare(two.lastUsedAt ?? '') || one.name.localeCompare(two.name);

export function PersonUsed({ subject }: { subject: string }): ReactNode {
  const query = useQuery(usageQuery(subject));
  return (
    <Answer query={query}>
      {({ granted, days }) =>
        granted.length === 0 ? (
          <p className="soft">{text.empty}</p>
        ) : (
          <div className="stack tight">
            <p className="small soft">{text.lead(days)}</p>
            <Table
              caption={text.title}
              rows={[...granted].toSorted(byUse)}
              keyOf={({ kind, name }) => `${kind} ${name}`}
              columns={[
                {
                  key: 'name',
                  head: text.name,
                  cell: ({ name }) => (
                    <>
                      {actionWords[name] ?? name}
                      {actionWords[name] === undefined ? null : <div className="mono soft">{name}</div>}
                    </>
                  ),
                },
                { key: 'kind', head: text.kind, cell: ({ kind }) => text.kinds[kind] ?? kind },
                {
                  key: 'count',
                  head: text.count,
                  cell: ({ usedCount }) =>
                    usedCount === 0 ? <Badge tone="warn">{text.never}</Badge> : <span className="num">{formatCount(usedCount)}</span>,
                },
                {
                  key: 'last',
                  head: text.last,
                  cell: ({ lastUsedAt }) =>
                    lastUsedAt === null ? <span className="soft">{strings.never}</span> : <Time iso={lastUsedAt} />,
                },
              ]}
            />
          </div>
        )
      }
    </Answer>
  );
}
