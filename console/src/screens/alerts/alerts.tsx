// Alerts: the open ones first, with filters in the address. Each leads to what it rests on.

import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { type Alert, type AlertPage, type AlertSearch, alertsQuery } from '../../api/alerts.ts';
import { strings } from '../../strings/en.ts';
import { Badge } from '../../ui/badge.tsx';
import { Select } from '../../ui/fields.tsx';
import { formatCount, Time } from '../../ui/format.ts';
import { Page } from '../../ui/page.tsx';
import { useRowKeys } from '../../ui/shortcuts.ts';
import { Answer, NoMatch, Notice } from '../../ui/states.tsx';
import { type Column, Table } from '../../ui/table.tsx';
import { visible } from '../../ui/visible.ts';
import { actorName, ruleName, SeverityBadge } from './alert-words.tsx';
import { FlaggedList } from './flagged.tsx';

const text = strings.alerts;
const route = getRouteApi('/frame/alerts');

export function AlertsScreen(): ReactNode {
  const search = route.useSearch();
  const navigate = useNavigate();
  const query = useQuery(alertsQuery(search));
  const set = (change: Partial<Record<keyof AlertSearch, string | undefined>>): void => {
    const next = Object.entries({ ...search, before: undefined, ...change }).filter(([, value]) => value !== undefined && value !== '');
    void navigate({ to: '/alerts', search: Object.fromEntries(next) as AlertSearch, replace: true });
  };
  useRowKeys();
  return (
    <Page title={text.title} lead={text.lead}>
      <Answer query={query}>
        {(page) => (
          <>
            <FlaggedList />
            <Filters search={search} page={page} onChange={set} />
            <p className="small soft" role="status">
              {text.openBy(page.open.critical, page.open.warning, page.open.notice)}
            </p>
            <List page={page} search={search} />
          </>
        )}
      </Answer>
    </Page>
  );
}

interface FilterProps {
  readonly search: AlertSearch;
  readonly page: AlertPage;
  readonly onChange: (change: Partial<Record<keyof AlertSearch, string | undefined>>) => void;
}

function Filters({ search, page, onChange }: FilterProps): ReactNode {
  const rules = Object.fromEntries(page.rules.map(({ rule }) => [rule, ruleName(rule)]));
  return (
    <div className="filters">
      <Select
        label={text.state}
        value={search.state ?? 'open'}
        options={text.states}
        hasAny={false}
        onChange={(state) => onChange({ state })}
      />
      <Select label={text.severity} value={search.severity} options={text.severities} onChange={(severity) => onChange({ severity })} />
      <Select label={text.rule} value={search.rule} options={rules} onChange={(rule) => onChange({ rule })} />
    </div>
  );
}

function List({ page, search }: { page: AlertPage; search: AlertSearch }): ReactNode {
  const navigate = useNavigate();
  const { before: _, ...newest } = search;
  const isFiltered = search.severity !== undefined || search.rule !== undefined || search.before !== undefined;
  if (page.alerts.length === 0) {
    if (isFiltered) return <NoMatch onClear={() => void navigate({ to: '/alerts', search: {} })} />;
    return (
      <Notice icon="shield" title={text.noneTitle}>
        <p>{text.noneLead}</p>
      </Notice>
    );
  }
  return (
    <>
      <Table caption={text.list} rows={page.alerts} keyOf={({ id }) => id} columns={COLUMNS} />
      <p className="row">
        {search.before === undefined ? null : (
          <Link to="/alerts" search={newest}>
            {text.newest}
          </Link>
        )}
        {page.next === null ? null : (
          <Link to="/alerts" search={{ ...search, before: page.next }}>
            {text.older}
          </Link>
        )}
      </p>
    </>
  );
}

const COLUMNS: readonly Column<Alert>[] = [
  { key: 'severity', head: text.severity, cell: ({ severity }) => <SeverityBadge severity={severity} /> },
  {
    key: 'what',
    head: text.what,
    cell: (alert) => (
      <>
        <Link className="go" to="/alerts/$id" params={{ id: alert.id }}>
          {ruleName(alert.rule)}
        </Link>
        {alert.times === 1 ? null : <span className="small soft"> {text.times(formatCount(alert.times))}</span>}
        <br />
        <span className="small soft">{alert.meaning}</span>
      </>
    ),
  },
  { key: 'who', head: text.who, cell: (alert) => actorName(alert) },
  { key: 'when', head: text.when, cell: ({ lastAt }) => <Time iso={lastAt} /> },
  {
    key: 'state',
    head: text.state,
    cell: ({ acknowledged }) =>
      acknowledged === null ? (
        <Badge tone="info">{text.states.open}</Badge>
      ) : (
        <span className="small">{text.acknowledgedBy(visible(acknowledged.byName))}</span>
      ),
  },
];
