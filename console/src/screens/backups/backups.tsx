// Backups in the settings: what is kept, whether it was proved, what runs now, when it runs by itself, and how a restore goes.

import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { type Backups, backupsQuery, startBackup } from '../../api/backups.ts';
import { ApiFault } from '../../api/client.ts';
import { sessionQuery } from '../../api/queries.ts';
import { strings } from '../../strings/en.ts';
import { Button } from '../../ui/button.tsx';
import { formatCount } from '../../ui/format.ts';
import { Icon } from '../../ui/icons.tsx';
import { Page } from '../../ui/page.tsx';
import { Answer, Notice } from '../../ui/states.tsx';
import { useToast } from '../../ui/toast.tsx';
import { HowToRestore, Schedule } from './backup-facts.tsx';
import { BackupList } from './backup-list.tsx';
import { RestorePart } from './restore.tsx';
import '../runs/runs.css';
import '../integrity/integrity.css';

const text = strings.backups;

export function BackupsScreen(): ReactNode {
  const query = useQuery(backupsQuery);
  const isOwner = useQuery(sessionQuery).data?.role === 'owner';
  const create = useCreate();
  const isRunning = query.data?.running != null;
  return (
    <Page
      title={text.title}
      lead={text.lead}
      actions={
        isOwner && query.data !== undefined ? (
          <Button look="primary" isPending={create.isWorking} isDisabled={isRunning} onPress={create.start}>
            {create.isWorking ? text.starting : text.create}
          </Button>
        ) : null
      }
    >
      <RestorePart />
      {create.fault === null ? null : (
        <p className="error" role="alert">
          {create.fault.message} <code>{create.fault.code}</code>
        </p>
      )}
      {isOwner ? null : <p className="small soft">{text.ownersOnly}</p>}
      <Answer query={query}>
        {(found) => (
          <>
            {found.running === null ? null : <Running running={found.running} />}
            {found.backups.length === 0 && found.running === null ? (
              <Notice icon="empty" title={text.emptyTitle}>
                <p>{text.emptyLead}</p>
              </Notice>
            ) : (
              <BackupList backups={found.backups} canAct={isOwner} />
            )}
            <div className="pair">
              <Schedule schedule={found.schedule} lastDrill={found.lastDrill} />
              <HowToRestore />
            </div>
          </>
        )}
      </Answer>
    </Page>
  );
}

function useCreate() {
  const client = useQueryClient();
  const say = useToast();
  const [isWorking, setWorking] = useState(false);
  const [fault, setFault] = useState<ApiFault | null>(null);
  async function create(): Promise<void> {
    setWorking(true);
    setFault(null);
    try {
      await startBackup();
      say(text.started);
    } catch (error) {
      setFault(error instanceof ApiFault ? error : new ApiFault(0, 'UNREACHABLE', ''));
    }
    setWorking(false);
    await client.invalidateQueries({ queryKey: ['backups'] });
  }
  return { isWorking, fault, start: () => void create() };
}

function Running({ running: { id, phase, done, total } }: { running: NonNullable<Backups['running']> }): ReactNode {
  const isKnown = total !== null && total > 0;
  return (
    <section className="sheet stack tight" aria-label={id}>
      <p className="row between">
        <span className="row snug">
          <Icon name="wait" />
          {text.running(text.phases[phase] ?? phase)}
        </span>
        <span className="soft num small">
          {isKnown ? text.progress(formatCount(done), formatCount(total)) : text.progressOpen(formatCount(done))}
        </span>
      </p>
      <progress
        className="progress"
        aria-label={text.running(text.phases[phase] ?? phase)}
        {...(isKnown ? { value: done, max: total } : {})}
      />
    </section>
  );
}
