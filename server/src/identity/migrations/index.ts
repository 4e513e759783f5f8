// The migrations of this room, in order.

import type { Migration } from '#storage';
import { migration as identityWorkloads } from './0020-identity-workloads.ts';
import { migration as identityPeople } from './0021-identity-people.ts';
import { migration as identityStatements } from './0022-identity-statements.ts';

export const migrations: readonly Migration[] = [identityWorkloads, identityPeople, identityStatements];
