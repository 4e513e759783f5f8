// The sealed events, newest first, with search and filters in the address, and the verifier.

import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { type EventSearch, eventsQuery } from '../../api/queries.ts';
import type { LedgerEvent } from '../../api/types.ts';
import { strings } from '../../strings/en.ts';
import { Time } from '../../ui/format.ts';
import { Page } from '../../ui/page.tsx';
import { useRowKeys } from '../../ui/shortcuts.ts';
import { Answer, NoMatch, Notice } from '../../ui/states.tsx';
import { type Column, Table } from '../../ui/table.tsx';
import { AuditFilters } from './audit-filters.tsx';
import { VerifyPart } from './audit-verify.tsx';
import { SubjectLink, useActorName } from './audit-words.tsx';
import '../runs/runs.css';

const text = strings.audit;
const route = getRouteApi('/frame/audit');

const columnsOf = (nameOf: (by: string | null) => string): readonly Column<LedgerEvent>[] => [
  {
    key: 'seq',
    head: text.number,
    cell: ({ seq }) => (
      <Link className="go" to="/audit/$seq" params={{ seq: String(seq) }} aria-label={text.event(seq)}>
        {seq}
      </Link>
    ),
  },
  { key: 'at', head: text.when, cell: ({ entry }) => <Time iso={entry.at} /> },
  {
    key: 'type',
    head: text.what,
    cell: ({ entry }) => (
      <>
        <div>
          {strings.events[entry.type]}
          {typeof entry.public.code === 'string' ? <code className="code-note">{entry.public.code}</code> : null}
        </div>
        <Link className="mono quiet-link" to="/audit" search={{ type: entry.type }}>
          {entry.type}
        </Link>
      </>
    ),
  },
  {
    key: 'by',
    head: text.by,
    cell: ({ entry, by = null }) => (
      <Link to="/audit" search={{ actor: entry.actor }} title={by ?? entry.actor}>
        {nameOf(by)}
      </Link>
    ),
  },
  { key: 'subject', head: text.about, cell: ({ entry }) => <SubjectLink subject={entry.subject} /> },
];

export function AuditScreen(): ReactNode {
  const search = route.useSearch();
  const navigate = useNavigate();
  const query = useQuery(eventsQuery(search));
  const nameOf = useActorName();
  const isFiltered = Object.keys(search).length > 0;
  useRowKeys();
  return (
    <Page title={text.title} lead={text.lead}>
      <VerifyPart />
      <AuditFilters key={JSON.stringify(search)} search={search} nameOf={nameOf} />
      <Answer query={query}>
        {({ events, next }) =>
          events.length > 0 ? (
            <>
              <Table caption={text.title} columns={columnsOf(nameOf)} rows={events} keyOf={({ seq }) => String(seq)} />
              <Pages search={search} next={next} />
            </>
          ) : isFiltered ? (
            <NoMatch onClear={() => void navigate({ to: '/audit', search: {} })} />
          ) : (
            <Notice icon="empty" title={text.emptyTitle}>
              <p>{text.emptyLead}</p>
            </Notice>
          )
        }
      </Answer>
    </Page>
  );
}

function Pages({ search, next }: { search: EventSearch; next: number | null }): ReactNode {
  const { before, ...rest } = search;
  return (
    <div className="row between">
      <p className="row">
        {before === undefined ? null : (
          <Link className="button" to="/audit" search={rest}>
            {text.newest}
          </Link>
        )}
        {next === null ? null : (
          <Link className="button" to="/audit" search={{ ...search, before: next }}>
            {strings.more}
          </Link>
        )}
      </p>
      {Object.keys(rest).length === 0 ? null : <p className="small soft">{text.exportNote}</p>}
    </div>
  );
}
