// One of the processes watches the others: who does not beat any more is declared dead, and its runs are handed on; runs that no process
// has are begun. INVARIANT: only the leader of the moment declares, and nobody is taken over who was not declared dead.

import type { RunId, TenantId, Tx } from '#core';
import type { InstanceProof } from '#identity';
import type { Database } from '#storage';
import type { EngineTiming } from './heartbeat.ts';
import {
  declareDead,
  dropStrangeLead,
  expelExecutors,
  livingExecutors,
  markedExecutors,
  markRecovered,
  strayRuns,
  takeLead,
} from './store/executors.ts';

/** A run is written first and told to the engine then; this is how long that may take before somebody looks. */
const STRAY_AFTER_MS = 5_000;
const MAX_STRAYS = 1_000;
/** Rows of processes of long ago say nothing. */
const KEEP_DEAD_MS = 60 * 60_000;
/** Shorter than the time after which a process is dead, so that a dead leader delays nothing. */
export const LEASE_BEATS = 3;

export interface Stray {
  readonly tenant: TenantId;
  readonly run: RunId;
}

export interface LeaderDeps {
  readonly database: Pick<Database, 'asSystem'>;
  readonly executor: string;
  readonly proof: InstanceProof;
  readonly timing: EngineTiming;
  /** Hands on what the engine knows of these processes. */
  recover(executors: readonly string[]): Promise<void>;
  /** Begins a run nobody has, or begins it again. */
  revive(stray: Stray, living: ReadonlySet<string>): Promise<void>;
}

export interface Leader {
  /** Looks once, if this process watches; gives how many processes were found dead. */
  watch(): Promise<number>;
}

/** INVARIANT: a row whose mark is not this installation's is no process: it is expelled before anybody watches, with the lease it may have taken. */
async function expelStrangers(tx: Tx, { proof, timing }: Pick<LeaderDeps, 'proof' | 'timing'>): Promise<void> {
  const marked = await markedExecutors(tx);
  const strangers = marked.filter(({ executor, mark }) => !proof.isProven(executor, mark)).map(({ executor }) => executor);
  await expelExecutors(tx, strangers);
  await dropStrangeLead(
    tx,
    marked.map(({ executor }) => executor).filter((executor) => !strangers.includes(executor)),
    2 * LEASE_BEATS * timing.beatMs,
  );
}

export function createLeader({ database, executor, proof, timing, recover, revive }: LeaderDeps): Leader {
  return {
    watch: async () => {
      const seen = await database.asSystem('resolver', async (tx) => {
        await expelStrangers(tx, { proof, timing });
        if ((await takeLead(tx, executor, LEASE_BEATS * timing.beatMs)) === null) return null;
        const dead = await declareDead(tx, executor, timing.deadAfterMs);
        return { dead, strays: await strayRuns(tx, STRAY_AFTER_MS, MAX_STRAYS), living: await livingExecutors(tx) };
      });
      if (seen === null) return 0;
      if (seen.dead.length > 0) {
        await recover(seen.dead);
        await database.asSystem('resolver', (tx) => markRecovered(tx, seen.dead, KEEP_DEAD_MS));
      }
      for (const stray of seen.strays) await revive(stray, seen.living);
      return seen.dead.length;
    },
  };
}
