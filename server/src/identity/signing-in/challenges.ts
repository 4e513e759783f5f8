// What an authenticator is asked to sign: random, good once, for five minutes, for one purpose and whoever asked. Shared by replicas.
// INVARIANT: only its keyed hash is stored, and taking it is one statement that only one caller can win.

import type { Clock, Random } from '#core';
import type { Database } from '#storage';
import { addChallenge, takeChallenge } from '../store/challenges.ts';
import type { Hasher } from '../workloads/tokens.ts';

export type ChallengePurpose = 'sign-in' | 'enrol' | 'step-up';

export interface Challenges {
  /** Base64url. `bound`: person and session it is made for; empty for a sign-in, where nobody is known yet. */
  make(purpose: ChallengePurpose, bound: string): Promise<string>;
  /** Uses it up; false when it is not one of ours, was used, is too old or was made for something or somebody else. */
  take(purpose: ChallengePurpose, bound: string, challenge: string): Promise<boolean>;
}

const LIFETIME_MS = 5 * 60_000;
const CHALLENGE_BYTES = 32;
const FORM = /^[\w-]{43}$/;

export function createChallenges(deps: {
  readonly db: Database;
  readonly clock: Clock;
  readonly random: Random;
  readonly hasher: Pick<Hasher, 'keyed'>;
}): Challenges {
  const { db, clock, random, hasher } = deps;
  const row = (purpose: ChallengePurpose, bound: string, challenge: string) => ({
    hash: hasher.keyed('challenge', challenge),
    purpose,
    bound,
  });
  return {
    async make(purpose, bound) {
      const challenge = Buffer.from(random.bytes(CHALLENGE_BYTES)).toString('base64url');
      await addChallenge(db, row(purpose, bound, challenge), new Date(clock.now() + LIFETIME_MS));
      return challenge;
    },
    async take(purpose, bound, challenge) {
      // Looked for whatever it looks like, so that a malformed one costs what an unknown one costs.
      const isTaken = await takeChallenge(db, row(purpose, bound, challenge), new Date(clock.now()));
      return isTaken && FORM.test(challenge);
    },
  };
}
