// Company logins and provisioning between the rooms: identity decides, egress carries, the vault seals.

import type { FederationPorts } from '#control';
import type { PersonPrincipal } from '#core';
import { sealFor } from './change-records.ts';
import type { Rooms } from './rooms.ts';

export function federationPorts(rooms: Rooms): FederationPorts {
  const { federated, identity, tenant, origins } = rooms;
  const { federation, scim } = federated;
  const by = (person: PersonPrincipal) => ({ tenant: person.tenant, actor: person.person, seal: sealFor(rooms, person) });
  return {
    federation: {
      list: federation.providers.list,
      save: (person, input) => federation.providers.save(by(person), input),
      remove: (person, name) => federation.providers.remove(by(person), name),
      test: (person, name) => federation.providers.test(by(person), name),
      offered: () => federation.offered(tenant),
      begin: (begin) => federation.begin({ ...begin, tenant }),
      finish: federation.finish,
      provisioning: scim.state,
      createToken: (person) => scim.createToken(by(person)),
      removeTokens: (person) => scim.removeTokens(by(person)),
      scimBase: () => `${origins.issuer()}/scim/v2`,
    },
    scim: {
      authenticate: scim.authenticate,
      note: scim.note,
      users: scim.users,
      groups: scim.groups,
      serviceProviderConfig: scim.serviceProviderConfig,
      describe: scim.describe,
      countFailure: (address) => identity.limitSignIn(address, 'any'),
    },
  };
}
