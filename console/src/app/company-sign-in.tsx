// The company logins on the sign-in page, and what the page does when a browser comes back from one: it keeps which session it is and goes on.
// INVARIANT: it goes to pages of this console only, and says what went wrong in our words, never in the provider's.

import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useEffect, useState } from 'react';
import { cameBack, goToLogin, offeredQuery } from '../api/federation.ts';
import { refusedWords } from '../strings/en/sign-in-refused.ts';
import { strings } from '../strings/en.ts';
import { Button } from '../ui/button.tsx';

const text = strings.federation.signIn;
const SESSION = /^ses_[0-9a-f-]{36}$/;
const OWN_PATH = /^\/(?![/\\])[\w./~?=&%-]{0,300}$/;

interface Returned {
  readonly session: string | null;
  readonly to: string;
  readonly refused: string | null;
  /** The login to go to at once. */
  readonly with: string | null;
}

/** Taken out of the address once, so that a reload does not do it again. */
let returned: Returned = ((): Returned => {
  const query = new URLSearchParams(location.pathname === '/sign-in' ? location.search : '');
  const session = query.get('session');
  const to = query.get('to') ?? '/';
  const known = {
    session: session !== null && SESSION.test(session) ? session : null,
    to: OWN_PATH.test(to) ? to : '/',
    refused: query.get('refused'),
    with: query.get('with'),
  };
  if (query.size > 0) history.replaceState(null, '', `/sign-in${location.hash}`);
  return known;
})();

const NOTHING: Returned = { session: null, to: '/', refused: null, with: null };

/** True while the page only passes somebody on. */
export const isPassingOn = (): boolean => returned.session !== null || returned.with !== null;

export function PassOn({ onEntered }: { onEntered: (to: string) => Promise<void> }): ReactNode {
  const [isStuck, setStuck] = useState(false);
  useEffect(() => {
    const go = async (): Promise<void> => {
      const { session, to, with: login } = returned;
      if (session !== null) {
        await cameBack(session);
        returned = NOTHING;
        await onEntered(to);
      } else if (login !== null && !(await goToLogin(login))) setStuck(true);
    };
    void go().catch(() => setStuck(true));
  }, [onEntered]);
  return (
    <main className="door">
      <div className="sheet stack tight" role={isStuck ? 'alert' : 'status'}>
        <h1>{isStuck ? strings.states.failedTitle : returned.session === null ? text.going : text.entering}</h1>
        {isStuck ? <a href="/sign-in">{text.again}</a> : null}
      </div>
    </main>
  );
}

/** Below the other ways in. Nothing stands there when there is no company login. */
export function CompanyLogins(): ReactNode {
  const offered = useQuery(offeredQuery).data?.providers ?? [];
  const [pending, setPending] = useState<string | null>(null);
  const [fault, setFault] = useState(returned.refused === null ? null : refusedWords(returned.refused));
  async function go(name: string): Promise<void> {
    setPending(name);
    setFault(null);
    if (await goToLogin(name)) return;
    setPending(null);
    setFault(strings.states.failedLead);
  }
  return (
    <>
      {fault === null ? null : (
        <p className="error small" role="alert">
          {fault}
        </p>
      )}
      {offered.map(({ name, label }) => (
        <Button key={name} isPending={pending === name} isDisabled={pending !== null} onPress={() => void go(name)}>
          {text.with(label)}
        </Button>
      ))}
    </>
  );
}
