// Every backup with what is known of it, and the two ways to prove it. A backup that was only written is not called good.

import type { ReactNode } from 'react';
import { type Backup, beginOn } from '../../api/backups.ts';
import { strings } from '../../strings/en.ts';
import { Badge, type Tone } from '../../ui/badge.tsx';
import { formatBytes, formatCount, formatMoment, shortId, Time } from '../../ui/format.ts';
import { MayButton } from '../../ui/may.tsx';
import { type Column, Table } from '../../ui/table.tsx';
import type { Begin } from './use-begin.ts';

const text = strings.backups;
const TONES: Readonly<Record<string, Tone>> = { running: 'info', complete: 'good', failed: 'bad' };

const COLUMNS: readonly Column<Backup>[] = [
  {
    key: 'id',
    head: text.id,
    cell: ({ id, createdAt }) => (
      <>
        <b className="tight">{formatMoment(createdAt)}</b>
        <div className="mono soft tight" title={id}>
          {shortId(id)}
        </div>
      </>
    ),
  },
  {
    key: 'state',
    head: text.state,
    cell: ({ state, code, hasKeys }) => (
      <>
        <Badge tone={TONES[state] ?? 'plain'}>{text.states[state] ?? state}</Badge>
        {code === null ? null : <code className="small">{code}</code>}
        {hasKeys ? null : <div className="small soft">{text.noKeys}</div>}
      </>
    ),
  },
  {
    key: 'bytes',
    head: text.size,
    cell: ({ state, bytes }) => <span className="num tight">{state === 'complete' ? formatBytes(bytes) : text.nothing}</span>,
  },
  {
    key: 'events',
    head: text.events,
    cell: ({ state, events }) => <span className="num">{state === 'complete' ? formatCount(events) : text.nothing}</span>,
  },
  {
    key: 'verified',
    head: text.verified,
    cell: ({ verifiedAt }) => (verifiedAt === null ? <span className="soft">{text.notVerified}</span> : <Time iso={verifiedAt} />),
  },
  { key: 'drill', head: text.drill, cell: ({ drill }) => <DrillWords drill={drill} /> },
];

export function DrillWords({ drill }: { drill: Backup['drill'] }): ReactNode {
  if (drill === null) return <span className="soft">{text.drillNone}</span>;
  return (
    <>
      <Badge tone={drill.ok ? 'good' : 'bad'}>{drill.ok ? text.drillOk : text.drillBad}</Badge>
      <div className="small soft">
        {formatMoment(drill.at)} {drill.ok || drill.code === null ? null : <code>{drill.code}</code>}
      </div>
    </>
  );
}

interface Props {
  readonly backups: readonly Backup[];
  readonly isBusy: boolean;
  readonly begin: Begin['run'];
}

export function BackupList({ backups, isBusy, begin }: Props): ReactNode {
  const actions: Column<Backup> = {
    key: 'actions',
    head: text.actions,
    cell: ({ id, state }) =>
      state === 'complete' ? (
        <div className="row snug">
          <MayButton
            action="backups.manage"
            isCompact
            aria-label={text.verifyOf(shortId(id))}
            isDisabled={isBusy}
            onPress={() => begin(() => beginOn(id, 'verify'))}
          >
            {text.verify}
          </MayButton>
          <MayButton
            action="backups.manage"
            isCompact
            aria-label={text.drillOf(shortId(id))}
            isDisabled={isBusy}
            onPress={() => begin(() => beginOn(id, 'drill'))}
          >
            {text.tryIt}
          </MayButton>
        </div>
      ) : (
        <span className="soft">{text.nothing}</span>
      ),
  };
  return <Table caption={text.list} columns={[...COLUMNS, actions]} rows={backups} keyOf={({ id }) => id} />;
}
