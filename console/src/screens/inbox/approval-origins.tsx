// Where each argument of a stored call comes from, who could have written it, outsiders first. References only, never a value.

import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import type { Ask } from '../../api/inbox.ts';
import { type Origin, type Phase, runQuery } from '../../api/runs.ts';
import { strings } from '../../strings/en.ts';
import { Icon } from '../../ui/icons.tsx';
import { Table } from '../../ui/table.tsx';
import { isOutside } from '../runs/lineage-of.ts';

const text = strings.inbox;
const integrities: Readonly<Record<string, string>> = strings.call.integrities;

export const outsideOf = (origins: readonly Origin[]): readonly Origin[] => origins.filter(({ integrity }) => isOutside(integrity));

/** Where the arguments come from: a run of our own knows it to the step and the field. */
export function useOrigins(ask: Ask): { readonly origins: readonly Origin[]; readonly phase: Phase | null } {
  const run = useQuery({ ...runQuery(ask.run ?? ''), enabled: ask.run !== null && ask.workflow !== null, retry: false });
  const phase = run.data?.phases.find(({ approval }) => approval === ask.id) ?? null;
  return { origins: phase === null || phase.origins.length === 0 ? ask.origins : phase.origins, phase };
}

/** The whole answer of a step has no field of its own. */
const WHOLE = '(result)';

function placeOf({ from, sources, integrity, how }: Origin): string {
  const verbatim = how === 'verbatim' ? `, ${text.originVerbatim}` : '';
  if (from !== null) return `${text.originFrom(from.step, from.field === WHOLE ? '' : from.field)}${verbatim}`;
  if (integrity === 'signed_workflow') return text.originConstant;
  return sources.length === 0 ? text.originNone : sourcesInWords(sources);
}

interface Row {
  readonly argument: string;
  readonly integrity: Origin['integrity'];
  readonly places: readonly string[];
}

/** One row for each argument and each kind of writer, outsiders first. */
function rowsOf(origins: readonly Origin[]): readonly Row[] {
  const rows = new Map<string, Row>();
  const outside = outsideOf(origins);
  for (const origin of [...outside, ...origins.filter((one) => !outside.includes(one))]) {
    const { argument, integrity } = origin;
    const key = `${argument} ${integrity}`;
    const places = [...(rows.get(key)?.places ?? []), placeOf(origin)];
    rows.set(key, { argument, integrity, places: [...new Set(places)] });
  }
  return [...rows.values()];
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
  return (
    <div className="stack tight">
      <h3>{text.origins}</h3>
      <p className="small soft">{text.originsLead}</p>
      <Table
        caption={text.origins}
        rows={rowsOf(origins)}
        keyOf={({ argument, integrity }) => `${argument} ${integrity}`}
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
            cell: ({ places }) => (
              <ul>
                {places.map((place) => (
                  <li key={place}>{place}</li>
                ))}
              </ul>
            ),
          },
        ]}
      />
    </div>
  );
}
