// Whoever was sent data of an erased person and must delete it too: by a call that waits in the inbox, or by hand with a note.

import { Link } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { againTask, closeTask, type PrivacyRequestDetails, type PrivacyTask } from '../../api/privacy.ts';
import { strings } from '../../strings/en.ts';
import { Badge } from '../../ui/badge.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { FaultLine } from '../../ui/fault-line.tsx';
import { TextInput } from '../../ui/fields.tsx';
import { Time } from '../../ui/format.ts';
import { MayButton } from '../../ui/may.tsx';
import { Table } from '../../ui/table.tsx';
import { useWork } from '../../ui/use-work.ts';
import { visible } from '../../ui/visible.ts';
import { className } from '../data/words.ts';

const text = strings.privacy.requests;
const TONES = { waiting: 'warn', blocked: 'warn', refused: 'bad', failed: 'bad', unknown: 'bad', done: 'good' } as const;
/** What may be put before somebody once more. */
const STOPPED: ReadonlySet<string | null> = new Set(['blocked', 'refused', 'failed']);

interface TasksProps {
  readonly request: PrivacyRequestDetails;
  readonly onDone: () => Promise<unknown>;
}

export function Tasks({ request, onDone }: TasksProps): ReactNode {
  const { fault, isWorking, run } = useWork();
  const [closing, setClosing] = useState<PrivacyTask | null>(null);
  const again = (id: string) => () =>
    void run(async () => {
      await againTask(id);
      await onDone();
    });
  return (
    <section className="stack tight" aria-labelledby="vendors">
      <h2 id="vendors">{text.vendorTitle}</h2>
      <p className="soft">{text.vendorLead}</p>
      <FaultLine fault={fault} />
      <Table
        caption={text.vendorTitle}
        rows={request.tasks}
        keyOf={(one) => one.id}
        columns={[
          { key: 'vendor', head: text.vendor, cell: (one) => visible(one.vendor) },
          { key: 'classes', head: text.classes, cell: (one) => one.classes.map(className).join(', ') || '–' },
          {
            key: 'operation',
            head: text.operation,
            cell: (one) => (one.operation === null ? '–' : <code className="whole">{visible(one.operation)}</code>),
          },
          { key: 'due', head: text.due, cell: (one) => <Time iso={one.dueAt} /> },
          { key: 'state', head: text.state, cell: (one) => <Standing task={one} /> },
          {
            key: 'act',
            head: text.act,
            cell: (one) =>
              one.state === 'done' ? null : (
                <span className="row">
                  {STOPPED.has(one.outcome) ? (
                    <MayButton
                      action="privacy.handle"
                      isCompact
                      isPending={isWorking}
                      aria-label={`${text.askAgain}: ${visible(one.vendor)}`}
                      onPress={again(one.id)}
                    >
                      {text.askAgain}
                    </MayButton>
                  ) : null}
                  <MayButton
                    action="privacy.handle"
                    isCompact
                    aria-label={`${text.markDone}: ${visible(one.vendor)}`}
                    onPress={() => setClosing(one)}
                  >
                    {text.markDone}
                  </MayButton>
                </span>
              ),
          },
        ]}
      />
      {closing === null ? null : <Close task={closing} onDone={onDone} onClose={() => setClosing(null)} />}
    </section>
  );
}

function Standing({ task }: { readonly task: PrivacyTask }): ReactNode {
  const { state, outcome, code, approval, note } = task;
  if (state === 'done')
    return (
      <span className="stack tight">
        <Badge tone="good">{outcome === 'done' ? text.outcomes.done : text.doneWord}</Badge>
        {note === null || note === '' ? null : <span className="soft">{visible(note)}</span>}
      </span>
    );
  if (outcome === null) return <Badge tone="plain">{task.isCall ? text.outcomes.asking : text.byHand}</Badge>;
  return (
    <span className="stack tight">
      <Badge tone={TONES[outcome]}>{text.outcomes[outcome]}</Badge>
      {code === null ? null : <code>{visible(code)}</code>}
      {outcome === 'waiting' && approval !== null ? (
        <Link to="/inbox/$id" params={{ id: approval }}>
          {text.openInbox}
        </Link>
      ) : null}
      {outcome === 'unknown' ? <Link to="/inbox">{text.openInbox}</Link> : null}
    </span>
  );
}

function Close({
  task,
  onDone,
  onClose,
}: {
  readonly task: PrivacyTask;
  readonly onDone: () => Promise<unknown>;
  readonly onClose: () => void;
}): ReactNode {
  const [note, setNote] = useState('');
  return (
    <Confirm
      title={text.closeTitle(visible(task.vendor))}
      lead={task.isCall ? text.closeCallLead : text.closeLead}
      yes={text.markDone}
      done={text.closed}
      look="primary"
      hasReason={false}
      work={() => closeTask(task.id, note.trim())}
      onDone={onDone}
      onClose={onClose}
    >
      <TextInput label={text.note} hint={text.noteHint} value={note} onChange={setNote} />
    </Confirm>
  );
}
