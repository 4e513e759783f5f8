// Backups in the settings: what is kept, whether it was proved, what runs now, when it runs by itself, and how a restore goes.

import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { backupsQuery, beginBackup } from '../../api/backups.ts';
import { strings } from '../../strings/en.ts';
import { MayButton } from '../../ui/may.tsx';
import { Page } from '../../ui/page.tsx';
import { Answer, Notice } from '../../ui/states.tsx';
import { HowToRestore, Schedule } from './backup-facts.tsx';
import { BackupList } from './backup-list.tsx';
import { Jobs } from './jobs.tsx';
import { RestorePart } from './restore.tsx';
import { useBegin } from './use-begin.ts';
import '../runs/runs.css';
import '../integrity/integrity.css';

const text = strings.backups;

export function BackupsScreen(): ReactNode {
  const query = useQuery(backupsQuery);
  const begin = useBegin();
  const isBusy = begin.isWorking || query.data?.running != null;
  return (
    <Page
      title={text.title}
      lead={text.lead}
      actions={
        query.data === undefined ? null : (
          <MayButton action="backups.manage" look="primary" isDisabled={isBusy} onPress={() => begin.run(beginBackup)}>
            {text.create}
          </MayButton>
        )
      }
    >
      <RestorePart />
      {begin.fault === null ? null : (
        <p className="verdict-line bad" role="alert">
          {begin.fault.message} <code>{begin.fault.code}</code>
        </p>
      )}
      <Answer query={query}>
        {({ backups, running, last, schedule, lastDrill }) => (
          <>
            <Jobs running={running} last={last} />
            {backups.length === 0 ? (
              <Notice icon="empty" title={text.emptyTitle}>
                <p>{text.emptyLead}</p>
              </Notice>
            ) : (
              <BackupList backups={backups} isBusy={isBusy} begin={begin.run} />
            )}
            <div className="pair">
              <Schedule schedule={schedule} lastDrill={lastDrill} />
              <HowToRestore />
            </div>
          </>
        )}
      </Answer>
    </Page>
  );
}
