// Deliveries of integrations: how many a minute, and how many refused ones are recorded one by one. In memory and per process.
// Refused ones do not count against the rate: a stranger who floods a hook must not keep its integration out.

import { type Clock, type Refusal, refuse } from '#core';
import { createBucketMap } from './token-bucket.ts';

export interface HookAdmission {
  /** Asked once the signature is found good. */
  admit(hook: string): Refusal | null;
  /** How many refusals before this one were not recorded, or `null` when this one is not to be recorded either. */
  recordRefusal(hook: string): number | null;
  /** What was counted and never told, by hook; told by this call. */
  takeUnrecorded(): ReadonlyMap<string, number>;
}

/** Ten tickets a second for minutes is a shop on its busiest day; a sender tries again what is refused. */
export const HOOKS_PER_MINUTE = 600;
const HOOK_BURST = 100;
/** Enough to see what goes on; a flood must not fill the ledger. */
export const RECORDED_PER_MINUTE = 30;

export function createHookAdmission(clock: Clock): HookAdmission {
  const deliveries = createBucketMap({ capacity: HOOK_BURST, refillPerSecond: HOOKS_PER_MINUTE / 60 });
  const records = createBucketMap({ capacity: RECORDED_PER_MINUTE, refillPerSecond: RECORDED_PER_MINUTE / 60 });
  let unrecorded = new Map<string, number>();

  return {
    admit: (hook) => {
      const waitMs = deliveries.waitMs(hook, 1, clock.now());
      if (waitMs > 0) {
        return refuse('LIMITS_HOOK_RATE_EXCEEDED', 'This integration delivers faster than it may; try again later.', {
          retryAfterMs: waitMs,
          perMinute: HOOKS_PER_MINUTE,
        });
      }
      deliveries.take(hook, 1, clock.now());
      return null;
    },
    recordRefusal: (hook) => {
      const before = unrecorded.get(hook) ?? 0;
      if (records.waitMs(hook, 1, clock.now()) > 0) {
        unrecorded.set(hook, before + 1);
        return null;
      }
      records.take(hook, 1, clock.now());
      unrecorded.delete(hook);
      return before;
    },
    takeUnrecorded: () => {
      const taken = unrecorded;
      unrecorded = new Map();
      return taken;
    },
  };
}
