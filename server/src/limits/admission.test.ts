// Admission: rates hold over any pattern of calls, a refused call costs nothing, and memory is bounded.

import { fixedClock } from '@sallyport/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isRefusal, type Principal } from '#core';
import { createAdmission } from './admission.ts';
import { createBucketMap } from './token-bucket.ts';
import { windowStart } from './windows.ts';

const workload = (key: string): Principal =>
  ({ kind: 'workload', tenant: 'ten_1', workload: 'wkl_1', key, workflow: null, integrations: new Set() }) as unknown as Principal;

describe('token buckets', () => {
  it('never let more through than the capacity and the refill of the time that passed', () => {
    fc.assert(
      fc.property(fc.array(fc.record({ afterMs: fc.nat(3_000), cost: fc.integer({ min: 1, max: 12 }) }), { maxLength: 80 }), (calls) => {
        const buckets = createBucketMap({ capacity: 10, refillPerSecond: 5 });
        let [nowMs, taken] = [0, 0];
        for (const { afterMs, cost } of calls) {
          nowMs += afterMs;
          const waitMs = buckets.waitMs('k', cost, nowMs);
          expect(waitMs === Number.POSITIVE_INFINITY).toBe(cost > 10);
          if (waitMs > 0) continue;
          buckets.take('k', cost, nowMs);
          taken += cost;
          expect(taken).toBeLessThanOrEqual(10 + (nowMs * 5) / 1_000 + 1e-6);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('say how long to wait, exactly', () => {
    const buckets = createBucketMap({ capacity: 2, refillPerSecond: 4 });
    buckets.take('k', 2, 0);
    const waitMs = buckets.waitMs('k', 1, 0);
    expect(waitMs).toBe(250);
    expect(buckets.waitMs('k', 1, waitMs - 1)).toBeGreaterThan(0);
    expect(buckets.waitMs('k', 1, waitMs)).toBe(0);
  });

  it('give nothing when the clock is set back', () => {
    const buckets = createBucketMap({ capacity: 2, refillPerSecond: 1 });
    buckets.take('k', 2, 10_000);
    expect(buckets.waitMs('k', 1, 0)).toBe(1_000);
  });

  it('forget the key used longest ago when there are too many', () => {
    const buckets = createBucketMap({ capacity: 1, refillPerSecond: 1 }, 3);
    for (const key of ['a', 'b', 'c', 'a', 'd']) buckets.take(key, 1, 0);
    expect(buckets.size).toBe(3);
    expect(buckets.waitMs('a', 1, 0)).toBeGreaterThan(0);
    expect(buckets.waitMs('b', 1, 0)).toBe(0);
  });
});

describe('admission', () => {
  const config = { requestsPerMinute: 600, tokensPerMinute: 1_000 };

  it('keeps each key to its rate: a burst of ten seconds, then what refills', () => {
    const clock = fixedClock();
    const admission = createAdmission(clock, config);
    const admitted = (key: string, calls: number): number =>
      Array.from({ length: calls }, () => admission.admit(workload(key), { tokensEstimate: 0 })).filter((refusal) => refusal === null)
        .length;
    expect(admitted('key_a', 500)).toBe(100);
    expect(admitted('key_b', 1)).toBe(1);
    let refilled = 0;
    for (let at = 0; at < 60; at += 1) {
      clock.advance(1_000);
      refilled += admitted('key_a', 50);
    }
    expect(refilled).toBe(600);
  });

  it('tells how long to wait, and a refused call costs nothing', () => {
    const clock = fixedClock();
    const admission = createAdmission(clock, config);
    expect(admission.admit(workload('k'), { tokensEstimate: 900 })).toBeNull();
    const refusal = admission.admit(workload('k'), { tokensEstimate: 200 });
    expect(isRefusal(refusal) && [refusal.code, refusal.evidence.retryAfterMs]).toEqual(['LIMITS_TOKENS_EXCEEDED', 6_000]);
    expect(admission.admit(workload('k'), { tokensEstimate: 100 })).toBeNull();
  });

  it('refuses for good what never fits', () => {
    const admission = createAdmission(fixedClock(), config);
    expect(admission.admit(workload('k'), { tokensEstimate: 1_001 })).toMatchObject({ code: 'LIMITS_REQUEST_TOO_LARGE' });
  });

  it('replaces the estimate by what was used', () => {
    const admission = createAdmission(fixedClock(), config);
    admission.admit(workload('k'), { tokensEstimate: 1_000 });
    admission.correct(workload('k'), { tokensEstimate: 1_000, tokensActual: 100 });
    expect(admission.admit(workload('k'), { tokensEstimate: 900 })).toBeNull();
    admission.correct(workload('k'), { tokensEstimate: 900, tokensActual: 5_000 });
    expect(admission.admit(workload('k'), { tokensEstimate: 1 })).toMatchObject({ code: 'LIMITS_TOKENS_EXCEEDED' });
  });

  it('counts a person by session', () => {
    const admission = createAdmission(fixedClock(), { requestsPerMinute: 6, tokensPerMinute: 10 });
    const person = (session: string) => ({ kind: 'person', tenant: 'ten_1', person: 'per_1', session }) as unknown as Principal;
    expect(admission.admit(person('ses_1'), { tokensEstimate: 0 })).toBeNull();
    expect(admission.admit(person('ses_1'), { tokensEstimate: 0 })).toMatchObject({ code: 'LIMITS_RATE_EXCEEDED' });
    expect(admission.admit(person('ses_2'), { tokensEstimate: 0 })).toBeNull();
  });
});

describe('windows', () => {
  it('begin at the full hour and at midnight UTC', () => {
    const atMs = Date.UTC(2030, 0, 31, 23, 59, 59, 999);
    expect(windowStart('hour', atMs)).toBe(Date.UTC(2030, 0, 31, 23));
    expect(windowStart('day', atMs)).toBe(Date.UTC(2030, 0, 31));
    expect(windowStart('day', atMs + 1)).toBe(Date.UTC(2030, 1, 1));
  });
});
