// Where each argument of a stored call comes from, who could have written it, outsiders first. References only, never a value.

import type { ReactNode } from 'react';
import type { Origin } from '../api/runs.ts';
import { strings } from '../strings/en.ts';
import { Icon } from '../ui/icons.tsx';
import { Table } from '../ui/table.tsx';
import { isOutside } from './lineage-of.ts';

const text = strings.inbox;
const integrities: Readonly<Record<string, string>> = strings.call.integrities;

export const outsideOf = (origins: readonly Origin[]): readonly Origin[] => origins.filter(({ integrity }) => isOutside(integrity));

function placeOf({ from, sources, integrity }: Origin): string {
  if (from !== null) return text.originFrom(from.step, from.field);
  if (integrity === 'signed_workflow') return text.originConstant;
  return sources.length === 0 ? text.originNone : sources.join(', ');
}

export function Origins({ origins }: { origins: readonly Origin[] }): ReactNode {
  if (origins.length === 0) return null;
  const outside = outsideOf(origins);
  const rows = [...outside, ...origins.filter((origin) => !outside.includes(origin))];
  return (
    <section className="stack tight" aria-label={text.origins}>
      <h3>{text.origins}</h3>
      <p className="small soft">{text.originsLead}</p>
      <Table
        caption={text.origins}
        rows={rows}
        keyOf={(origin) => `${origin.argument} ${placeOf(origin)} ${origin.integrity}`}
        columns={[
          { key: 'argument', head: text.argument, cell: ({ argument }) => <code>{argument}</code> },
          {
            key: 'writer',
            head: text.writer,
            cell: ({ integrity }) => (
              <span className={`writer ${isOutside(integrity) ? 'warn' : ''}`}>
                <Icon name={isOutside(integrity) ? 'warn' : 'good'} size={14} />
                {integrities[integrity] ?? integrity}
              </span>
            ),
          },
          {
            key: 'from',
            head: text.source,
            cell: (origin) => `${placeOf(origin)}${origin.how === 'verbatim' ? `, ${text.originVerbatim}` : ''}`,
          },
        ]}
      />
    </section>
  );
}
