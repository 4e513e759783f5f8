// One call: its events in order on the left; why it went as it did, and what was replaced, on the right. Never a value.

import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { callQuery } from '../api/queries.ts';
import type { CallTrace, Json, LedgerEvent } from '../api/types.ts';
import { strings } from '../strings/en.ts';
import { formatCount, Time } from '../ui/format.ts';
import { Page } from '../ui/page.tsx';
import { Answer } from '../ui/states.tsx';
import { titleOf } from './calls.tsx';
import { OutcomeBadge, toneOfEvent } from './outcome.tsx';

const text = strings.call;

export function CallScreen(): ReactNode {
  const { id } = useParams({ strict: false });
  const query = useQuery(callQuery(id ?? ''));
  return (
    <Page title={query.data === undefined ? strings.calls.unnamed : titleOf(query.data)}>
      <Link to="/calls">{text.back}</Link>
      <Answer query={query}>{(trace) => <Trace trace={trace} />}</Answer>
    </Page>
  );
}

function Trace({ trace }: { trace: CallTrace }): ReactNode {
  return (
    <>
      <p className="row">
        <OutcomeBadge outcome={trace.outcome} />
        <code>{trace.call}</code>
      </p>
      <div className="trace">
        <section className="sheet stack tight" aria-labelledby="timeline">
          <h2 id="timeline">{text.timeline}</h2>
          <Timeline events={[...trace.events, ...trace.approvalEvents]} />
          <Link to="/audit" search={{ subject: trace.call }}>
            {text.events}
          </Link>
        </section>
        <div className="stack">
          <DecisionPart trace={trace} />
          <DataPart trace={trace} />
        </div>
      </div>
    </>
  );
}

function Timeline({ events }: { events: readonly LedgerEvent[] }): ReactNode {
  const inOrder = [...events].sort((left, right) => left.entry.at.localeCompare(right.entry.at) || left.seq - right.seq);
  return (
    <ol className="timeline">
      {inOrder.map(({ seq, entry }) => (
        <li key={seq} className={toneOfEvent(entry.type, entry.public.code)}>
          <b>{strings.events[entry.type] ?? entry.type}</b>
          <span className="small soft">
            <Time iso={entry.at} />
            {' · '}
            <Link to="/audit/$seq" params={{ seq: String(seq) }}>
              {text.event(seq)}
            </Link>
          </span>
        </li>
      ))}
    </ol>
  );
}

function textsIn(events: readonly LedgerEvent[], name: string): readonly string[] {
  const lists = events.map(({ entry }) => entry.public[name]).filter((value): value is readonly Json[] => Array.isArray(value));
  return [...new Set(lists.flat().filter((value): value is string => typeof value === 'string'))];
}

function DecisionPart({ trace }: { trace: CallTrace }): ReactNode {
  const policies = textsIn(trace.events, 'policies');
  const evidencePolicies = trace.events.flatMap(({ entry }) => {
    const evidence = entry.public.evidence;
    return evidence !== null && typeof evidence === 'object' && !Array.isArray(evidence)
      ? textsIn([{ seq: 0, entry: { ...entry, public: evidence as LedgerEvent['entry']['public'] } }], 'policies')
      : [];
  });
  const integrity = trace.events.map(({ entry }) => entry.public.integrity).find((value) => typeof value === 'string');
  return (
    <section className="sheet stack tight" aria-labelledby="decision">
      <h2 id="decision">{text.decision}</h2>
      <dl className="facts">
        <Fact name={text.stage} value={trace.stage === null ? text.passed : (strings.stages[trace.stage] ?? trace.stage)} />
        <Fact name={text.code} value={trace.code === null ? null : <code>{trace.code}</code>} />
        <Fact name={text.meaning} value={trace.codeSentence} />
        <Fact name={text.policies} value={[...new Set([...policies, ...evidencePolicies])].join(', ')} />
        <Fact name={text.operation} value={trace.effect === 'model' ? null : trace.operation} />
        <Fact name={text.model} value={trace.model} />
        <Fact name={strings.calls.integration} value={trace.integration} />
        <Fact name={strings.calls.tier} value={trace.tier === null ? null : (strings.calls.tiers[trace.tier] ?? trace.tier)} />
        <Fact name={text.integrity} value={typeof integrity === 'string' ? (text.integrities[integrity] ?? integrity) : null} />
        <Fact name={text.approval} value={trace.approval === null ? null : <code>{trace.approval}</code>} />
      </dl>
    </section>
  );
}

function DataPart({ trace }: { trace: CallTrace }): ReactNode {
  const counts = trace.events.flatMap(({ entry }) => {
    const map = entry.public.tokenised;
    return map !== null && typeof map === 'object' && !Array.isArray(map) ? Object.entries(map) : [];
  });
  return (
    <section className="sheet stack tight" aria-labelledby="data">
      <h2 id="data">{text.data}</h2>
      <h3>{text.replaced}</h3>
      {counts.length === 0 ? (
        <p className="small">{trace.outcome === 'refused' || trace.outcome === 'asked' ? text.nothingLeft : text.replacedNone}</p>
      ) : (
        <dl className="facts">
          {counts.map(([type, count]) => (
            <Fact key={type} name={type} value={formatCount(Number(count))} />
          ))}
        </dl>
      )}
      <h3>{text.signals}</h3>
      <p className="small">{trace.signals.length === 0 ? text.signalsNone : trace.signals.join(', ')}</p>
      <p className="small soft">{text.valuesNever}</p>
    </section>
  );
}

function Fact({ name, value }: { name: string; value: ReactNode }): ReactNode {
  if (value === null || value === '' || value === undefined) return null;
  return (
    <>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </>
  );
}
