// Asks for a passkey when the server wants to know that it is still the person, and lets what was asked go on. One dialog at a time,
// whoever waits for it.

import { useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useCallback, useEffect, useRef, useState } from 'react';
import { onStepUp } from '../api/client.ts';
import { confirmByPasskey } from '../api/passkeys.ts';
import { strings } from '../strings/en.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';

const text = strings.stepUp;

export function StepUp(): ReactNode {
  const client = useQueryClient();
  const [isOpen, setOpen] = useState(false);
  const [isWorking, setWorking] = useState(false);
  const [hasFailed, setFailed] = useState(false);
  const waiting = useRef<((isConfirmed: boolean) => void)[]>([]);

  const settle = useCallback((isConfirmed: boolean): void => {
    setOpen(false);
    for (const answer of waiting.current.splice(0)) answer(isConfirmed);
  }, []);

  useEffect(() => {
    onStepUp(
      () =>
        new Promise((answer) => {
          waiting.current.push(answer);
          setFailed(false);
          setOpen(true);
        }),
    );
    return () => onStepUp(async () => false);
  }, []);

  async function confirm(): Promise<void> {
    setWorking(true);
    setFailed(false);
    try {
      await confirmByPasskey();
      settle(true);
      await client.invalidateQueries({ queryKey: ['session'] });
    } catch {
      setFailed(true);
    }
    setWorking(false);
  }

  return (
    <Dialog title={text.title} isOpen={isOpen} onClose={() => settle(false)}>
      <p>{text.lead}</p>
      {hasFailed ? (
        <p className="error small" role="alert">
          {text.failed}
        </p>
      ) : null}
      <div className="row">
        <Button onPress={() => settle(false)}>{strings.cancel}</Button>
        <Button look="primary" isPending={isWorking} onPress={() => void confirm()} autoFocus>
          {isWorking ? text.working : text.go}
        </Button>
      </div>
    </Dialog>
  );
}
