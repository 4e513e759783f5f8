// Erases what finished runs knew once it is older than the installation keeps it. The engine's own notes of a run go first: what is left
// half done is found again by the next round. INVARIANT: an open run, and the ledger, are never touched.

import { makeEvent, type RunId, type TenantId, type Tx } from '#core';
import type { Database } from '#storage';
import type { Engine } from './engine.ts';
import type { RegistryDeps } from './ports.ts';
import { eraseRuns, runsToErase } from './store/erase-runs.ts';

/** Runs of one transaction, and of one round of housekeeping. */
const BATCH = 200;
const MAX_BATCHES = 50;

export interface EraseDeps extends Pick<RegistryDeps, 'clock' | 'random' | 'events'> {
  readonly database: Pick<Database, 'inTenant' | 'asSystem'>;
  readonly engine: Pick<Engine, 'forget'>;
  /** Destroys the keys of these runs, so that an old backup tells nothing of them either. */
  shred(tx: Tx, tenant: TenantId, runs: readonly RunId[]): Promise<unknown>;
}

/** Gives how many runs were erased; `except`: of tenants where something is held, whose retention looks at each run. */
export async function eraseOldRuns(deps: EraseDeps, keepMs: number, except: readonly TenantId[] = []): Promise<number> {
  const beforeMs = deps.clock.now() - keepMs;
  let erased = 0;
  for (let batch = 0; batch < MAX_BATCHES; batch += 1) {
    const found = await deps.database.asSystem('resolver', (tx) => runsToErase(tx, beforeMs, BATCH, except));
    if (found.length === 0) break;
    await deps.engine.forget(found.map(({ run }) => run));
    for (const [tenant, runs] of Map.groupBy(found, (one) => one.tenant))
      erased += await eraseOf(
        deps,
        tenant,
        runs.map(({ run }) => run),
        beforeMs,
      );
  }
  return erased;
}

function eraseOf(deps: EraseDeps, tenant: TenantId, runs: readonly RunId[], beforeMs: number): Promise<number> {
  const { clock, random, events } = deps;
  return deps.database.inTenant(tenant, async (tx) => {
    const count = await eraseRuns(tx, tenant, runs, clock.now());
    if (count === 0) return 0;
    await deps.shred(tx, tenant, runs);
    await events.appendIn(tx, [
      makeEvent(
        { clock, random },
        {
          tenant,
          type: 'workflows.runs.erased',
          actor: 'system:housekeeping',
          subject: tenant,
          public: { runs: count, finishedBefore: new Date(beforeMs).toISOString() },
        },
      ),
    ]);
    return count;
  });
}
