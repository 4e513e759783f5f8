// One run: its timeline on the left, what is looked at on the right. Step and tab are in the address; while it runs, it fills in by itself.

import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { type ReactNode, useRef } from 'react';
import { type RunDetails, runQuery } from '../../api/runs.ts';
import { strings } from '../../strings/en.ts';
import { Page } from '../../ui/page.tsx';
import { useShortcuts } from '../../ui/shortcuts.ts';
import { Answer, Notice } from '../../ui/states.tsx';
import { isOutside } from './lineage-of.ts';
import { RunFacts } from './run-facts.tsx';
import { RunBadge, runName, SampleBadge } from './run-words.tsx';
import { TraceDetail } from './trace-detail.tsx';
import { firstLook, type Moment, momentsOf } from './trace-moments.ts';
import { TraceNews } from './trace-news.tsx';
import { TraceTimeline } from './trace-timeline.tsx';
import './runs.css';

const text = strings.trace;
const route = getRouteApi('/frame/runs/$id');
const TABS = ['decision', 'data', 'content'] as const;
/** Where the two sides stand one under the other. */
const NARROW = '(max-width: 56rem)';

export function RunScreen(): ReactNode {
  const { id } = route.useParams();
  const query = useQuery(runQuery(id));
  return (
    <Page title={query.data === undefined ? text.unnamed : runName(query.data)}>
      <Answer query={query}>{(run) => <Trace key={run.id} run={run} />}</Answer>
    </Page>
  );
}

function Trace({ run }: { run: RunDetails }): ReactNode {
  const search = route.useSearch();
  const navigate = useNavigate();
  const detail = useRef<HTMLElement>(null);
  const { steps, calls } = momentsOf(run);
  const moments = [...steps, ...calls];
  const chosen = moments.find(({ key }) => key === search.at) ?? firstLook(moments);
  const nth = chosen === undefined ? -1 : moments.indexOf(chosen);
  const tab = TABS.find((name) => name === search.tab) ?? 'decision';
  const look = (change: { at?: string; tab?: string }): void =>
    void navigate({ to: '/runs/$id', params: { id: run.id }, search: { ...search, ...change }, replace: true, resetScroll: false });
  const go = (by: 1 | -1): void => {
    const next = moments[nth + by];
    if (next === undefined) return;
    look({ at: next.key });
    document.querySelector<HTMLElement>(`[data-moment="${CSS.escape(next.key)}"]`)?.focus();
  };
  useShortcuts({
    j: () => go(1),
    k: () => go(-1),
    1: () => look({ tab: 'decision' }),
    2: () => look({ tab: 'data' }),
    3: () => look({ tab: 'content' }),
  });
  const toDetail = (): void => {
    if (!window.matchMedia(NARROW).matches) return;
    detail.current?.focus({ preventScroll: true });
    detail.current?.scrollIntoView({ block: 'start' });
  };
  return (
    <>
      <p className="row">
        <Link to="/runs">{text.back}</Link>
        <RunBadge state={run.state} />
        {run.sample ? <SampleBadge /> : null}
        <code>{run.id}</code>
      </p>
      <TraceNews run={run} />
      <Banner run={run} steps={steps} onShow={(key) => look({ at: key, tab: 'decision' })} />
      <RunFacts run={run} />
      {moments.length === 0 ? (
        <Notice icon="empty" title={text.emptyTitle}>
          <p>{text.emptyLead}</p>
        </Notice>
      ) : (
        <div className="trace">
          <section className="sheet stack tight trace-side" aria-labelledby="timeline">
            <h2 id="timeline">{text.timeline}</h2>
            <TraceTimeline
              run={run.id}
              startedAt={run.startedAt}
              steps={steps}
              calls={calls}
              chosen={chosen}
              tab={search.tab}
              onChoose={toDetail}
            />
          </section>
          <section className="sheet stack trace-detail" aria-label={text.details} ref={detail} tabIndex={-1}>
            {chosen === undefined ? (
              <p className="soft">{text.choose}</p>
            ) : (
              <TraceDetail
                run={run}
                moment={chosen}
                steps={steps}
                tab={tab}
                onTab={(next) => look({ tab: next })}
                onPrevious={nth > 0 ? () => go(-1) : null}
                onNext={nth < moments.length - 1 ? () => go(1) : null}
              />
            )}
          </section>
        </div>
      )}
    </>
  );
}

/** What matters most about a run, said first: what was stopped, or what waits. */
function Banner({ run, steps, onShow }: { run: RunDetails; steps: readonly Moment[]; onShow: (key: string) => void }): ReactNode {
  const refused = steps.filter(({ phase }) => phase?.outcome === 'refused');
  const led = refused.filter(({ phase }) => phase?.origins.some(({ integrity }) => isOutside(integrity)));
  if (run.waitingFor !== null) {
    return (
      <div className="banner warn">
        <p>{text.waitingLead}</p>
        <Link className="button primary" to="/inbox/$id" params={{ id: run.waitingFor }}>
          {text.inInbox}
        </Link>
      </div>
    );
  }
  const first = led[0] ?? refused[0];
  if (first === undefined) return null;
  return (
    <div className="banner bad">
      <p>{led.length > 0 ? text.blocked(led.length) : text.stoppedCalls(refused.length)}</p>
      <button type="button" className="button" onClick={() => onShow(first.key)}>
        {text.blockedShow}
      </button>
    </div>
  );
}
