// The sealed events, newest first, with search in the address, and the verifier.

import { useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { ApiFault, api } from '../api/client.ts';
import { eventsQuery } from '../api/queries.ts';
import type { LedgerEvent, Verdict } from '../api/types.ts';
import { strings } from '../strings/en.ts';
import { Badge } from '../ui/badge.tsx';
import { Button } from '../ui/button.tsx';
import { TextInput } from '../ui/fields.tsx';
import { formatCount, formatMoment, shortId, Time } from '../ui/format.ts';
import { Page } from '../ui/page.tsx';
import { Answer, Failed, NoMatch, Notice } from '../ui/states.tsx';
import { type Column, Table } from '../ui/table.tsx';

const text = strings.audit;
const route = getRouteApi('/frame/audit');
/** As the server takes them. */
const TYPE = /^[a-z][a-z.]{0,99}$/;
const SUBJECT = /^[\w:.-]{1,200}$/;

const COLUMNS: readonly Column<LedgerEvent>[] = [
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
        <div>{strings.events[entry.type]}</div>
        <span className="mono soft">{entry.type}</span>
      </>
    ),
  },
  {
    key: 'subject',
    head: text.about,
    cell: ({ entry }) => (
      <Link className="mono" to="/audit" search={{ subject: entry.subject }} title={entry.subject}>
        {shortId(entry.subject)}
      </Link>
    ),
  },
];

export function AuditScreen(): ReactNode {
  const search = route.useSearch();
  const navigate = useNavigate();
  const query = useQuery(eventsQuery(search));
  const isFiltered = Object.keys(search).length > 0;
  return (
    <Page title={text.title} lead={text.lead}>
      <VerifyPart />
      <Search key={`${search.type ?? ''} ${search.subject ?? ''}`} type={search.type ?? ''} subject={search.subject ?? ''} />
      <Answer query={query}>
        {({ events, next }) =>
          events.length > 0 ? (
            <>
              <Table caption={text.title} columns={COLUMNS} rows={events} keyOf={({ seq }) => String(seq)} />
              {next === null ? null : (
                <Link className="button" to="/audit" search={{ ...search, before: next }}>
                  {strings.more}
                </Link>
              )}
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

function Search({ type, subject }: { type: string; subject: string }): ReactNode {
  const navigate = useNavigate();
  const [wanted, setWanted] = useState({ type, subject });
  const wrong = {
    type: wanted.type !== '' && !TYPE.test(wanted.type) ? text.badFilter : null,
    subject: wanted.subject !== '' && !SUBJECT.test(wanted.subject) ? text.badFilter : null,
  };
  const submit = (): void => {
    if (wrong.type !== null || wrong.subject !== null) return;
    const next = Object.fromEntries(Object.entries(wanted).filter(([, value]) => value !== ''));
    void navigate({ to: '/audit', search: next });
  };
  return (
    <form
      className="filters"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <TextInput
        label={text.type}
        hint={text.typeHint}
        error={wrong.type}
        value={wanted.type}
        onChange={(value) => setWanted({ ...wanted, type: value.trim() })}
      />
      <TextInput
        label={text.subject}
        hint={text.subjectHint}
        error={wrong.subject}
        value={wanted.subject}
        onChange={(value) => setWanted({ ...wanted, subject: value.trim() })}
      />
      <div className="row">
        <Button type="submit">{strings.filter}</Button>
        {type === '' && subject === '' ? null : (
          <Button look="quiet" onPress={() => void navigate({ to: '/audit', search: {} })}>
            {strings.clearFilters}
          </Button>
        )}
      </div>
    </form>
  );
}

function VerifyPart(): ReactNode {
  const client = useQueryClient();
  const [state, setState] = useState<'idle' | 'working' | Verdict | ApiFault>('idle');
  async function verify(): Promise<void> {
    setState('working');
    try {
      setState(await api<Verdict>('POST', '/api/ledger/verify'));
      await client.invalidateQueries({ queryKey: ['events'] });
    } catch (error) {
      setState(error instanceof ApiFault ? error : new ApiFault(0, 'UNREACHABLE', ''));
    }
  }
  return (
    <section className="stack tight" aria-label={text.verify}>
      <div className="row">
        <Button look="primary" isPending={state === 'working'} onPress={() => void verify()}>
          {state === 'working' ? text.verifying : text.verify}
        </Button>
        <a className="button" href="/api/ledger/export" download>
          {text.download}
        </a>
      </div>
      <div role="status" aria-live="polite">
        {state === 'idle' || state === 'working' || state instanceof ApiFault ? null : <VerdictPart verdict={state} />}
      </div>
      {state instanceof ApiFault ? <Failed fault={state} onRetry={() => void verify()} /> : null}
    </section>
  );
}

function VerdictPart({ verdict }: { verdict: Verdict }): ReactNode {
  return (
    <div className={`sheet verdict ${verdict.ok ? '' : 'bad'}`}>
      <p className="row">
        <Badge tone={verdict.ok ? 'good' : 'bad'}>{verdict.ok ? text.verified : text.notVerified}</Badge>
        <span>{verdict.ok ? text.verdict(formatCount(verdict.events)) : verdict.message}</span>
      </p>
      <code className="secret">{verdict.verifierKey}</code>
      <dl className="facts">
        <dt>{text.at}</dt>
        <dd>{formatMoment(verdict.verifiedAt)}</dd>
        <dt>{text.checkpoint}</dt>
        <dd>{verdict.globalSize === null ? strings.none : formatCount(verdict.globalSize)}</dd>
        <dt>{text.unsealed}</dt>
        <dd>{formatCount(verdict.unsealed ?? 0)}</dd>
        {verdict.firstBad === null ? null : (
          <>
            <dt>{text.firstBad}</dt>
            <dd>{verdict.firstBad}</dd>
          </>
        )}
      </dl>
      <p className="small soft">{text.how}</p>
    </div>
  );
}
