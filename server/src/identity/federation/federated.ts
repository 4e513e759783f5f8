// Everything about people whom somebody else keeps: company logins, provisioning, and what is known of them by name.

import type { PersonId, TenantId, Tx } from '#core';
import type { Follower } from '../follow.ts';
import type { Deprovision } from '../people/deprovision.ts';
import { createProfiles, type Profiles, type ProfileVault } from '../people/profiles.ts';
import { createScim, type Scim } from '../scim/scim.ts';
import { forgetPersonalRows } from '../store/profiles.ts';
import { createFederation, type Federation, type FederationDeps } from './federation.ts';
import type { FederationTransport } from './transport.ts';

/** What identity can not have of itself. */
export interface Outside {
  readonly vault: ProfileVault;
  readonly transport: FederationTransport;
  /** The console's address as a browser sees it. */
  readonly origin: () => string;
}

export interface Federated {
  readonly federation: Federation;
  readonly scim: Scim;
  /** Names of people who came by a company login or provisioning; whoever was erased has none. */
  namesOf(tenant: TenantId): Promise<ReadonlyMap<PersonId, string>>;
  /** What is kept of those people, of everybody who has any. */
  profiles(tx: Tx, tenant: TenantId): ReturnType<Profiles['read']>;
  /** In the transaction that erases the person's key: what is kept beside it. True when there was anything. */
  forget(tx: Tx, tenant: TenantId, person: PersonId): Promise<boolean>;
}

type Inside = Omit<FederationDeps, 'profiles' | 'vault' | 'transport' | 'origin'> & {
  readonly follower: Pick<Follower, 'refresh'>;
  readonly ending: Pick<Deprovision, 'deprovisionIn' | 'heardEnd'>;
};

export function createFederated(inside: Inside, outside: Outside): Federated {
  const profiles = createProfiles(outside.vault);
  return {
    federation: createFederation({ ...inside, ...outside, profiles }),
    scim: createScim({ ...inside, profiles }),
    namesOf: (tenant) =>
      inside.db.inTenant(tenant, async (tx) => {
        const known = await profiles.read(tx, tenant);
        return new Map([...known].flatMap(([person, { name }]) => (name === null ? [] : [[person, name] as const])));
      }),
    profiles: (tx, tenant) => profiles.read(tx, tenant),
    forget: forgetPersonalRows,
  };
}
