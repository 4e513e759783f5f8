// Sample workflows as a whole: which names are theirs, and their removal. Events are not touched: they tell what the samples did.

import { newId, type TenantId } from '#core';
import type { RegistryDeps } from './ports.ts';
import { dropSamples, sampleNames } from './store/samples.ts';

export interface Samples {
  names(tenant: TenantId): Promise<ReadonlySet<string>>;
  /** Removes every sample workflow with its versions and runs; a run under way ends. The integrations are those whose deliveries go too. */
  remove(tenant: TenantId, actor: string, integrations: readonly string[]): Promise<void>;
}

export function createSamples({ database, clock, random, events }: RegistryDeps): Samples {
  return {
    names: (tenant) => database.inTenant(tenant, (tx) => sampleNames(tx, tenant)),
    remove: (tenant, actor, integrations) =>
      database.inTenant(tenant, async (tx) => {
        const dropped = await dropSamples(tx, tenant, integrations);
        const removed = dropped.map(({ name, runs }) => ({
          id: newId('evt', clock, random),
          tenant,
          type: 'workflows.workflow.removed',
          occurredAtMs: clock.now(),
          actor,
          subject: `workflow:${name}`,
          public: { sample: true, runs },
          sealed: null,
        }));
        if (removed.length > 0) await events.appendIn(tx, removed);
      }),
  };
}
