// Deterministic stand-ins for the ports of core: a clock that moves when told, randomness from a printed seed, a real digest.

import { createHash, randomInt } from 'node:crypto';

export interface FixedClock {
  now(): number;
  /** Moves time forward. */
  advance(ms: number): void;
}

/** 2030-01-01T00:00:00Z, so that a test never depends on the day it runs. */
const DEFAULT_START_MS = 1_893_456_000_000;

export function fixedClock(startMs: number = DEFAULT_START_MS): FixedClock {
  let nowMs = startMs;
  return {
    now: () => nowMs,
    advance: (ms) => {
      nowMs += ms;
    },
  };
}

export interface SeededRandom {
  readonly seed: number;
  bytes(count: number): Uint8Array;
  /** A whole number from 0 up to, not including, `below`. */
  below(below: number): number;
}

/** Bytes that look random and are the same for the same seed. The seed is printed, so that a failure can be repeated. */
export function seededRandom(seed: number = randomInt(2 ** 31)): SeededRandom {
  console.log(`random seed ${seed}`);
  let counter = 0;
  let pool = new Uint8Array(0);
  function bytes(count: number): Uint8Array {
    while (pool.length < count) {
      const block = createHash('sha256').update(`${seed}:${counter}`).digest();
      counter += 1;
      pool = new Uint8Array([...pool, ...block]);
    }
    const taken = pool.slice(0, count);
    pool = pool.slice(count);
    return taken;
  }
  return {
    seed,
    bytes,
    below: (below) => Buffer.from(bytes(6)).readUIntBE(0, 6) % below,
  };
}

export const nodeDigest = {
  sha256: (input: string | Uint8Array): string => createHash('sha256').update(input).digest('hex'),
};
