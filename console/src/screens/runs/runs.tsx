// The list of runs, live while it is looked at. Filters, page and whether it stands still are in the address.

import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { type Run, type RunSearch, runsQuery } from '../../api/runs.ts';
import { openShortcutHelp } from '../../app/shortcuts.tsx';
import { strings } from '../../strings/en.ts';
import { Button } from '../../ui/button.tsx';
import { formatCount, shortId, Time } from '../../ui/format.ts';
import { Icon } from '../../ui/icons.tsx';
import { Page } from '../../ui/page.tsx';
import { useRowKeys } from '../../ui/shortcuts.ts';
import { Answer, NoMatch, Notice } from '../../ui/states.tsx';
import { type Column, Table } from '../../ui/table.tsx';
import { RunBadge, runName, SampleBadge, tookOf } from './run-words.tsx';
import { RunFilters } from './runs-filters.tsx';
import { RunsNews } from './runs-news.tsx';
import './runs.css';

const text = strings.runs;
const route = getRouteApi('/frame/runs');

const COLUMNS: readonly Column<Run>[] = [
  {
    key: 'run',
    head: text.run,
    cell: (run) => (
      <>
        <span className="row snug">
          <Link className="go" to="/runs/$id" params={{ id: run.id }}>
            {runName(run)}
          </Link>
          {run.sample ? <SampleBadge /> : null}
        </span>
        <div className="mono soft" title={run.id}>
          {shortId(run.id)}
        </div>
      </>
    ),
  },
  {
    key: 'state',
    head: text.state,
    cell: (run) => (
      <>
        <RunBadge state={run.state} />
        {run.code === null ? null : <div className="mono soft">{run.code}</div>}
        {run.step === null ? null : <div className="small soft">{text.atStep(run.step)}</div>}
        {run.waitingFor === null ? null : (
          <div>
            <Link className="small" to="/inbox/$id" params={{ id: run.waitingFor }}>
              {strings.trace.inInbox}
            </Link>
          </div>
        )}
      </>
    ),
  },
  {
    key: 'calls',
    head: text.calls,
    cell: (run) => (
      <>
        <span className="number">{formatCount(run.calls)}</span>
        {run.refused === 0 ? null : (
          <span className="refusals">
            <Icon name="bad" size={12} />
            {text.refusedCount(run.refused)}
          </span>
        )}
      </>
    ),
  },
  {
    key: 'by',
    head: text.by,
    cell: (run) => (run.trigger === null ? (text.kinds[run.kind] ?? run.kind) : (text.triggers[run.trigger] ?? run.trigger)),
  },
  { key: 'started', head: text.started, cell: (run) => <Time iso={run.startedAt} /> },
  { key: 'took', head: text.took, cell: (run) => tookOf(run) ?? <span className="soft">{text.none}</span> },
];

export function RunsScreen(): ReactNode {
  const search = route.useSearch();
  const navigate = useNavigate();
  const query = useQuery(runsQuery(search));
  const { before, live, ...filters } = search;
  const isFiltered = Object.keys(filters).length > 0;
  const isPaused = live === 'off';
  const toggle = (): void => {
    const { live: _, ...rest } = search;
    void navigate({ to: '/runs', search: isPaused ? rest : { ...rest, live: 'off' }, replace: true });
  };
  useRowKeys({ p: toggle });
  return (
    <Page
      title={text.title}
      lead={text.lead}
      actions={
        <div className="row snug">
          <Link className="button quiet" to="/calls">
            {text.singleCalls}
          </Link>
          <Button look="quiet" size="icon" aria-label={strings.shortcuts.title} onPress={openShortcutHelp}>
            <kbd>?</kbd>
          </Button>
        </div>
      }
    >
      <RunFilters search={search} />
      <Answer query={query}>
        {({ runs, next }) => (
          <>
            {before === undefined ? (
              <div className="row between live-row">
                <p className={`live ${isPaused ? 'off' : ''}`}>{isPaused ? text.liveOff : text.live}</p>
                <RunsNews key={JSON.stringify(filters)} runs={runs} isQuiet={isPaused} />
                <Button look="quiet" aria-pressed={isPaused} onPress={toggle}>
                  {isPaused ? text.resume : text.pause}
                </Button>
              </div>
            ) : (
              <p className="small soft">{text.paging}</p>
            )}
            {runs.length > 0 ? (
              <Table caption={text.title} columns={COLUMNS} rows={runs} keyOf={(run) => run.id} />
            ) : isFiltered || before !== undefined ? (
              <NoMatch onClear={() => void navigate({ to: '/runs', search: {} })} />
            ) : (
              <Empty />
            )}
            <Pages search={search} next={next} />
          </>
        )}
      </Answer>
    </Page>
  );
}

function Pages({ search, next }: { search: RunSearch; next: number | null }): ReactNode {
  const { before, ...rest } = search;
  if (before === undefined && next === null) return null;
  return (
    <p className="row">
      {before === undefined ? null : (
        <Link className="button" to="/runs" search={rest}>
          {text.newest}
        </Link>
      )}
      {next === null ? null : (
        <Link className="button" to="/runs" search={{ ...rest, before: next }}>
          {strings.more}
        </Link>
      )}
    </p>
  );
}

function Empty(): ReactNode {
  return (
    <Notice icon="empty" title={text.emptyTitle}>
      <p>{text.emptyLead}</p>
      <div className="row">
        <Link className="button primary" to="/demo">
          {text.emptyAction}
        </Link>
        <Link className="button" to="/connect">
          {text.connect}
        </Link>
      </div>
    </Notice>
  );
}
