// The list of calls. Every filter is in the address.

import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { type CallSearch, callsQuery, integrationsQuery } from '../api/queries.ts';
import type { Call } from '../api/types.ts';
import { strings } from '../strings/en.ts';
import { Button } from '../ui/button.tsx';
import { Select } from '../ui/fields.tsx';
import { Time } from '../ui/format.ts';
import { Page } from '../ui/page.tsx';
import { Answer, NoMatch, Notice } from '../ui/states.tsx';
import { type Column, Table } from '../ui/table.tsx';
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
  { key: 'data', head: text.data, cell: (call) => text.values(call.tokenised) },
];

export function CallsScreen(): ReactNode {
  const search = route.useSearch();
  const navigate = useNavigate();
  const query = useQuery(callsQuery(search));
  const set = (change: Change): void => void navigate({ to: '/calls', search: without({ ...search, ...change, before: undefined }) });
  const isFiltered = Object.keys(search).length > 0;
  return (
    <Page title={text.title} lead={text.lead}>
      <Filters search={search} set={set} />
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

const NOTHING: Change = { outcome: undefined, integration: undefined, tier: undefined, tokenised: undefined, since: undefined };

function Filters({ search, set }: { search: CallSearch; set: (change: Change) => void }): ReactNode {
  const integrations = useQuery(integrationsQuery).data?.integrations ?? [];
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
