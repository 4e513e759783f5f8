// What is planted where, when it was last seen protected, what was found of it, and the daily search of what the installation wrote.

import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { type Canary, canariesQuery, closeFindings, retireCanary, type SelfScan } from '../../api/canaries.ts';
import { strings } from '../../strings/en.ts';
import { Badge, type Tone } from '../../ui/badge.tsx';
import { Callout } from '../../ui/callout.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { formatCount, Time } from '../../ui/format.ts';
import { MayButton } from '../../ui/may.tsx';
import { Page } from '../../ui/page.tsx';
import { Answer, Notice } from '../../ui/states.tsx';
import { type Column, Table } from '../../ui/table.tsx';
import { visible } from '../../ui/visible.ts';
import { Findings } from './findings.tsx';
import { Plant } from './plant.tsx';

const text = strings.canaries;
const TONES: Readonly<Record<Canary['state'], Tone>> = {
  protected: 'good',
  waiting: 'info',
  stale: 'warn',
  found: 'bad',
  retired: 'plain',
};
type Asked = { readonly what: 'close' | 'retire'; readonly canary: Canary };

export const placeName = ({ place }: Canary): string => visible(place.name);
const isOpen = ({ findings }: Canary): number => findings.filter(({ closedAt }) => closedAt === null).length;

export function CanariesScreen(): ReactNode {
  const client = useQueryClient();
  const query = useQuery(canariesQuery);
  const [isPlanting, setPlanting] = useState(false);
  const [asked, setAsked] = useState<Asked | null>(null);
  const reread = (): Promise<void> => client.invalidateQueries({ queryKey: canariesQuery.queryKey });
  return (
    <Page
      title={text.title}
      lead={text.lead}
      actions={
        <MayButton action="canaries.manage" look="primary" onPress={() => setPlanting(true)}>
          {text.plant}
        </MayButton>
      }
    >
      <p className="soft">
        <a href="/docs/canaries.html">{text.docs}</a>
      </p>
      <Answer query={query}>
        {({ canaries, scan, isLost }) => (
          <>
            {isLost ? <Callout tone="warn">{text.lost}</Callout> : null}
            {canaries.length === 0 ? (
              <Notice icon="search" title={text.none}>
                <p>{text.noneLead}</p>
              </Notice>
            ) : (
              <Table caption={text.title} rows={canaries} keyOf={({ id }) => id} columns={columnsOf(setAsked)} />
            )}
            {canaries
              .filter(({ findings }) => findings.length > 0)
              .map((canary) => (
                <Findings key={canary.id} canary={canary} place={placeName(canary)} />
              ))}
            <Scan scan={scan} />
          </>
        )}
      </Answer>
      {isPlanting ? <Plant onDone={reread} onClose={() => setPlanting(false)} /> : null}
      {asked === null ? null : <Ask asked={asked} onDone={reread} onClose={() => setAsked(null)} />}
    </Page>
  );
}

const columnsOf = (ask: (asked: Asked) => void): readonly Column<Canary>[] => [
  {
    key: 'place',
    head: text.place,
    cell: (one) => (
      <>
        <strong>{placeName(one)}</strong> <span className="soft small">{text.places[one.place.kind]}</span>
      </>
    ),
  },
  { key: 'kind', head: text.kind, cell: ({ kind }) => text.kinds[kind] ?? visible(kind) },
  { key: 'state', head: text.state, cell: ({ state }) => <Badge tone={TONES[state]}>{text.states[state]}</Badge> },
  {
    key: 'seen',
    head: text.lastSeen,
    cell: ({ lastProtectedAt, protectedTimes }) =>
      lastProtectedAt === null ? (
        text.never
      ) : (
        <>
          <Time iso={lastProtectedAt} /> <span className="soft small">{text.times(protectedTimes)}</span>
        </>
      ),
  },
  { key: 'planted', head: text.planted, cell: ({ plantedAt }) => <Time iso={plantedAt} /> },
  { key: 'findings', head: text.findings, cell: (one) => (isOpen(one) === 0 ? text.noFindings : text.openFindings(isOpen(one))) },
  {
    key: 'acts',
    head: text.acts,
    cell: (canary) =>
      canary.state === 'retired' ? null : (
        <div className="row">
          {isOpen(canary) === 0 ? null : (
            <MayButton
              action="canaries.manage"
              isCompact
              aria-label={text.closeOf(placeName(canary))}
              onPress={() => ask({ what: 'close', canary })}
            >
              {text.close}
            </MayButton>
          )}
          <MayButton
            action="canaries.manage"
            isCompact
            aria-label={text.retireOf(placeName(canary))}
            onPress={() => ask({ what: 'retire', canary })}
          >
            {text.retire}
          </MayButton>
        </div>
      ),
  },
];

function Ask({ asked, onDone, onClose }: { asked: Asked; onDone: () => Promise<unknown>; onClose: () => void }): ReactNode {
  const { what, canary } = asked;
  const place = placeName(canary);
  return what === 'close' ? (
    <Confirm
      title={text.closeOf(place)}
      lead={text.closeLead}
      yes={text.close}
      done={text.closeDone}
      look="primary"
      whyNot={{ CONTROL_REQUEST_INVALID: text.sayWhy }}
      work={(reason) => closeFindings(canary.id, reason)}
      onDone={onDone}
      onClose={onClose}
    />
  ) : (
    <Confirm
      title={text.retireOf(place)}
      lead={text.retireLead}
      yes={text.retire}
      done={text.retireDone}
      look="danger"
      hasReason={false}
      work={() => retireCanary(canary.id)}
      onDone={onDone}
      onClose={onClose}
    />
  );
}

const MEGABYTE = 1024 * 1024;

function Scan({ scan }: { scan: SelfScan | null }): ReactNode {
  return (
    <section className="sheet stack tight" aria-labelledby="scan">
      <h2 id="scan">{text.scanTitle}</h2>
      {scan === null ? (
        <p className="soft">{text.scanNone}</p>
      ) : (
        <p className="row">
          <Badge tone={scan.ok ? 'good' : 'bad'}>{scan.ok ? text.noFindings : text.findings}</Badge>
          <Time iso={scan.at} />
        </p>
      )}
      {scan !== null && !scan.ok ? <p>{text.scanBad}</p> : null}
      {scan === null || scan.details === null ? null : (
        <>
          <p className="soft">
            {text.scanSize(formatCount(Math.ceil(scan.details.bytes / MEGABYTE)), scan.details.credentials, scan.details.planted)}
          </p>
          <ul>
            {scan.details.found.map(({ place, value, form }) => (
              <li key={`${place} ${value} ${form}`}>
                <code>{visible(place)}</code>: {visible(value)} ({visible(form)})
              </li>
            ))}
            {scan.details.notRead.map((place) => (
              <li key={place}>
                {text.notRead} <code>{visible(place)}</code>
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}
