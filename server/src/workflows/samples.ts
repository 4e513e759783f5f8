// Sample workflows as a whole: which names are theirs, and their removal. Events are not touched: they tell what the samples did.

import { makeEvent, type RunId, type TenantId } from '#core';
import { runAgainOnConflict } from '#storage';
import type { RegistryDeps } from './ports.ts';
import { dropSamples, sampleNames } from './store/samples.ts';

export interface Samples {
  names(tenant: TenantId): Promise<ReadonlySet<string>>;
  /** Removes every sample workflow with its versions and runs, and names the runs; one under way ends. Deliveries of the integrations go too. */
  remove(tenant: TenantId, actor: string, integrations: readonly string[]): Promise<readonly RunId[]>;
}

/** A run that moves at the same moment may collide with its removal. */
const MAX_ATTEMPTS = 5;

export function createSamples({ database, clock, random, events }: RegistryDeps): Samples {
  return {
    names: (tenant) => database.inTenant(tenant, (tx) => sampleNames(tx, tenant)),
    remove: async (tenant, actor, integrations) => {
      const remove = (): Promise<readonly RunId[]> =>
        database.inTenant(tenant, async (tx) => {
          const dropped = await dropSamples(tx, tenant, integrations);
          const removed = dropped.map(({ name, runs }) =>
            makeEvent(
              { clock, random },
              {
                tenant,
                type: 'workflows.workflow.removed',
                actor,
                subject: `workflow:${name}`,
                public: { sample: true, runs: runs.length },
              },
            ),
          );
          if (removed.length > 0) await events.appendIn(tx, removed);
          return dropped.flatMap(({ runs }) => runs);
        });
      return runAgainOnConflict(remove, MAX_ATTEMPTS);
    },
  };
}
