// A fresh one-time link for somebody who is already here: asked once more, shown once.

import { type ReactNode, useState } from 'react';
import { type Invitation, newLink } from '../../api/people.ts';
import { strings } from '../../strings/en.ts';
import { Button } from '../../ui/button.tsx';
import { CopyButton } from '../../ui/copy.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { FaultLine } from '../../ui/fault-line.tsx';
import { useWork } from '../../ui/use-work.ts';
import { LinkOnce } from './invite.tsx';

const text = strings.people.invite;

export function NewLink({ person, name, onClose }: { person: string; name: string; onClose: () => void }): ReactNode {
  const [made, setMade] = useState<Invitation | null>(null);
  const { fault, isWorking, run } = useWork();
  const make = (): Promise<boolean> => run(async () => setMade(await newLink(person)));
  if (made !== null) return <LinkOnce title={text.linkTitle(name)} made={made} onClose={onClose} />;
  const isOnMachine = fault?.code === 'CONTROL_LINK_FROM_TERMINAL';
  const command = `sallyport people link ${person}`;
  return (
    <Dialog title={text.againTitle(name)} isOpen isAlert onClose={onClose}>
      <p>{isOnMachine ? text.terminalLead : text.againLead}</p>
      {isOnMachine ? <code className="secret">{command}</code> : <FaultLine fault={fault} />}
      <div className="row">
        {isOnMachine ? (
          <CopyButton value={command}>{strings.copy}</CopyButton>
        ) : (
          <Button look="primary" isPending={isWorking} onPress={() => void make()}>
            {text.go}
          </Button>
        )}
        <Button autoFocus onPress={onClose}>
          {isOnMachine ? strings.close : strings.cancel}
        </Button>
      </div>
    </Dialog>
  );
}
