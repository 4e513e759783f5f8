// The door: a passkey, a one-time link, or a recovery code. The secret of a link stands behind the `#` of its address and is taken out of
// it before anything else, so that it stays in no history; it is posted once, on a press, because something that previews links must not use it up.

import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type ReactNode, useCallback, useEffect, useState } from 'react';
import { ApiFault } from '../api/client.ts';
import {
  canOfferInField,
  canUsePasskeys,
  namedAddress,
  signInByCode,
  signInByLink,
  signInByPasskey,
  stopOffering,
} from '../api/passkeys.ts';
import { sessionQuery } from '../api/queries.ts';
import { strings } from '../strings/en.ts';
import { Button } from '../ui/button.tsx';
import { Icon } from '../ui/icons.tsx';
import { CompanyLogins, isPassingOn, PassOn } from './company-sign-in.tsx';

const text = strings.signIn;

/** Kept outside of the component: the address is cleaned once, and rendering twice must not lose it. */
let secret = '';
function takeSecret(): string {
  if (location.pathname === '/sign-in' && location.hash.length > 1) {
    secret = location.hash.slice(1);
    history.replaceState(null, '', '/sign-in');
  }
  return secret;
}
takeSecret();

/** Where somebody goes who has just come in: to their first passkey, or to the overview. */
function useEnter(): () => Promise<void> {
  const client = useQueryClient();
  const navigate = useNavigate();
  return useCallback(async () => {
    client.clear();
    // Somebody was asked something: back to that question, which asks for the session again.
    if (location.pathname === '/oauth/authorize') return location.reload();
    const session = await client.fetchQuery(sessionQuery);
    const isFirst = canUsePasskeys() && (session.proof.method === 'recovery' || !session.hasPasskey);
    await navigate({ to: isFirst ? '/first-passkey' : '/' });
  }, [client, navigate]);
}

export function SignIn(): ReactNode {
  const enter = useEnter();
  const client = useQueryClient();
  const navigate = useNavigate();
  const pass = useCallback(
    async (to: string) => {
      client.clear();
      await navigate({ to });
    },
    [client, navigate],
  );
  const [state, setState] = useState<'ready' | 'working' | 'failed' | 'out'>(secret === '' ? 'out' : 'ready');
  useEffect(() => {
    document.title = `${text.title} · ${strings.product}`;
    const onHash = (): void => void (takeSecret() !== '' && setState('ready'));
    window.addEventListener('hashchange', onHash);
    return () => window.removeEventListener('hashchange', onHash);
  }, []);

  async function signIn(): Promise<void> {
    setState('working');
    const used = secret;
    secret = '';
    try {
      await signInByLink(used);
      await enter();
    } catch {
      setState('failed');
    }
  }

  if (isPassingOn()) return <PassOn onEntered={pass} />;
  if (state === 'failed') return <Door title={text.failedTitle} lead={text.failedLead} isAlert />;
  if (state === 'out') return <SignedOut />;
  return (
    <main className="door">
      <div className="sheet stack tight">
        <h1>{text.title}</h1>
        <p className="lead">{text.ready}</p>
        <Button look="primary" isPending={state === 'working'} onPress={() => void signIn()} autoFocus>
          {state === 'working' ? text.working : text.go}
        </Button>
      </div>
    </main>
  );
}

export function SignedOut(): ReactNode {
  return <Door title={text.outTitle} lead={canUsePasskeys() ? text.outLead : text.noPasskeyLead} />;
}

interface DoorProps {
  readonly title: string;
  readonly lead: string;
  readonly isAlert?: boolean;
}

function Door({ title, lead, isAlert = false }: DoorProps): ReactNode {
  const isPossible = canUsePasskeys();
  return (
    <main className="door">
      <div className="sheet stack tight">
        <div className="stack tight" {...(isAlert ? { role: 'alert' } : {})}>
          <h1>{title}</h1>
          <p className="lead">{lead}</p>
        </div>
        {isAlert || !isPossible ? <code className="secret">{text.command}</code> : null}
        {isPossible ? <ByPasskey /> : <ByName />}
        <CompanyLogins />
        {isPossible && !isAlert ? (
          <details>
            <summary>{text.otherwise}</summary>
            <p className="small soft">{text.link}</p>
            <code className="secret">{text.command}</code>
          </details>
        ) : null}
      </div>
    </main>
  );
}

/** Opened under a number: the same page has a name. */
function ByName(): ReactNode {
  const address = namedAddress();
  if (address === null) return null;
  return (
    <p className="small soft">
      {text.byNumber} <a href={address}>{text.byName(address)}</a>
    </p>
  );
}

function ByPasskey(): ReactNode {
  const enter = useEnter();
  const [isWorking, setWorking] = useState(false);
  const [code, setCode] = useState('');
  const [fault, setFault] = useState<string | null>(null);
  // Where the browser can, it offers the passkey in the field below, without a press.
  useEffect(() => {
    let isHere = true;
    void canOfferInField().then(async (can) => {
      if (!can || !isHere) return;
      await signInByPasskey(true)
        .then(enter)
        .catch(() => undefined);
    });
    return () => {
      isHere = false;
      void stopOffering();
    };
  }, [enter]);

  async function come(work: () => Promise<void>, otherwise: string): Promise<void> {
    setWorking(true);
    setFault(null);
    try {
      await work();
      await enter();
    } catch (error) {
      setFault(error instanceof ApiFault && error.message !== '' ? error.message : otherwise);
      setWorking(false);
    }
  }
  return (
    <>
      <Button
        look="primary"
        size="large"
        isPending={isWorking}
        onPress={() => void come(() => signInByPasskey(), text.passkeyFailed)}
        autoFocus
      >
        <Icon name="lock" />
        {isWorking ? text.passkeyWorking : text.passkey}
      </Button>
      {fault === null ? null : (
        <p className="error small" role="alert">
          {fault}
        </p>
      )}
      <form
        className="stack tight or"
        onSubmit={(event) => {
          event.preventDefault();
          if (code.trim() !== '') void come(() => signInByCode(code.trim()), text.passkeyFailed);
        }}
      >
        <div className="field">
          <label htmlFor="recovery-code">{text.code}</label>
          <input
            id="recovery-code"
            className="input"
            value={code}
            // A browser that can offers passkeys here.
            autoComplete="username webauthn"
            autoCapitalize="characters"
            spellCheck={false}
            maxLength={80}
            aria-describedby="recovery-code-note"
            onChange={(event) => setCode(event.target.value)}
          />
          <span id="recovery-code-note" className="soft">
            {text.codeHint}
          </span>
        </div>
        <Button type="submit" isDisabled={isWorking || code.trim() === ''}>
          {text.useCode}
        </Button>
      </form>
    </>
  );
}
