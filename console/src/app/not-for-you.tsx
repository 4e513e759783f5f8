// What each screen needs, so that one which is known to be refused is not asked for: the refusal would stand in the log as an attempt.
// It decides nothing; the server does, and a screen that is not named here is asked for.

import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { sessionQuery } from '../api/queries.ts';
import { actionName } from '../strings/en/access-words.ts';
import { strings } from '../strings/en.ts';
import { useMay, Why } from '../ui/may.tsx';
import { Page } from '../ui/page.tsx';
import { Notice } from '../ui/states.tsx';

/** By the beginning of the address; the first that fits counts. Any one of the actions is enough. */
const NEEDS: readonly (readonly [RegExp, readonly string[]])[] = [
  [/^\/$/, ['overview.view']],
  [/^\/inbox/, ['approvals.view']],
  [/^\/runs/, ['runs.view']],
  [/^\/workflows/, ['workflows.view']],
  [/^\/calls/, ['calls.view']],
  [/^\/customers/, ['customers.read']],
  [/^\/data\/(?:map|encryption)/, ['records.view']],
  [/^\/data\/datasets/, ['datasets.view']],
  [/^\/data\/breaches/, ['breaches.view']],
  [/^\/data\/assessments/, ['assessments.view']],
  [/^\/data\/canaries/, ['canaries.view']],
  [/^\/data\/privacy\/./, ['privacy.handle']],
  [/^\/data\/(?:privacy|retention)/, ['privacy.view']],
  [/^\/audit\/integrity/, ['ledger.view']],
  [/^\/audit/, ['events.view']],
  [/^\/data\/matrix/, ['matrix.view']],
  [/^\/settings\/backups/, ['backups.view']],
  [/^\/settings\/conditions/, ['conditions.view']],
  [/^\/alerts/, ['alerts.view']],
  [/^\/people\/?$/, ['people.view']],
  [/^\/people\/groups/, ['access.view']],
  [/^\/people\/reviews\/./, ['access.review']],
  [/^\/people\/agencies/, ['delegation.view']],
  [/^\/workspaces/, ['workspaces.view']],
  [/^\/people\/roles/, ['access.view']],
  [/^\/people\/reviews/, ['access.review', 'least.view']],
  [/^\/access/, ['workloads.view']],
  [/^\/demo/, ['demo.view']],
  [/^\/connect/, ['integrations.view']],
];

/** The action that is missing for the screen; `null` when none is. */
export function missingFor(path: string, can: readonly string[]): string | null {
  const needed = NEEDS.find(([pattern]) => pattern.test(path))?.[1] ?? [];
  return needed.length === 0 || needed.some((action) => can.includes(action)) ? null : (needed[0] ?? null);
}

export function NotForYou({ action }: { action: string }): ReactNode {
  const may = useMay(action);
  const me = useQuery(sessionQuery).data?.person;
  const text = strings.may.screen;
  return (
    <Page title={text.title}>
      <Notice icon="lock" title={strings.may.missing(actionName(action))}>
        <p>{text.lead}</p>
        <p className="row">
          <Why may={may} what={actionName(action)} />
          {me === undefined ? null : (
            <Link to="/people/$id" params={{ id: me }} search={{ tab: 'may' }}>
              {strings.may.seeOwn}
            </Link>
          )}
        </p>
      </Notice>
    </Page>
  );
}
