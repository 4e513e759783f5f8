// Removes everything the demo brought, after asking once.

import { useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { ApiFault } from '../../api/client.ts';
import { removeDemo } from '../../api/demo.ts';
import { strings } from '../../strings/en.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { MayButton } from '../../ui/may.tsx';
import { useToast } from '../../ui/toast.tsx';

const text = strings.demo.remove;

export function RemoveSample({ onRemoved }: { onRemoved?: () => void }): ReactNode {
  const client = useQueryClient();
  const say = useToast();
  const [isAsked, setAsked] = useState(false);
  const [isWorking, setWorking] = useState(false);
  const [fault, setFault] = useState<string | null>(null);
  async function remove(): Promise<void> {
    setWorking(true);
    setFault(null);
    try {
      await removeDemo();
      setAsked(false);
      say(text.done);
      onRemoved?.();
    } catch (error) {
      setFault(error instanceof ApiFault && error.message !== '' ? error.message : strings.states.failedTitle);
    }
    setWorking(false);
    await client.invalidateQueries();
  }
  return (
    <>
      <MayButton action="demo.manage" onPress={() => setAsked(true)}>
        {text.action}
      </MayButton>
      {isAsked ? (
        <Dialog title={text.title} isOpen onClose={() => setAsked(false)} isAlert>
          <p>{text.lead}</p>
          <p className="soft small">{text.ledger}</p>
          {fault === null ? null : (
            <p className="error" role="alert">
              {fault}
            </p>
          )}
          <div className="row">
            <Button onPress={() => setAsked(false)} autoFocus>
              {strings.cancel}
            </Button>
            <Button look="danger" isPending={isWorking} onPress={() => void remove()}>
              {text.confirm}
            </Button>
          </div>
        </Dialog>
      ) : null}
    </>
  );
}
