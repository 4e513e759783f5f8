// The migrations of this room, in order.

import type { Migration } from '#storage';
import { migration as identityWorkloads } from './0020-identity-workloads.ts';
import { migration as identityPeople } from './0021-identity-people.ts';
import { migration as identityStatements } from './0022-identity-statements.ts';
import { migration as identitySamples } from './0026-identity-samples.ts';
import { migration as identityHooks } from './0027-identity-hooks.ts';
import { migration as identityRoles } from './0028-identity-roles.ts';

export const migrations: readonly Migration[] = [
  identityWorkloads,
  identityPeople,
  identityStatements,
  identitySamples,
  identityHooks,
  identityRoles,
];
