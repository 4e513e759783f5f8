// How a step of the engine writes: what the step does, it does before and outside of any transaction; what came of it and the engine's
// completion record commit in one transaction of the tenant.
// INVARIANT: a step that threw wrote nothing, one that is written is never written again, and who lost the run writes nothing.

import { DBOS } from '@dbos-inc/dbos-sdk';
import { type DataSourceTransactionHandler, registerDataSource, runTransaction } from '@dbos-inc/dbos-sdk/datasource';
import type { RunId, TenantId, Tx } from '#core';
import type { DatabasePort } from '#enforcement';
import type { Moved } from './commit.ts';
import { countMove, type Held, readHeld } from './store/ownership.ts';

/** A run in the hands of this process. */
export interface Holding {
  readonly database: DatabasePort;
  readonly tenant: TenantId;
  readonly run: RunId;
  readonly executor: string;
  /** As it stood when this process took it. */
  readonly held: Held;
}

/** Another process has the run now. It never reaches the engine, which would note it as the end of the step. */
export class LostRun extends Error {}

/** Writes in the transaction it is given; what it throws rolls everything back. */
export type Write = (work: (tx: Tx) => Promise<Moved>) => Promise<Moved>;

export interface Step {
  readonly holding: Holding;
  /** Does what comes next, and writes what came of it once. */
  move(write: Write): Promise<Moved>;
}

/** Rolls back what was written behind a count that was not ours to make. */
class NotCounted extends Error {}

const NAME = 'sallyport';

/** What came of a move that is written. */
function replay({ moves, hasEnded }: Held, nth: number): Moved {
  return hasEnded && nth === moves - 1 ? 'ended' : 'moved';
}

/** The `nth` move of the run, from 0. */
export async function runStep({ holding, move }: Step, nth: number): Promise<Moved> {
  const { database, tenant, executor, held } = holding;
  // Written before a crash that kept the engine from noting it.
  if (nth < held.moves) return replay(held, nth);
  return move(async (work) => {
    try {
      return await database.inTenant(tenant, async (tx) => {
        // The count is asked for first and locks the run; what follows stands behind it on the same connection.
        const [isOurs, moved] = await Promise.allSettled([countMove(tx, holding, executor, nth), work(tx)]);
        if (isOurs.status === 'rejected') throw isOurs.reason;
        if (!isOurs.value) throw new NotCounted();
        if (moved.status === 'rejected') throw moved.reason;
        return moved.value;
      });
    } catch (fault) {
      if (!(fault instanceof NotCounted)) throw fault;
      const now = await database.inTenant(tenant, (tx) => readHeld(tx, holding, executor));
      if (now === null || now.moves <= nth) throw new LostRun();
      // The answer to an earlier commit was lost, and it did happen. What was done since then is done again as the same effect.
      return replay(now, nth);
    }
  });
}

const handler: DataSourceTransactionHandler = {
  name: NAME,
  initialize: async () => {},
  destroy: async () => {},
  invokeTransactionFunction: async (config: unknown, ..._function: unknown[]) => (await runStep(config as Step, DBOS.stepID ?? 0)) as never,
};

registerDataSource(handler);

/** One step of the engine. */
export function moveInTransaction(step: Step): Promise<Moved> {
  return runTransaction<Moved>(async () => 'moved', 'move', { dsName: NAME, config: step });
}
