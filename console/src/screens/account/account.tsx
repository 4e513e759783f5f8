// One's own account: passkeys, recovery codes, and where one is signed in.

import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { passkeysQuery, sessionsQuery } from '../../api/passkeys.ts';
import { strings } from '../../strings/en.ts';
import { Page } from '../../ui/page.tsx';
import { Answer } from '../../ui/states.tsx';
import { LinkAccount } from '../federation/link-account.tsx';
import { Codes } from './codes.tsx';
import { Passkeys } from './passkeys.tsx';
import { Sessions } from './sessions.tsx';

const text = strings.account;

export function AccountScreen(): ReactNode {
  const passkeys = useQuery(passkeysQuery);
  const sessions = useQuery(sessionsQuery);
  return (
    <Page title={text.title} lead={text.lead}>
      <Answer query={passkeys}>
        {(answer) => (
          <>
            <Passkeys passkeys={answer.passkeys} />
            <Codes left={answer.recoveryCodesLeft} hasPasskey={answer.passkeys.length > 0} />
          </>
        )}
      </Answer>
      <LinkAccount />
      <Answer query={sessions}>{(answer) => <Sessions sessions={answer.sessions} />}</Answer>
    </Page>
  );
}
