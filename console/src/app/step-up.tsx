// Asks for a passkey when the server wants to know that it is still the person, and lets what was asked go on. Somebody without one proves it
// with the second factor of their company's login, which leads away and back. One dialog at a time, whoever waits for it.

import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useCallback, useEffect, useRef, useState } from 'react';
import { ApiFault, onStepUp } from '../api/client.ts';
import { offeredQuery, proveByLogin } from '../api/federation.ts';
import { confirmByPasskey } from '../api/passkeys.ts';
import { sessionQuery } from '../api/queries.ts';
import { refusedWords } from '../strings/en/sign-in-refused.ts';
import { strings } from '../strings/en.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { visible } from '../ui/visible.ts';

const text = strings.stepUp;

/** What the company's login came back with when it proved nothing; taken out of the address, so that it is said once. */
function takeRefused(): string | null {
  const query = new URLSearchParams(location.search);
  const code = query.get('refused');
  if (code?.startsWith('IDENTITY_SSO_') !== true || location.pathname === '/sign-in') return null;
  query.delete('refused');
  const rest = query.toString();
  history.replaceState(history.state, '', `${location.pathname}${rest === '' ? '' : `?${rest}`}${location.hash}`);
  return code;
}

export function StepUp(): ReactNode {
  const client = useQueryClient();
  const { data: session } = useQuery(sessionQuery);
  const [isOpen, setOpen] = useState(false);
  const [isWorking, setWorking] = useState(false);
  const [failed, setFailed] = useState<string | null>(null);
  const waiting = useRef<((isConfirmed: boolean) => void)[]>([]);
  const byLogin = session !== undefined && !session.hasPasskey;
  const logins = useQuery({ ...offeredQuery, enabled: isOpen && byLogin }).data?.providers ?? [];

  const settle = useCallback((isConfirmed: boolean): void => {
    setOpen(false);
    for (const answer of waiting.current.splice(0)) answer(isConfirmed);
  }, []);

  useEffect(() => {
    onStepUp(
      () =>
        new Promise((answer) => {
          waiting.current.push(answer);
          setFailed(null);
          setOpen(true);
        }),
    );
    return () => onStepUp(async () => false);
  }, []);

  useEffect(() => {
    const refused = takeRefused();
    if (refused === null) return;
    setFailed(refusedWords(refused));
    setOpen(true);
  }, []);

  async function confirm(): Promise<void> {
    setWorking(true);
    setFailed(null);
    try {
      await confirmByPasskey();
      settle(true);
      await client.invalidateQueries({ queryKey: ['session'] });
    } catch {
      setFailed(text.failed);
    }
    setWorking(false);
  }

  async function prove(name: string): Promise<void> {
    setWorking(true);
    setFailed(null);
    try {
      await proveByLogin(name);
    } catch (fault) {
      setFailed(fault instanceof ApiFault ? fault.message : text.loginFailed);
      setWorking(false);
    }
  }

  return (
    <Dialog title={text.title} isOpen={isOpen} onClose={() => settle(false)}>
      <p>{byLogin ? (logins.length === 0 ? text.leadNone : text.leadByLogin) : text.lead}</p>
      {failed === null ? null : (
        <p className="error small" role="alert">
          {failed}
        </p>
      )}
      <div className="row">
        <Button onPress={() => settle(false)}>{strings.cancel}</Button>
        {byLogin ? (
          logins.map(({ name, label }, at) => (
            <Button key={name} look={at === 0 ? 'primary' : 'plain'} isPending={isWorking} onPress={() => void prove(name)}>
              {text.proveWith(visible(label))}
            </Button>
          ))
        ) : (
          <Button look="primary" isPending={isWorking} onPress={() => void confirm()} autoFocus>
            {isWorking ? text.working : text.go}
          </Button>
        )}
      </div>
    </Dialog>
  );
}
