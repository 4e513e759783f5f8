// Links one's own account at a company login, so that one comes in by it. Nothing stands here where there is no company login.

import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { linkAccount, offeredQuery } from '../../api/federation.ts';
import { refusedWords } from '../../strings/en/sign-in-refused.ts';
import { strings } from '../../strings/en.ts';
import { Button } from '../../ui/button.tsx';
import { faultOf } from '../../ui/fault-line.tsx';

const text = strings.federation.signIn;

export function LinkAccount(): ReactNode {
  const offered = useQuery(offeredQuery).data?.providers ?? [];
  const [pending, setPending] = useState<string | null>(null);
  // A login that did not work sends the browser back here with its code.
  const [fault, setFault] = useState(() => {
    const refused = new URLSearchParams(location.search).get('refused');
    return refused === null ? null : refusedWords(refused);
  });
  if (offered.length === 0) return null;
  async function link(name: string): Promise<void> {
    setPending(name);
    setFault(null);
    try {
      await linkAccount(name);
    } catch (error) {
      setPending(null);
      setFault(faultOf(error).message || strings.states.failedLead);
    }
  }
  return (
    <section className="stack tight" aria-labelledby="company-login">
      <h2 id="company-login">{text.account}</h2>
      <p className="lead">{text.accountLead}</p>
      {fault === null ? null : (
        <p className="error" role="alert">
          {fault}
        </p>
      )}
      <div className="row">
        {offered.map(({ name, label }) => (
          <Button key={name} isPending={pending === name} isDisabled={pending !== null} onPress={() => void link(name)}>
            {text.link(label)}
          </Button>
        ))}
      </div>
    </section>
  );
}
