// The migrations of this room, in order.

import type { Migration } from '#storage';
import { migration as identityWorkloads } from './0020-identity-workloads.ts';
import { migration as identityPeople } from './0021-identity-people.ts';
import { migration as identityStatements } from './0022-identity-statements.ts';
import { migration as identitySamples } from './0026-identity-samples.ts';
import { migration as identityHooks } from './0027-identity-hooks.ts';
import { migration as identityRoles } from './0028-identity-roles.ts';
import { migration as identityGrants } from './0100-identity-grants.ts';
import { migration as identityBreakGlass } from './0101-identity-break-glass.ts';
import { migration as identityPasskeys } from './0105-identity-passkeys.ts';
import { migration as identityChallenges } from './0106-identity-challenges.ts';
import { migration as identityFederation } from './0110-identity-federation.ts';
import { migration as identityScim } from './0111-identity-scim.ts';
import { migration as identityOauth } from './0115-identity-oauth.ts';
import { migration as identityReplays } from './0116-identity-replays.ts';
import { migration as identityConditions } from './0120-identity-conditions.ts';
import { migration as identityRisk } from './0121-identity-risk.ts';
import { migration as identityPosture } from './0123-identity-posture.ts';
import { migration as identityUsage } from './0126-identity-usage.ts';
import { migration as identityLeast } from './0127-identity-least.ts';
import { migration as identityWorkspaces } from './0130-identity-workspaces.ts';
import { migration as identityDelegations } from './0131-identity-delegations.ts';
import { migration as identityDepartments } from './0166-identity-departments.ts';
import { migration as identityMadeUnder } from './0173-identity-made-under.ts';
import { migration as identityGrantUse } from './0174-identity-grant-use.ts';

export const migrations: readonly Migration[] = [
  identityWorkloads,
  identityPeople,
  identityStatements,
  identitySamples,
  identityHooks,
  identityRoles,
  identityGrants,
  identityBreakGlass,
  identityPasskeys,
  identityChallenges,
  identityFederation,
  identityScim,
  identityOauth,
  identityReplays,
  identityConditions,
  identityRisk,
  identityPosture,
  identityUsage,
  identityLeast,
  identityWorkspaces,
  identityDelegations,
  identityDepartments,
  identityMadeUnder,
  identityGrantUse,
];
