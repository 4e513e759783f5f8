// The first minutes of a person: a passkey, ten recovery codes, and in. It can wait, except for whoever came in with a recovery code.

import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type ReactNode, useEffect, useState } from 'react';
import { makeRecoveryCodes } from '../../api/passkeys.ts';
import { sessionQuery } from '../../api/queries.ts';
import { strings } from '../../strings/en.ts';
import { Button } from '../../ui/button.tsx';
import { Answer } from '../../ui/states.tsx';
import { NewPasskey } from './new-passkey.tsx';
import { RecoveryCodes } from './recovery-codes.tsx';

const text = strings.firstPasskey;

export function FirstPasskeyScreen(): ReactNode {
  const session = useQuery(sessionQuery);
  const navigate = useNavigate();
  const [codes, setCodes] = useState<readonly string[] | null>(null);
  const title = codes === null ? text.title : text.codesTitle;
  useEffect(() => {
    document.title = `${title} · ${strings.product}`;
  }, [title]);
  const go = (): void => void navigate({ to: '/' });
  return (
    <main className="door">
      <div className="sheet stack tight">
        <h1>{title}</h1>
        <Answer query={session}>
          {({ proof }) =>
            codes === null ? (
              <>
                <p className="lead">{proof.method === 'recovery' ? text.recovered : text.lead}</p>
                <NewPasskey onMade={async () => setCodes((await makeRecoveryCodes()).codes)}>
                  {proof.method === 'recovery' ? null : (
                    <Button look="quiet" onPress={go}>
                      {text.later}
                    </Button>
                  )}
                </NewPasskey>
              </>
            ) : (
              <>
                <RecoveryCodes codes={codes} />
                <Button look="primary" onPress={go}>
                  {text.kept}
                </Button>
              </>
            )
          }
        </Answer>
      </div>
    </main>
  );
}
