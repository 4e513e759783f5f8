// One inbox and one board over every tenant one may enter. Each row leads into its tenant, where deciding happens.

import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { type FleetHealthEntry, type FleetInboxEntry, fleetHealthQuery, fleetInboxQuery, fleetTenantsQuery } from '../../api/fleet.ts';
import { strings } from '../../strings/en.ts';
import { Badge, type Tone } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { CopyButton } from '../../ui/copy.tsx';
import { Time } from '../../ui/format.ts';
import { Page } from '../../ui/page.tsx';
import { Answer, Notice } from '../../ui/states.tsx';
import { Table } from '../../ui/table.tsx';
import { visible } from '../../ui/visible.ts';
import { useEnter } from './use-enter.ts';

const text = strings.fleet;

export function FleetScreen(): ReactNode {
  const tenants = useQuery(fleetTenantsQuery);
  return (
    <Page title={text.title} lead={text.lead}>
      <Answer query={tenants}>
        {({ tenants: all, address }) => (
          <>
            {all.length < 2 ? (
              <Notice icon="empty" title={text.onlyOwn}>
                <p>{text.onlyOwnLead}</p>
              </Notice>
            ) : null}
            <Inbox />
            <Board />
            <p className="small row">
              <span>{text.address}:</span> <code>{address}</code> <CopyButton value={address}>{strings.copy}</CopyButton>
            </p>
          </>
        )}
      </Answer>
    </Page>
  );
}

type Line = FleetInboxEntry['waiting'][number] & { readonly tenant: string; readonly tenantName: string };

function Inbox(): ReactNode {
  const query = useInfiniteQuery(fleetInboxQuery);
  const enter = useEnter();
  const entries = (query.data?.pages ?? []).flatMap(({ tenants }) => tenants);
  const lines = entries
    .flatMap(({ id, name, waiting }) => waiting.map((one): Line => ({ ...one, tenant: id, tenantName: name })))
    .toSorted((left, right) => Date.parse(left.expiresAt) - Date.parse(right.expiresAt));
  return (
    <section className="stack tight" aria-labelledby="fleet-inbox">
      <h2 id="fleet-inbox">{text.inbox}</h2>
      <Answer query={query}>
        {() => (
          <>
            <Faults entries={entries} />
            {lines.length === 0 ? (
              <Notice icon="empty" title={text.inboxEmpty}>
                <p>{text.inboxEmptyLead}</p>
              </Notice>
            ) : (
              <Table
                caption={text.inbox}
                rows={lines}
                keyOf={({ id }) => id}
                columns={[
                  { key: 'tenant', head: text.tenant, cell: ({ tenantName }) => <b>{tenantName}</b> },
                  { key: 'what', head: text.inbox, cell: ({ sentence }) => visible(sentence) },
                  { key: 'until', head: text.expires, cell: ({ expiresAt }) => <Time iso={expiresAt} /> },
                  {
                    key: 'open',
                    head: text.open,
                    cell: ({ id, tenant, tenantName, sentence }) => (
                      <Button
                        aria-label={text.openNamed(visible(sentence), tenantName)}
                        onPress={() => void enter({ id: tenant, name: tenantName }, `/inbox/${id}`)}
                      >
                        {text.open}
                      </Button>
                    ),
                  },
                ]}
              />
            )}
            {entries
              .filter(({ more }) => more)
              .map(({ id, name }) => (
                <p key={id} className="small soft">
                  {text.moreThere(name)}
                </p>
              ))}
            <More query={query} />
          </>
        )}
      </Answer>
    </section>
  );
}

const LEDGER_TONE: Readonly<Record<string, Tone>> = { ok: 'good', late: 'warn', failed: 'bad' };

function Board(): ReactNode {
  const query = useInfiniteQuery(fleetHealthQuery);
  const tenants = useQuery(fleetTenantsQuery).data?.tenants ?? [];
  const enter = useEnter();
  const entries = (query.data?.pages ?? []).flatMap((page) => page.tenants);
  const isHome = (id: string): boolean => tenants.some((tenant) => tenant.id === id && tenant.home);
  return (
    <section className="stack tight" aria-labelledby="fleet-board">
      <h2 id="fleet-board">{text.board}</h2>
      <Answer query={query}>
        {() => (
          <>
            <Faults entries={entries} />
            <Table
              caption={text.board}
              rows={entries}
              keyOf={({ id }) => id}
              columns={[
                { key: 'tenant', head: text.tenant, cell: ({ name }) => <b>{name}</b> },
                {
                  key: 'ledger',
                  head: text.ledger,
                  cell: ({ ledger }) =>
                    ledger === null ? (
                      <Unseen />
                    ) : (
                      <Badge tone={LEDGER_TONE[ledger] ?? 'plain'}>{text.ledgerStates[ledger] ?? ledger}</Badge>
                    ),
                },
                {
                  key: 'runs',
                  head: text.runs,
                  cell: ({ runs }) =>
                    runs === null ? <Unseen /> : <Count count={runs.failed} shown={text.runsFailed(runs.begun, runs.failed)} />,
                },
                { key: 'waiting', head: text.waiting, cell: ({ waiting }) => (waiting === null ? <Unseen /> : waiting) },
                {
                  key: 'unresolved',
                  head: text.unresolved,
                  cell: ({ unresolved }) => (unresolved === null ? <Unseen /> : <Count count={unresolved} shown={String(unresolved)} />),
                },
                { key: 'keys', head: text.keys, cell: ({ keysExpiring }) => (keysExpiring === null ? <Unseen /> : keysExpiring) },
                {
                  key: 'until',
                  head: text.until,
                  cell: ({ accessUntil }) => (accessUntil === null ? text.untilNone : <Time iso={accessUntil} />),
                },
                {
                  key: 'enter',
                  head: text.enter,
                  cell: ({ id, name }) => (
                    <Button aria-label={text.enterNamed(name)} onPress={() => void enter(isHome(id) ? null : { id, name })}>
                      {text.enter}
                    </Button>
                  ),
                },
              ]}
            />
            <More query={query} />
          </>
        )}
      </Answer>
    </section>
  );
}

/** More than none is worth a look. */
function Count({ count, shown }: { count: number; shown: string }): ReactNode {
  return count === 0 ? shown : <Badge tone="warn">{shown}</Badge>;
}

const Unseen = (): ReactNode => <span className="soft">{text.notYours}</span>;

function Faults({ entries }: { entries: readonly Pick<FleetHealthEntry, 'id' | 'name' | 'fault'>[] }): ReactNode {
  return entries
    .filter(({ fault }) => fault !== null)
    .map(({ id, name, fault }) => (
      <p key={id} className="badge warn" role="alert">
        {name}: {text.unreadable(fault ?? '')}
      </p>
    ));
}

function More({ query }: { query: { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => unknown } }): ReactNode {
  if (!query.hasNextPage) return null;
  return (
    <p>
      <Button isPending={query.isFetchingNextPage} onPress={() => void query.fetchNextPage()}>
        {text.next}
      </Button>
    </p>
  );
}
