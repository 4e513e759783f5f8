// However a reply is cut on its way, the caller reads the same. A share of what `npm run verify -- restore` does a million times.

import { describe, expect, it } from 'vitest';
import { runApart } from './apart.ts';
import { MAX_PLACEHOLDER, runTrials, WAYS } from './trials.ts';

const SEED = 0x5a11_0001;
const COUNTS = {
  utf16: { random: 40_000, roundsADocument: 40 },
  bytes: { random: 20_000, roundsADocument: 40 },
  sse: { random: 1_000, roundsADocument: 100 },
  arguments: { random: 600, roundsADocument: 100 },
} as const;

describe('restoring in a stream', () => {
  it.each(WAYS)('[D2] gives what the whole text gives: every cut in two and random cuts by %s', (way) => {
    console.log(`random seed ${SEED}`);
    const { mismatches, first, every, random, heldMost } = runTrials(way, SEED, COUNTS[way]);
    expect({ mismatches, first }).toEqual({ mismatches: 0, first: null });
    expect([every > 1_000, random]).toEqual([true, COUNTS[way].random]);
    expect(heldMost).toBeLessThanOrEqual(MAX_PLACEHOLDER);
  });
});

describe('10,000 conversations of seven tenants at once', () => {
  it('[D2] each read their own values, and nobody else’s', () => {
    expect(runApart(10_000, SEED)).toEqual({ conversations: 10_000, restored: 40_000, wrong: 0 });
  });
});
