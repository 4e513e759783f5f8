// What personal data a call carried, by class and count, and what the screens saw. Never a value.

import type { ReactNode } from 'react';
import type { Phase } from '../../api/runs.ts';
import type { CallTrace } from '../../api/types.ts';
import { strings } from '../../strings/en.ts';
import { formatCount, formatMoney } from '../../ui/format.ts';
import { useSourceNames } from '../audit/audit-words.tsx';
import { factsOf, replacedOf, textsOf } from './trace-stages.ts';

const text = strings.traceData;

export function DataPanel({ trace, phase }: { trace: CallTrace | null; phase: Phase | null }): ReactNode {
  return (
    <div className="stack">
      {trace === null ? <p>{text.noCall}</p> : <Carried trace={trace} phase={phase} />}
      <p className="small soft">{text.valuesNever}</p>
    </div>
  );
}

function Carried({ trace, phase }: { trace: CallTrace; phase: Phase | null }): ReactNode {
  const replaced = replacedOf(trace);
  const most = Math.max(1, ...replaced.map(({ count }) => count));
  const facts = factsOf(trace);
  const integrity = typeof facts.integrity === 'string' ? facts.integrity : (phase?.integrity ?? null);
  const regions = textsOf(trace, 'regions');
  const sourcesOf = useSourceNames();
  const sources = [...new Set((phase?.origins ?? []).flatMap((origin) => origin.sources))];
  const stayed = trace.outcome === 'refused' || trace.outcome === 'asked';
  return (
    <>
      <section className="stack tight">
        <h3>{text.replaced}</h3>
        {replaced.length === 0 ? (
          <p className="small">{stayed ? text.nothingLeft : text.replacedNone}</p>
        ) : (
          <table className="tally">
            <caption className="visually-hidden">{text.replaced}</caption>
            <thead className="visually-hidden">
              <tr>
                <th scope="col">{text.class}</th>
                <th scope="col">{text.values}</th>
              </tr>
            </thead>
            <tbody>
              {replaced.map(({ type, count }) => (
                <tr key={type}>
                  <th scope="row">
                    {text.classes[type] ?? type}
                    <code>{type}</code>
                  </th>
                  <td>
                    <svg viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
                      <rect width={(100 * count) / most} height={8} rx={1} />
                    </svg>
                    <span className="number">{formatCount(count)}</span>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </section>
      <section className="stack tight">
        <h3>{text.signals}</h3>
        <dl className="facts">
          <dt>{text.incoming}</dt>
          <dd>{wordsOf(textsOf(trace, 'signals'))}</dd>
          <dt>{text.outgoing}</dt>
          <dd>{wordsOf(textsOf(trace, 'outputSignals'))}</dd>
        </dl>
      </section>
      <section className="stack tight">
        <h3>{text.labels}</h3>
        <dl className="facts">
          <dt>{text.integrity}</dt>
          <dd>{integrity === null ? strings.none : (strings.decision.writers[integrity] ?? integrity)}</dd>
          {typeof facts.sensitivity === 'string' ? (
            <>
              <dt>{text.sensitivity}</dt>
              <dd>{text.sensitivities[facts.sensitivity] ?? facts.sensitivity}</dd>
            </>
          ) : null}
          {regions.length === 0 ? null : (
            <>
              <dt>{text.regions}</dt>
              <dd>{regions.map((region) => text.places[region] ?? region).join(', ')}</dd>
            </>
          )}
          {sources.length === 0 ? null : (
            <>
              <dt>{text.sources}</dt>
              <dd>{sourcesOf(sources).join(', ')}</dd>
            </>
          )}
          {typeof facts.amount === 'string' ? (
            <>
              <dt>{text.amount}</dt>
              <dd>{formatMoney(facts.amount)}</dd>
            </>
          ) : null}
        </dl>
      </section>
    </>
  );
}

const wordsOf = (signals: readonly string[]): string =>
  signals.length === 0 ? strings.decision.sawNothing : signals.map((signal) => signal.replaceAll('_', ' ')).join(', ');
