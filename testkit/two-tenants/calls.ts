// How each function of every store is called for a tenant. A function that is not here fails the test, so that new code has to be added.

import type { Calls, CallWorld } from './call.ts';
import { callsOfAccountability } from './calls-accountability.ts';
import { callsOfAgency } from './calls-agency.ts';
import { callsOfContext } from './calls-context.ts';
import { callsOfFederation } from './calls-federation.ts';
import { callsOfGovernance } from './calls-governance.ts';
import { callsOfKeys } from './calls-keys.ts';
import { callsOfLeast } from './calls-least.ts';
import { callsOfLedger } from './calls-ledger.ts';
import { callsOfMonitoring } from './calls-monitoring.ts';
import { callsOfOAuth } from './calls-oauth.ts';
import { callsOfPeople } from './calls-people.ts';
import { callsOfRights } from './calls-rights.ts';
import { callsOfTokens } from './calls-tokens.ts';
import { callsOfWork } from './calls-work.ts';

/** Arguments of the factories above. */
export const factories: Readonly<Record<string, (world: CallWorld) => readonly unknown[]>> = {
  'enforcement/store/effects#createEffectStore': () => [],
  'enforcement/store/catalogue#openCatalogue': ({ db }) => [db, { now: () => 0 }],
  'enforcement/store/runs#createRunStore': ({ db }) => [
    db,
    { remember: async () => undefined, load: async () => [], forget: async () => undefined },
    'self',
  ],
};

export const calls: Calls = {
  ...callsOfAccountability,
  ...callsOfAgency,
  ...callsOfPeople,
  ...callsOfKeys,
  ...callsOfWork,
  ...callsOfFederation,
  ...callsOfLedger,
  ...callsOfMonitoring,
  ...callsOfRights,
  ...callsOfContext,
  ...callsOfOAuth,
  ...callsOfLeast,
  ...callsOfGovernance,
  ...callsOfTokens,
};
