// Where each argument of a stored call comes from, who could have written it, outsiders first. References only, never a value.

import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import type { Ask } from '../api/inbox.ts';
import { type Origin, type Phase, runQuery } from '../api/runs.ts';
import { strings } from '../strings/en.ts';
import { Icon } from '../ui/icons.tsx';
import { Table } from '../ui/table.tsx';
import { isOutside } from './lineage-of.ts';

const text = strings.inbox;
const integrities: Readonly<Record<string, string>> = strings.call.integrities;

export const outsideOf = (origins: readonly Origin[]): readonly Origin[] => origins.filter(({ integrity }) => isOutside(integrity));

/** Where the arguments come from: a run of our own knows it to the step and the field. */
export function useOrigins(ask: Ask): { readonly origins: readonly Origin[]; readonly phase: Phase | null } {
  const run = useQuery({ ...runQuery(ask.run ?? ''), enabled: ask.run !== null && ask.workflow !== null, retry: false });
  const phase = run.data?.phases.find(({ approval }) => approval === ask.id) ?? null;
  return { origins: phase === null || phase.origins.length === 0 ? ask.origins : phase.origins, phase };
}

function placeOf({ from, sources, integrity }: Origin): string {
  if (from !== null) return text.originFrom(from.step, from.field);
  if (integrity === 'signed_workflow') return text.originConstant;
  return sources.length === 0 ? text.originNone : sourcesInWords(sources);
}

/** Outsiders first: `outsider:demo-shop` is text that anybody could write into that shop. */
function sourcesInWords(sources: readonly string[]): string {
  const ordered = sources.toSorted((left, right) => Number(right.startsWith('outsider')) - Number(left.startsWith('outsider')));
  const words = ordered.map((source) => {
    const at = source.indexOf(':');
    const say = text.sources[source.slice(0, at)];
    return say === undefined ? source : say(source.slice(at + 1));
  });
  return [...new Set(words)].join(', ');
}

export function Origins({ origins }: { origins: readonly Origin[] }): ReactNode {
  if (origins.length === 0) return null;
  const outside = outsideOf(origins);
  const rows = [...outside, ...origins.filter((origin) => !outside.includes(origin))];
  return (
    <div className="stack tight">
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
    </div>
  );
}
