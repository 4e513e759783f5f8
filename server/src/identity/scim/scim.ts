// Provisioning put together: tokens, users, groups, and what the service says of itself.

import type { Clock, Random } from '#core';
import type { Database } from '#storage';
import type { Follower } from '../follow.ts';
import type { Deprovision } from '../people/deprovision.ts';
import type { Profiles } from '../people/profiles.ts';
import type { Hasher } from '../workloads/tokens.ts';
import { createScimTokens, type ScimTokens } from './caller.ts';
import { describe, serviceProviderConfig } from './discovery.ts';
import { createScimGroups } from './groups.ts';
import { createScimUsers, type ScimResources } from './users.ts';

export interface Scim extends ScimTokens {
  readonly users: ScimResources;
  readonly groups: ScimResources;
  serviceProviderConfig(base: string): object;
  /** Resource types and schemas: all, or the one of that id; null when there is none. */
  describe(what: 'ResourceTypes' | 'Schemas', base: string, id: string | null): object | null;
}

export interface ScimDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly random: Random;
  readonly hasher: Hasher;
  readonly follower: Pick<Follower, 'refresh'>;
  readonly profiles: Profiles;
  readonly ending: Pick<Deprovision, 'deprovisionIn' | 'heardEnd'>;
}

export function createScim(deps: ScimDeps): Scim {
  return {
    ...createScimTokens(deps),
    users: createScimUsers(deps),
    groups: createScimGroups(deps),
    serviceProviderConfig,
    describe,
  };
}
