// The real clock, randomness and hash behind the ports of core.

import { createHash, hash, randomBytes } from 'node:crypto';
import type { Digest, Random } from '#core';
import { createSteadyClock, type SteadyClock } from './steady-clock.ts';

export const systemClock: SteadyClock = createSteadyClock(
  () => Date.now(),
  () => performance.now(),
);

/** Random bytes are drawn in blocks: a draw of ten bytes costs as much as one of a thousand. */
const BLOCK_BYTES = 4_096;
let block = new Uint8Array(0);
let used = 0;

export const systemRandom: Random = Object.freeze({
  bytes: (count: number): Uint8Array => {
    if (count > BLOCK_BYTES / 4) return randomBytes(count);
    if (used + count > block.length) {
      block = randomBytes(BLOCK_BYTES);
      used = 0;
    }
    // A copy: `slice` of a Buffer would share the memory that is wiped below.
    const bytes = new Uint8Array(count);
    bytes.set(block.subarray(used, used + count));
    // What was handed out is forgotten here.
    block.fill(0, used, used + count);
    used += count;
    return bytes;
  },
});

export const systemDigest: Digest = Object.freeze({
  sha256: (input: string | Uint8Array) => hash('sha256', input, 'hex'),
});

/** SHA-256 of what comes piece by piece. */
export const systemHasher = () => {
  const hasher = createHash('sha256');
  return { add: (bytes: Uint8Array) => void hasher.update(bytes), end: () => hasher.digest('hex') };
};

/** Both, for whoever makes ids or events. */
export const systemWorld = { clock: systemClock, random: systemRandom } as const;
