// Which shop an integration is, as its platform names it: what somebody said, or what its address says by itself.

import { makeEvent, type PersonPrincipal, type TenantId } from '#core';
import { findShop, putShop } from '#governance';
import { appendEvents } from '#storage';
import { systemWorld } from '../world.ts';
import type { OpenDatabase } from './database.ts';
import type { Rooms } from './rooms.ts';

/** The address of a shop at Shopify is its name there. */
const BY_ITSELF = /^[a-z0-9][a-z0-9-]{0,62}\.myshopify\.com$/;

export function shops({ catalogue, sealChange }: Pick<Rooms, 'catalogue' | 'sealChange'>, database: OpenDatabase['database']) {
  return {
    /** Null: nobody knows. */
    async of(tenant: TenantId, integration: string): Promise<string | null> {
      const said = await database.inTenant(tenant, (tx) => findShop(tx, tenant, integration));
      if (said !== null) return said;
      const origin = catalogue.integration(tenant, integration)?.origin;
      const host = origin === undefined ? '' : new URL(origin).hostname;
      return BY_ITSELF.test(host) ? host : null;
    },
    bind: (person: PersonPrincipal, integration: string, domain: string): Promise<void> =>
      database.inTenant(person.tenant, async (tx) => {
        const { tenant } = person;
        const before = await findShop(tx, tenant, integration);
        if (before === domain) return;
        await putShop(tx, tenant, { integration, domain });
        const sealed = await sealChange(tx, person, { before: { domain: before }, after: { domain } });
        const event = { type: 'governance.shop.bound', actor: person.person, subject: `hook:${integration}`, public: { integration } };
        await appendEvents(tx, [makeEvent(systemWorld, { tenant, ...event, sealed })]);
      }),
  };
}
