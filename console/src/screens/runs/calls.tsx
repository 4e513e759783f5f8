// The list of calls. Every filter is in the address.

import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { type CallSearch, callsQuery, integrationsQuery, workloadsQuery } from '../../api/queries.ts';
import type { Call } from '../../api/types.ts';
import { strings } from '../../strings/en.ts';
import { Button } from '../../ui/button.tsx';
import { Select } from '../../ui/fields.tsx';
import { shortId, Time } from '../../ui/format.ts';
import { Icon } from '../../ui/icons.tsx';
import { useLook } from '../../ui/may.tsx';
import { Page } from '../../ui/page.tsx';
import { useRowKeys } from '../../ui/shortcuts.ts';
import { Answer, NoMatch, Notice } from '../../ui/states.tsx';
import { type Column, Table } from '../../ui/table.tsx';
import { OutcomeBadge } from './outcome.tsx';

const text = strings.calls;
const route = getRouteApi('/frame/calls');

export const titleOf = (call: Call): string =>
  call.effect === 'model' ? (call.model ?? text.modelCall) : (call.operation ?? text.unnamed);

const COLUMNS: readonly Column<Call>[] = [
  { key: 'at', head: text.when, cell: (call) => <Time iso={call.at} /> },
  {
    key: 'what',
    head: text.what,
    cell: (call) => (
      <Link className="go" to="/calls/$id" params={{ id: call.call }}>
        {titleOf(call)}
      </Link>
    ),
  },
  {
    key: 'outcome',
    head: text.outcome,
    cell: (call) => (
      <>
        <OutcomeBadge outcome={call.outcome} />
        {call.outcome === 'refused' || call.outcome === 'faulted' ? <div className="mono soft">{call.code}</div> : null}
      </>
    ),
  },
  { key: 'integration', head: text.integration, cell: (call) => call.integration ?? '' },
  { key: 'tier', head: text.tier, cell: (call) => (call.tier === null ? '' : (text.tiers[call.tier] ?? call.tier)) },
  {
    key: 'run',
    head: text.run,
    cell: ({ run }) =>
      run == null ? (
        ''
      ) : (
        <Link className="mono" to="/runs/$id" params={{ id: run }} title={run}>
          {shortId(run)}
        </Link>
      ),
  },
  { key: 'data', head: text.data, cell: (call) => text.values(call.tokenised) },
];

export function CallsScreen(): ReactNode {
  const search = route.useSearch();
  const navigate = useNavigate();
  const query = useQuery(callsQuery(search));
  const set = (change: Change): void => void navigate({ to: '/calls', search: without({ ...search, ...change, before: undefined }) });
  const isFiltered = Object.keys(search).length > 0;
  useRowKeys();
  return (
    <Page
      title={text.title}
      lead={text.lead}
      actions={
        <Link className="button quiet" to="/runs">
          {text.toRuns}
        </Link>
      }
    >
      <Filters search={search} set={set} />
      <Chips search={search} set={set} />
      <Answer query={query}>
        {({ calls, next }) =>
          calls.length > 0 ? (
            <>
              <Table caption={text.title} columns={COLUMNS} rows={calls} keyOf={(call) => call.call} />
              {next === null ? null : (
                <Link className="button" to="/calls" search={{ ...search, before: next }}>
                  {strings.more}
                </Link>
              )}
            </>
          ) : isFiltered ? (
            <NoMatch onClear={() => void navigate({ to: '/calls', search: {} })} />
          ) : (
            <Notice icon="empty" title={text.emptyTitle}>
              <p>{text.emptyLead}</p>
              <Link className="button primary" to="/access">
                {text.emptyAction}
              </Link>
            </Notice>
          )
        }
      </Answer>
    </Page>
  );
}

/** An address without what is not set. */
function without(search: { readonly [name in keyof CallSearch]?: CallSearch[name] | undefined }): CallSearch {
  return Object.fromEntries(Object.entries(search).filter(([, value]) => value !== undefined)) as CallSearch;
}

type Change = { readonly [name in Exclude<keyof CallSearch, 'before'>]?: string | undefined };

const NOTHING: Change = {
  outcome: undefined,
  integration: undefined,
  tier: undefined,
  tokenised: undefined,
  since: undefined,
  effect: undefined,
  code: undefined,
  run: undefined,
  workload: undefined,
};

function Filters({ search, set }: { search: CallSearch; set: (change: Change) => void }): ReactNode {
  const integrations = useLook('integrations.view', integrationsQuery).data?.integrations ?? [];
  const names = Object.fromEntries(integrations.map(({ name }) => [name, name]));
  return (
    <div className="filters">
      <Select label={text.outcome} value={search.outcome} options={text.outcomes} onChange={(outcome) => set({ outcome })} />
      <Select label={text.integration} value={search.integration} options={names} onChange={(integration) => set({ integration })} />
      <Select label={text.tier} value={search.tier} options={text.tiers} onChange={(tier) => set({ tier })} />
      <Select
        label={text.tokenised}
        value={search.tokenised}
        options={{ yes: text.tokenisedYes, no: text.tokenisedNo }}
        onChange={(tokenised) => set({ tokenised })}
      />
      <Select label={text.window} value={search.since} options={text.windows} onChange={(since) => set({ since })} />
      {Object.keys(search).length === 0 ? null : (
        <div className="row">
          <Button look="quiet" onPress={() => set(NOTHING)}>
            {strings.clearFilters}
          </Button>
        </div>
      )}
    </div>
  );
}

/** Filters that came with a link rather than from a choice; each can be taken away. */
function Chips({ search, set }: { search: CallSearch; set: (change: Change) => void }): ReactNode {
  const workloads = useLook('workloads.view', workloadsQuery).data?.workloads ?? [];
  const nameOf = (id: string): string => workloads.find((workload) => workload.id === id)?.name ?? shortId(id);
  const chips = [
    search.code === undefined ? null : { words: text.withCode(search.code), drop: { code: undefined } },
    search.effect === undefined ? null : { words: text.withEffect(search.effect), drop: { effect: undefined } },
    search.run === undefined ? null : { words: text.ofRun(shortId(search.run)), drop: { run: undefined } },
    search.workload === undefined ? null : { words: text.ofWorkload(nameOf(search.workload)), drop: { workload: undefined } },
  ].filter((chip) => chip !== null);
  if (chips.length === 0) return null;
  return (
    <div className="row snug">
      {chips.map(({ words, drop }) => (
        <Button key={words} aria-label={`${text.dropFilter}: ${words}`} onPress={() => set(drop)}>
          {words}
          <Icon name="bad" size={12} />
        </Button>
      ))}
    </div>
  );
}
