// Asks once more, and why, does it, and says what the server answers when it refuses.

import { type ReactNode, useState } from 'react';
import { ApiFault } from '../../api/client.ts';
import { strings } from '../../strings/en.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { ReasonInput } from '../../ui/reason.tsx';
import { useToast } from '../../ui/toast.tsx';

export interface Props {
  readonly title: string;
  readonly lead: string;
  readonly yes: string;
  readonly done: string;
  readonly look: 'primary' | 'danger';
  readonly children?: ReactNode;
  /** Is handed the reason, empty when none was given. */
  readonly work: (reason: string) => Promise<unknown>;
  readonly onDone: () => Promise<unknown>;
  readonly onClose: () => void;
}

export function Confirm({ title, lead, yes, done, look, children, work, onDone, onClose }: Props): ReactNode {
  const say = useToast();
  const [fault, setFault] = useState<ApiFault | null>(null);
  const [isWorking, setWorking] = useState(false);
  const [reason, setReason] = useState('');
  async function go(): Promise<void> {
    setWorking(true);
    try {
      await work(reason);
      say(done);
      onClose();
      await onDone();
    } catch (error) {
      setFault(error instanceof ApiFault ? error : new ApiFault(0, 'UNREACHABLE', ''));
      setWorking(false);
    }
  }
  return (
    <Dialog title={title} isOpen isAlert onClose={onClose}>
      <p>{lead}</p>
      {children}
      <ReasonInput value={reason} onChange={setReason} />
      {fault === null ? null : (
        <div role="alert" className="stack tight">
          <p className="error">
            {strings.workflows.whyNot[fault.code] ?? (fault.message === '' ? strings.states.failedLead : fault.message)}
          </p>
          <p className="small">
            {strings.states.code} <code>{fault.code}</code>
          </p>
        </div>
      )}
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
