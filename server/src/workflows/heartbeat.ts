// This process says that it runs workflows, again and again, and knows by itself when it was silent for too long.
// INVARIANT: a process that could have been declared dead begins nothing before it has said that it lives and was believed.

import type { Clock } from '#core';
import type { InstanceProof } from '#identity';
import type { Database } from '#storage';
import { beatExecutor, joinExecutors, leaveExecutors } from './store/executors.ts';

export interface EngineTiming {
  readonly beatMs: number;
  /** A process that did not beat for this long is dead. */
  readonly deadAfterMs: number;
}

/** Four beats may be lost. Together with the leader's lease and the engine's own look for work a takeover stays under 15 seconds. */
export const TIMING: EngineTiming = Object.freeze({ beatMs: 2_000, deadAfterMs: 8_000 });

export interface Heartbeat {
  join(): Promise<void>;
  /** False when it was declared dead: it must begin anew under another name. */
  beat(): Promise<boolean>;
  isAlive(): boolean;
  leave(): Promise<void>;
}

export function createHeartbeat(deps: {
  readonly database: Pick<Database, 'asSystem'>;
  readonly clock: Clock;
  readonly executor: string;
  readonly proof: InstanceProof;
  readonly timing: EngineTiming;
}): Heartbeat {
  const { database, clock, executor, proof, timing } = deps;
  let isDead = false;
  /** When the last beat that was believed was sent. */
  let seenMs = 0;
  return {
    join: async () => {
      const sentMs = clock.now();
      await database.asSystem('resolver', (tx) => joinExecutors(tx, executor, proof.prove(executor)));
      seenMs = sentMs;
    },
    beat: async () => {
      const sentMs = clock.now();
      const isBelieved = await database.asSystem('resolver', (tx) => beatExecutor(tx, executor));
      if (isBelieved) seenMs = sentMs;
      else isDead = true;
      return isBelieved;
    },
    isAlive: () => !isDead && clock.now() - seenMs < timing.deadAfterMs,
    leave: async () => {
      isDead = true;
      await database.asSystem('resolver', (tx) => leaveExecutors(tx, executor));
    },
  };
}
