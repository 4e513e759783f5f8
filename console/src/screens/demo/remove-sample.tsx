// Removes everything the demo brought, after asking once.

import { useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { removeDemo } from '../../api/demo.ts';
import { strings } from '../../strings/en.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { MayButton } from '../../ui/may.tsx';
import { useToast } from '../../ui/toast.tsx';
import { useWork } from '../../ui/use-work.ts';

const text = strings.demo.remove;

export function RemoveSample({ onRemoved }: { onRemoved?: () => void }): ReactNode {
  const client = useQueryClient();
  const say = useToast();
  const [isAsked, setAsked] = useState(false);
  const { fault, isWorking, run } = useWork();
  async function remove(): Promise<void> {
    await run(async () => {
      await removeDemo();
      setAsked(false);
      say(text.done);
      onRemoved?.();
    });
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
              {fault.message || strings.states.failedTitle}
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
