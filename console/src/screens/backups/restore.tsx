// A restore that waits: what was restored, what it found, who has confirmed, and the confirmation of whoever looks. It never says that
// something runs before the server does.

import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { confirmRestore, type Restore, restoreQuery } from '../../api/backups.ts';
import { sessionQuery } from '../../api/queries.ts';
import { strings } from '../../strings/en.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { formatMoment } from '../../ui/format.ts';
import { MayButton, useLook } from '../../ui/may.tsx';
import { SignsNote } from '../../ui/signs-note.tsx';
import { useToast } from '../../ui/toast.tsx';
import { useWork } from '../../ui/use-work.ts';
import { useActorName } from '../audit/audit-words.tsx';
import { ReportPart } from './restore-report.tsx';

const text = strings.backups.restore;
const THUMBPRINT_CHARS = 16;

export function RestorePart(): ReactNode {
  const restore = useLook('restore.view', restoreQuery).data;
  if (restore === undefined || restore.state === 'none') return null;
  if (restore.state === 'pending') return <Waiting restore={restore} />;
  return (
    <details className="sheet">
      <summary>{text.confirmedTitle}</summary>
      <div className="stack tight">
        <Facts restore={restore} />
        <ReportPart report={restore.report} />
      </div>
    </details>
  );
}

function Waiting({ restore }: { restore: Restore }): ReactNode {
  const me = useQuery(sessionQuery).data?.person;
  const isMine = restore.confirmedBy.some(({ by }) => me !== undefined && (by === me || by === `person:${me}`));
  const left = restore.needed - restore.confirmedBy.length;
  return (
    <section className="sheet stack tight verdict warn" aria-labelledby="restore">
      <div>
        <h2 id="restore">{text.title}</h2>
        <p className="small">{text.lead}</p>
      </div>
      <Facts restore={restore} />
      <ReportPart report={restore.report} />
      {restore.runsAt === null ? null : <p>{text.runsAt(formatMoment(restore.runsAt))}</p>}
      {left <= 0 ? null : <p>{isMine ? text.other : restore.needed === 1 ? text.neededSolo : text.needed(left)}</p>}
      {isMine ? null : <Confirm />}
    </section>
  );
}

function Facts({ restore }: { restore: Restore }): ReactNode {
  const nameOf = useActorName();
  return (
    <dl className="facts">
      <dt>{text.backup}</dt>
      <dd className="mono">{restore.backup ?? strings.none}</dd>
      <dt>{text.restoredAt}</dt>
      <dd>{restore.restoredAt === null ? strings.none : formatMoment(restore.restoredAt)}</dd>
      <dt>{text.confirmedBy}</dt>
      <dd>
        {restore.confirmedBy.length === 0
          ? text.nobody
          : restore.confirmedBy.map(({ by, at, passkey }) => (
              <div key={`${by} ${at}`}>
                {nameOf(by)} <span className="soft">{formatMoment(at)}</span>{' '}
                <span className="soft">{passkey === null ? text.unsigned : text.signed(passkey.slice(0, THUMBPRINT_CHARS))}</span>
              </div>
            ))}
      </dd>
      {restore.confirmedAt === null ? null : (
        <>
          <dt>{text.confirmedAt}</dt>
          <dd>{formatMoment(restore.confirmedAt)}</dd>
        </>
      )}
    </dl>
  );
}

function Confirm(): ReactNode {
  const client = useQueryClient();
  const say = useToast();
  const [isOpen, setOpen] = useState(false);
  const { fault, isWorking, run } = useWork();
  async function confirm(): Promise<void> {
    await run(async () => {
      await confirmRestore();
      say(text.confirmed);
      setOpen(false);
    });
    await client.invalidateQueries({ queryKey: ['restore'] });
  }
  return (
    <div className="row">
      <MayButton action="restore.confirm" look="danger" onPress={() => setOpen(true)}>
        {text.confirm}
      </MayButton>
      <Dialog title={text.confirmTitle} isOpen={isOpen} isAlert onClose={() => setOpen(false)}>
        <p>{text.confirmLead}</p>
        <SignsNote />
        {fault === null ? null : (
          <p className="error small" role="alert">
            {fault.message} <code>{fault.code}</code>
          </p>
        )}
        <div className="row between">
          <Button onPress={() => setOpen(false)}>{strings.cancel}</Button>
          <Button look="danger" isPending={isWorking} onPress={() => void confirm()}>
            {text.confirm}
          </Button>
        </div>
      </Dialog>
    </div>
  );
}
