// Company logins and provisioning between the rooms: identity decides, egress carries, the vault seals.

import type { FederationPorts } from '#control';
import type { PersonPrincipal } from '#core';
import type { Egress } from '#egress';
import type { Outside } from '#identity';
import { sealFor } from './change-records.ts';
import type { Rooms } from './rooms.ts';

/** Metadata, keys and tokens of a provider are some kilobytes; its largest key sets are under a hundred. */
const LIMITS = { connectMs: 5_000, headersMs: 10_000, idleMs: 10_000, totalMs: 15_000, maxResponseBytes: 256 * 1024 };

/** Over the one outbound door: https with a checked certificate, no redirect, a private address only where the operator allows it. */
export function providerTransport(egress: () => Pick<Egress, 'requestJson'>): Outside['transport'] {
  return {
    send: async ({ url, method, headers, body }) => {
      const { origin, pathname, search } = new URL(url);
      const {
        status,
        headers: replied,
        body: answer,
      } = await egress().requestJson({
        destination: { origin, pathPrefix: pathname, methods: [method] },
        method,
        path: `${pathname}${search}`,
        headers: headers as Record<string, string>,
        body,
        signal: AbortSignal.timeout(LIMITS.totalMs),
        limits: LIMITS,
      });
      const type = replied['content-type'];
      return { status, headers: typeof type === 'string' ? { 'content-type': type } : {}, body: answer };
    },
  };
}

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
