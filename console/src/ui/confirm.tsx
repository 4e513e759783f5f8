// Asks once more, and why, does it, and says what the server answers when it refuses.

import { useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { strings } from '../strings/en.ts';
import { Button } from './button.tsx';
import { Dialog } from './dialog.tsx';
import { FaultLine } from './fault-line.tsx';
import { ReasonInput } from './reason.tsx';
import { useToast } from './toast.tsx';
import { useWork } from './use-work.ts';

export interface Props {
  readonly title: string;
  readonly lead: string;
  readonly yes: string;
  readonly done: string;
  readonly look: 'primary' | 'danger';
  readonly children?: ReactNode;
  /** Where the server keeps no reason none is asked for. */
  readonly hasReason?: boolean;
  /** Sentences for some codes. */
  readonly whyNot?: Readonly<Record<string, string>>;
  /** What takes it back. */
  readonly undo?: { readonly name: string; readonly run: () => void };
  /** Is handed the reason, empty when none was given. */
  readonly work: (reason: string) => Promise<unknown>;
  readonly onDone: () => Promise<unknown>;
  readonly onClose: () => void;
}

export function Confirm({
  title,
  lead,
  yes,
  done,
  look,
  children,
  hasReason = true,
  whyNot,
  undo,
  work,
  onDone,
  onClose,
}: Props): ReactNode {
  const client = useQueryClient();
  const say = useToast();
  const { fault, isWorking, run } = useWork(({ status }) => {
    // What one may do has changed since the page was opened: the buttons follow.
    if (status === 403) void client.invalidateQueries({ queryKey: ['session'] });
  });
  const [reason, setReason] = useState('');
  const go = (): Promise<boolean> =>
    run(async () => {
      await work(reason);
      say(done, undo);
      onClose();
      await onDone();
    });
  return (
    <Dialog title={title} isOpen isAlert onClose={onClose}>
      <p>{lead}</p>
      {children}
      {hasReason ? <ReasonInput value={reason} onChange={setReason} /> : null}
      <FaultLine fault={fault} {...(whyNot === undefined ? {} : { words: whyNot })} />
      <div className="row">
        <Button look={look} isPending={isWorking} onPress={() => void go()}>
          {yes}
        </Button>
        <Button autoFocus onPress={onClose}>
          {strings.cancel}
        </Button>
      </div>
    </Dialog>
  );
}
