// Signed deliveries between the rooms: identity knows the secrets, limits the rate, workflows what a delivery starts.

import type { ControlPorts, HookView } from '#control';
import { formatTime, refuse, type TenantId } from '#core';
import type { HookPorts } from '#gateway';
import type { Rights } from '#governance';
import type { HookSource } from '#identity';
import type { Logger } from '../logger.ts';
import { systemDigest } from '../world.ts';
import { sealFor } from './change-records.ts';
import type { OpenDatabase } from './database.ts';
import { takeOptOuts } from './opt-out-hooks.ts';
import { openPrivacyRequest } from './privacy-hooks.ts';
import { codeOf, type Rooms } from './rooms.ts';
import { shops } from './shops.ts';
import type { Workflows } from './workflows.ts';

/** What the gateway asks about a delivery. */
export function gatewayHooks(
  rooms: Rooms,
  {
    workflows,
    rights,
    database,
    logger,
  }: {
    workflows: Pick<Workflows, 'deliveries' | 'deliver'>;
    rights: Pick<Rights, 'requests'>;
    database: OpenDatabase['database'];
    logger: Logger;
  },
): HookPorts {
  const { hooks, limits, tenant } = rooms;
  return {
    tenant,
    verify: hooks.verify,
    admit: (source) => limits.hooks.admit(placeOf(source)),
    sha256: systemDigest.sha256,
    accept: async (delivery) => {
      const { tenant: owner, integration } = delivery;
      rooms.canaries.watch.arriving({ tenant: owner, integration, way: 'webhook' }, delivery.raw);
      return (
        (await openPrivacyRequest({ ...rights, shopOf: shops(rooms, database).of }, delivery)) ??
        (await takeOptOuts(rooms.optOutSignals, delivery)) ??
        workflows.deliver(delivery)
      );
    },
    refused: (source, refusal) => {
      // Of a hook that does not exist nobody's ledger speaks.
      const unrecorded = hooks.exists(source) ? limits.hooks.recordRefusal(placeOf(source)) : null;
      if (unrecorded === null) return;
      workflows.deliveries
        .refused({ ...source, code: refusal.code, unrecorded })
        .catch((fault: unknown) => logger.error({ event: 'hook.fault', code: codeOf(fault) }));
    },
  };
}

/** Writes how many refusals were not recorded one by one, where no later refusal said so. */
export async function recordUnrecorded(rooms: Rooms, workflows: Pick<Workflows, 'deliveries'>): Promise<void> {
  for (const [place, unrecorded] of rooms.limits.hooks.takeUnrecorded()) {
    const [tenant = '', integration = ''] = place.split('/');
    await workflows.deliveries.refused({ tenant: tenant as TenantId, integration, code: 'LIMITS_HOOK_RATE_EXCEEDED', unrecorded });
  }
}

const placeOf = ({ tenant, integration }: HookSource): string => `${tenant}/${integration}`;

export function hookPorts(
  rooms: Rooms,
  { database }: Pick<OpenDatabase, 'database'>,
  workflows: Pick<Workflows, 'deliveries'>,
): ControlPorts['hooks'] {
  const { hooks, catalogue } = rooms;
  const known = shops(rooms, database);
  const pathOf = (tenant: TenantId, integration: string): string =>
    tenant === rooms.tenant ? `/hooks/${integration}` : `/hooks/${tenant}/${integration}`;
  return {
    list: async (tenant) => {
      const listening = await workflows.deliveries.listening(tenant);
      const shopOf = new Map<string, string | null>();
      for (const { integration } of hooks.list(tenant)) shopOf.set(integration, await known.of(tenant, integration));
      return hooks.list(tenant).map(
        ({ integration, createdAtMs, rotatedAtMs, previousUntilMs }): HookView => ({
          integration,
          path: pathOf(tenant, integration),
          shop: shopOf.get(integration) ?? null,
          createdAt: formatTime(createdAtMs),
          rotatedAt: rotatedAtMs === null ? null : formatTime(rotatedAtMs),
          previousUntil: previousUntilMs === null ? null : formatTime(previousUntilMs),
          listening: listening
            .filter(({ listens }) => listens.integration === integration)
            .map(({ name, listens, isPaused }) => ({ event: listens.event, workflow: name, paused: isPaused })),
        }),
      );
    },
    create: async (by, { integration, secret: given, shop }) => {
      const { tenant, person: actor } = by;
      if (catalogue.integration(tenant, integration) === null) return refuse('CONTROL_NOT_FOUND', 'There is no integration of that name.');
      const { secret, previousUntilMs } = await hooks.create({ tenant, integration, secret: given, actor, seal: sealFor(rooms, by) });
      if (shop !== null) await known.bind(by, integration, shop);
      const previousUntil = previousUntilMs === null ? null : formatTime(previousUntilMs);
      return { path: pathOf(tenant, integration), secret, previousUntil };
    },
    remove: (by, integration) => hooks.remove({ tenant: by.tenant, integration, actor: by.person, seal: sealFor(rooms, by) }),
  };
}
