// Every backup with what is known of it, and the two ways to prove it. A backup that was only written is not called good.

import { useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { type Backup, drillBackup, verifyBackup } from '../../api/backups.ts';
import { ApiFault } from '../../api/client.ts';
import { strings } from '../../strings/en.ts';
import { Badge, type Tone } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { formatBytes, formatCount, formatMoment, shortId, Time } from '../../ui/format.ts';
import { type Column, Table } from '../../ui/table.tsx';
import { useToast } from '../../ui/toast.tsx';

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
  { key: 'state', head: text.state, cell: ({ state }) => <Badge tone={TONES[state] ?? 'plain'}>{text.states[state] ?? state}</Badge> },
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

export function BackupList({ backups, canAct }: { backups: readonly Backup[]; canAct: boolean }): ReactNode {
  const actions: Column<Backup> = {
    key: 'actions',
    head: text.actions,
    cell: (backup) => (backup.state === 'complete' ? <Actions id={backup.id} /> : <span className="soft">{text.nothing}</span>),
  };
  return <Table caption={text.list} columns={canAct ? [...COLUMNS, actions] : COLUMNS} rows={backups} keyOf={({ id }) => id} />;
}

type Act = 'verify' | 'drill';
const ACTS = { verify: verifyBackup, drill: drillBackup };

function Actions({ id }: { id: string }): ReactNode {
  const client = useQueryClient();
  const say = useToast();
  const [working, setWorking] = useState<Act | null>(null);
  const [fault, setFault] = useState<string | null>(null);
  async function act(what: Act): Promise<void> {
    setWorking(what);
    setFault(null);
    try {
      const { ok, code } = await ACTS[what](id);
      if (ok) say(what === 'verify' ? text.verifiedNow : text.drilledNow);
      else setFault(text.bad(code ?? ''));
    } catch (error) {
      setFault(text.bad(error instanceof ApiFault ? error.code : 'UNREACHABLE'));
    }
    setWorking(null);
    await client.invalidateQueries({ queryKey: ['backups'] });
  }
  return (
    <div className="stack tight">
      <div className="row snug">
        <Button
          aria-label={text.verifyOf(shortId(id))}
          isPending={working === 'verify'}
          isDisabled={working === 'drill'}
          onPress={() => void act('verify')}
        >
          {working === 'verify' ? text.verifying : text.verify}
        </Button>
        <Button
          aria-label={text.drillOf(shortId(id))}
          isPending={working === 'drill'}
          isDisabled={working === 'verify'}
          onPress={() => void act('drill')}
        >
          {working === 'drill' ? text.drilling : text.tryIt}
        </Button>
      </div>
      {fault === null ? null : (
        <p className="error small" role="alert">
          {fault}
        </p>
      )}
    </div>
  );
}
