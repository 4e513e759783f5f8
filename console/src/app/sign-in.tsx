// Signs in with the one-time secret behind the `#` of the link. It is taken out of the address before anything else, so that it stays
// in no history; it is posted once, on a press, because something that previews links must not use it up.

import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type ReactNode, useEffect, useState } from 'react';
import { api } from '../api/client.ts';
import { strings } from '../strings/en.ts';
import { Button } from '../ui/button.tsx';

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

export function SignIn(): ReactNode {
  const client = useQueryClient();
  const navigate = useNavigate();
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
      await api('POST', '/api/session', { secret: used, as: 'cookie' });
      client.clear();
      await navigate({ to: '/' });
    } catch {
      setState('failed');
    }
  }

  if (state === 'failed') return <SignedOut title={text.failedTitle} lead={text.failedLead} isAlert />;
  if (state === 'out') return <SignedOut title={text.outTitle} lead={text.outLead} />;
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

export function SignedOut({ title, lead, isAlert = false }: { title: string; lead: string; isAlert?: boolean }): ReactNode {
  return (
    <main className="door">
      <div className="sheet stack tight" {...(isAlert ? { role: 'alert' } : {})}>
        <h1>{title}</h1>
        <p className="lead">{lead}</p>
        <code className="secret">{text.command}</code>
      </div>
    </main>
  );
}
