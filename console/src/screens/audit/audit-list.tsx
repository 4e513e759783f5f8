// The events that answer the question, newest first. What is on the page stays where it is: newer events are announced and wait until they
// are asked for.

import { Link, useNavigate } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import type { EventPage, EventSearch } from '../../api/audit.ts';
import { ApiFault } from '../../api/client.ts';
import type { LedgerEvent } from '../../api/types.ts';
import { strings } from '../../strings/en.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { formatCount, Time } from '../../ui/format.ts';
import { useRowKeys } from '../../ui/shortcuts.ts';
import { Answer, Notice } from '../../ui/states.tsx';
import { type Column, Table } from '../../ui/table.tsx';
import type { NameOf } from './audit-filters.tsx';
import { SubjectLink } from './audit-words.tsx';
import { WhatChanged } from './privileged-row.tsx';

const text = strings.audit;

interface Props {
  readonly query: {
    readonly data: EventPage | undefined;
    readonly error: unknown;
    readonly refetch: () => unknown;
    readonly isPlaceholderData: boolean;
  };
  readonly search: EventSearch;
  readonly nameOf: NameOf;
}

export function EventList({ query, search, nameOf }: Props): ReactNode {
  useRowKeys();
  const { error } = query;
  if (query.data === undefined && error instanceof ApiFault && error.status === 400) return <NotAskable fault={error} />;
  return (
    <div className="stack tight">
      <Answer query={query}>
        {(page) => <Held key={query.isPlaceholderData ? 'before' : 'now'} newest={page} search={search} nameOf={nameOf} />}
      </Answer>
    </div>
  );
}

function Held({ newest, search, nameOf }: { newest: EventPage; search: EventSearch; nameOf: NameOf }): ReactNode {
  const [page, setPage] = useState(newest);
  const isFirst = search.before === undefined;
  const top = page.events[0]?.seq ?? -1;
  const fresh = isFirst ? newest.events.filter(({ seq }) => seq > top).length : 0;
  // With nothing on the page nothing can move.
  const shown = page.events.length === 0 ? newest : page;
  const { privileged, ...asked } = search;
  if (shown.events.length === 0 && shown.next !== null) return <Further search={search} page={shown} />;
  if (shown.events.length === 0) return Object.keys(asked).length > 0 || privileged !== undefined ? <Nothing search={search} /> : <Empty />;
  return (
    <>
      <div className="row between newer">
        <p className="small soft" role="status" aria-live="polite">
          {!isFirst ? text.pageOlder : fresh === 0 ? text.live : text.newer(formatCount(fresh))}
        </p>
        {fresh === 0 ? null : <Button onPress={() => setPage(newest)}>{text.showNewer}</Button>}
      </div>
      <Table
        caption={privileged === 'yes' ? text.views.privileged : text.title}
        columns={privileged === 'yes' ? privilegedColumns(nameOf) : columnsOf(nameOf)}
        rows={shown.events}
        keyOf={({ seq }) => String(seq)}
      />
      <Pages search={search} page={shown} />
    </>
  );
}

const seqColumn: Column<LedgerEvent> = {
  key: 'seq',
  head: text.number,
  cell: ({ seq }) => (
    <Link className="go tight" to="/audit/$seq" params={{ seq: String(seq) }} aria-label={text.event(seq)}>
      {seq}
    </Link>
  ),
};
const atColumn: Column<LedgerEvent> = { key: 'at', head: text.when, cell: ({ entry }) => <Time iso={entry.at} /> };

const typeColumn = (withBadge: boolean): Column<LedgerEvent> => ({
  key: 'type',
  head: text.what,
  cell: ({ entry, privileged = false }) => (
    <>
      <div className="row snug">
        <span>{strings.events[entry.type] ?? entry.type}</span>
        {withBadge && privileged ? (
          <Badge tone="plain" icon="lock">
            {text.privileged}
          </Badge>
        ) : null}
        {typeof entry.public.code === 'string' ? <code className="soft">{entry.public.code}</code> : null}
      </div>
      <Link className="mono quiet-link" to="/audit" search={{ type: entry.type }}>
        {entry.type}
      </Link>
    </>
  ),
});

const byColumn = (nameOf: NameOf): Column<LedgerEvent> => ({
  key: 'by',
  head: text.by,
  cell: ({ entry, by = null }) => (
    <Link to="/audit" search={{ actor: entry.actor }} title={by ?? entry.actor}>
      {nameOf(by)}
    </Link>
  ),
});

const columnsOf = (nameOf: NameOf): readonly Column<LedgerEvent>[] => [
  seqColumn,
  atColumn,
  typeColumn(true),
  byColumn(nameOf),
  { key: 'subject', head: text.about, cell: ({ entry }) => <SubjectLink subject={entry.subject} /> },
];

const privilegedColumns = (nameOf: NameOf): readonly Column<LedgerEvent>[] => [
  seqColumn,
  atColumn,
  typeColumn(false),
  byColumn(nameOf),
  { key: 'changed', head: text.changed, cell: (event) => <WhatChanged event={event} /> },
];

/** The server does not take the question, and says why. */
function NotAskable({ fault }: { fault: ApiFault }): ReactNode {
  const navigate = useNavigate();
  return (
    <Notice icon="warn" title={text.badTitle} isAlert>
      <p>{fault.message}</p>
      <Button onPress={() => void navigate({ to: '/audit', search: {} })}>{strings.clearFilters}</Button>
    </Notice>
  );
}

/** The question was put well, and nothing answers it. */
function Nothing({ search }: { search: EventSearch }): ReactNode {
  const navigate = useNavigate();
  const hasTime = search.since !== undefined || search.from !== undefined || search.to !== undefined;
  const { since: _, from: __, to: ___, before: ____, ...anyTime } = search;
  return (
    <Notice icon="search" title={strings.states.noMatchTitle}>
      <p>{text.noMatchLead}</p>
      <div className="row">
        <Button onPress={() => void navigate({ to: '/audit', search: {} })}>{strings.clearFilters}</Button>
        {hasTime ? <Button onPress={() => void navigate({ to: '/audit', search: anyTime })}>{text.anyTime}</Button> : null}
      </div>
    </Notice>
  );
}

/** Nothing yet, and the server says that it did not look at all there is. */
function Further({ search, page }: { search: EventSearch; page: EventPage }): ReactNode {
  return (
    <Notice icon="search" title={text.furtherTitle}>
      <p>{text.furtherLead(formatCount(page.scanned))}</p>
      <Link className="button" to="/audit" search={olderOf(search, page)}>
        {text.further}
      </Link>
    </Notice>
  );
}

function Empty(): ReactNode {
  return (
    <Notice icon="empty" title={text.emptyTitle}>
      <p>{text.emptyLead}</p>
    </Notice>
  );
}

/** A preset moves with the clock; the pages of one walk do not. */
function olderOf({ before: _, ...search }: EventSearch, { from, next }: EventPage): EventSearch {
  const { since: __, ...still } = search;
  return { ...(from === null ? search : { ...still, from }), ...(next === null ? {} : { before: next }) };
}

function Pages({ search, page }: { search: EventSearch; page: EventPage }): ReactNode {
  const { before, ...rest } = search;
  if (before === undefined && page.next === null) return null;
  return (
    <p className="row">
      {before === undefined ? null : (
        <Link className="button" to="/audit" search={rest}>
          {text.newest}
        </Link>
      )}
      {page.next === null ? null : (
        <Link className="button" to="/audit" search={olderOf(search, page)}>
          {strings.more}
        </Link>
      )}
    </p>
  );
}
