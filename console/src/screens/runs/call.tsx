// One call: its events in order on the left; on the right why it went as it did, and what was replaced. Never a value.

import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { callQuery } from '../../api/queries.ts';
import { runQuery } from '../../api/runs.ts';
import type { CallTrace, LedgerEvent } from '../../api/types.ts';
import { strings } from '../../strings/en.ts';
import { formatCost, formatCount, formatSpan, Time } from '../../ui/format.ts';
import { Page } from '../../ui/page.tsx';
import { Answer, Notice } from '../../ui/states.tsx';
import { Tabs } from '../../ui/tabs.tsx';
import { titleOf } from './calls.tsx';
import { OutcomeBadge, toneOfEvent } from './outcome.tsx';
import { DataPanel } from './trace-data.tsx';
import { ApprovalLink, DecisionPanel } from './trace-decision.tsx';
import './runs.css';

const text = strings.call;
const route = getRouteApi('/frame/calls/$id');
const TABS = ['decision', 'data', 'content'] as const;

export function CallScreen(): ReactNode {
  const { id } = route.useParams();
  const query = useQuery(callQuery(id));
  return (
    <Page title={query.data === undefined ? strings.calls.unnamed : titleOf(query.data)}>
      <Answer query={query}>{(trace) => <Trace trace={trace} />}</Answer>
    </Page>
  );
}

function Trace({ trace }: { trace: CallTrace }): ReactNode {
  const search = route.useSearch();
  const navigate = useNavigate();
  const run = trace.run ?? null;
  // What the run knows of this call: its step, and where its arguments came from.
  const details = useQuery({ ...runQuery(run ?? ''), enabled: run !== null }).data;
  const phases = details?.phases ?? [];
  const phase = phases.find(({ call }) => call === trace.call) ?? null;
  const tab = TABS.find((name) => name === search.tab) ?? 'decision';
  return (
    <>
      <p className="row">
        <Link to="/calls">{text.back}</Link>
        <OutcomeBadge outcome={trace.outcome} />
        <code>{trace.call}</code>
      </p>
      <p className="row small">
        {run === null ? null : (
          <Link to="/runs/$id" params={{ id: run }} search={{ at: phase === null ? trace.call : `${phase.step}/${phase.phase}` }}>
            {text.run}
          </Link>
        )}
        {trace.approval === null ? null : <ApprovalLink approval={trace.approval} />}
        <Link to="/audit" search={{ subject: trace.call }}>
          {text.events}
        </Link>
      </p>
      <div className="trace">
        <section className="sheet stack tight" aria-labelledby="timeline">
          <h2 id="timeline">{text.timeline}</h2>
          <Timeline events={[...trace.events, ...trace.approvalEvents]} />
        </section>
        <section className="sheet stack trace-detail" aria-label={strings.trace.details}>
          <Tabs
            label={strings.trace.details}
            chosen={tab}
            onChoose={(next) =>
              void navigate({ to: '/calls/$id', params: { id: trace.call }, search: { tab: next }, replace: true, resetScroll: false })
            }
            tabs={[
              {
                id: 'decision',
                name: strings.trace.tabs.decision,
                panel: () => (
                  <div className="stack">
                    <DecisionPanel trace={trace} phase={phase} phases={phases} />
                    <Facts trace={trace} />
                  </div>
                ),
              },
              { id: 'data', name: strings.trace.tabs.data, panel: () => <DataPanel trace={trace} phase={phase} /> },
              { id: 'content', name: strings.trace.tabs.content, panel: () => <NoContent run={run} /> },
            ]}
          />
        </section>
      </div>
    </>
  );
}

function NoContent({ run }: { run: string | null }): ReactNode {
  const words = strings.traceContent;
  return (
    <Notice icon="lock" title={words.unavailableTitle}>
      <p>{words.single}</p>
      {run === null ? null : (
        <Link className="button" to="/runs/$id" params={{ id: run }} search={{ tab: 'content' }}>
          {words.openRun}
        </Link>
      )}
    </Notice>
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

function Facts({ trace }: { trace: CallTrace }): ReactNode {
  const { calls } = strings;
  return (
    <section className="stack tight">
      <h3>{strings.decision.facts}</h3>
      <dl className="facts">
        <Fact name={text.operation} value={trace.effect === 'model' ? null : trace.operation} />
        <Fact name={text.model} value={trace.model} />
        <Fact name={calls.integration} value={trace.integration} />
        <Fact name={text.took} value={trace.durationMs === null ? null : formatSpan(trace.durationMs)} />
        <Fact
          name={text.tokens}
          value={trace.tokens === null ? null : `${formatCount(trace.tokens.input)} / ${formatCount(trace.tokens.output)}`}
        />
        <Fact name={text.cost} value={trace.cost === null ? null : formatCost(trace.cost)} />
        <Fact name={calls.tier} value={trace.tier === null ? null : (calls.tiers[trace.tier] ?? trace.tier)} />
      </dl>
    </section>
  );
}

function Fact({ name, value }: { name: string; value: string | null }): ReactNode {
  if (value === null) return null;
  return (
    <>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </>
  );
}
