// How often somebody may try to sign in: counted by address and by credential in a table all replicas share.
// INVARIANT: what is stored is a keyed hash of whom it is about, for minutes; no address is kept.

import { type Clock, type Refusal, refuse } from '#core';
import type { Database } from '#storage';
import { identityCodes } from '../errors.ts';
import { countAttempt } from '../store/challenges.ts';
import type { Hasher } from '../workloads/tokens.ts';

export interface AttemptLimit {
  readonly name: string;
  readonly count: number;
  readonly windowMs: number;
}

/** Every request of somebody who is not signed in. Behind a proxy all people share its address, so it is generous. */
export const BY_ADDRESS: AttemptLimit = { name: 'address', count: 120, windowMs: 60_000 };
/** Failures with one passkey, and of recovery codes from one address: nobody mistypes that often. */
export const BY_CREDENTIAL: AttemptLimit = { name: 'credential', count: 10, windowMs: 5 * 60_000 };
export const RECOVERY_BY_ADDRESS: AttemptLimit = { name: 'recovery', count: 20, windowMs: 15 * 60_000 };

export interface Attempts {
  /** Counts one try; a refusal that says how long to wait once there were too many. */
  count(limit: AttemptLimit, whom: string): Promise<Refusal | null>;
  /** Whether there were too many already; counts nothing. */
  check(limit: AttemptLimit, whom: string): Promise<Refusal | null>;
}

export function createAttempts(deps: { readonly db: Database; readonly clock: Clock; readonly hasher: Pick<Hasher, 'keyed'> }): Attempts {
  const { db, clock, hasher } = deps;
  const tried = async (limit: AttemptLimit, whom: string, by: 0 | 1): Promise<Refusal | null> => {
    const nowMs = clock.now();
    const window = { now: new Date(nowMs), expiresAt: new Date(nowMs + limit.windowMs), by };
    const { count, expiresAt } = await countAttempt(db, hasher.keyed(`attempt ${limit.name}`, whom), window);
    const isOver = by === 1 ? count > limit.count : count >= limit.count;
    if (!isOver) return null;
    const retryAfterSeconds = Math.max(1, Math.ceil((expiresAt.getTime() - nowMs) / 1_000));
    return refuse('IDENTITY_TOO_MANY_ATTEMPTS', identityCodes.IDENTITY_TOO_MANY_ATTEMPTS.sentence, { retryAfterSeconds });
  };
  return { count: (limit, whom) => tried(limit, whom, 1), check: (limit, whom) => tried(limit, whom, 0) };
}
