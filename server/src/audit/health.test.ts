// When the ledger's health turns late, failed and back: a clock that moves, and the facts of the moment.

import { fixedClock } from '@sallyport/testkit';
import { describe, expect, it } from 'vitest';
import { type HealthFacts, judgeHealth, worstState } from './health.ts';

const HOUR = 60 * 60_000;
const start = fixedClock().now();

function facts(change: Partial<HealthFacts> = {}): HealthFacts {
  return {
    nowMs: start,
    upSinceMs: start - 100 * HOUR,
    oldestUnsealedAtMs: null,
    signedAtMs: start,
    anchors: [],
    verifyEveryMs: 24 * HOUR,
    verifications: [],
    ...change,
  };
}

const judged = (change: Partial<HealthFacts>) => {
  const problems = judgeHealth(facts(change), 'quorum');
  return { state: worstState(problems), codes: problems.map((one) => one.code) };
};

describe('the health of a ledger', () => {
  it.each([
    [0, 'ok'],
    [5_000, 'ok'],
    [5_001, 'late'],
    [60_000, 'late'],
    [60_001, 'failed'],
  ])('is, with an event waiting %i ms to be sealed, %s', (waitedMs, state) => {
    expect(judged({ oldestUnsealedAtMs: start - waitedMs }).state).toBe(state);
  });

  it.each([
    [90_000, 'ok'],
    [90_001, 'late'],
    [300_001, 'failed'],
  ])('is, with the newest signature %i ms old, %s', (ageMs, state) => {
    expect(judged({ signedAtMs: start - ageMs }).state).toBe(state);
  });

  it.each([
    [null, 'ok'],
    [120_000, 'ok'],
    [120_001, 'late'],
    [900_001, 'failed'],
  ])('is, with a required anchor behind for %s ms, %s; of others it does not speak', (behindMs, state) => {
    const behindSinceMs = behindMs === null ? null : start - behindMs;
    expect(judged({ anchors: [{ name: 'folder', isRequired: true, behindSinceMs }] }).state).toBe(state);
    expect(judged({ anchors: [{ name: 'w1', isRequired: false, behindSinceMs }] }).state).toBe('ok');
    if (state !== 'ok')
      expect(judged({ anchors: [{ name: 'quorum', isRequired: true, behindSinceMs }] }).codes).toEqual(['AUDIT_WITNESS_QUORUM_LATE']);
  });

  it('is late when a verification is overdue by half its interval, and failed when one found a change, whoever asked', () => {
    const last = (hoursAgo: number, ok = true) => ({ atMs: start - hoursAgo * HOUR, ok, code: ok ? 'VERIFIED' : 'LEAF_CHANGED' });
    const of = (...rows: HealthFacts['verifications'][number][]) => judged({ verifications: rows });
    expect(of({ last: last(36), beganAtMs: 0 }).state).toBe('ok');
    expect(of({ last: last(36.1), beganAtMs: 0 })).toEqual({ state: 'late', codes: ['AUDIT_VERIFICATION_LATE'] });
    expect(of({ last: null, beganAtMs: start - 35 * HOUR }).state).toBe('ok');
    expect(of({ last: null, beganAtMs: start - 37 * HOUR }).state).toBe('late');
    expect(of({ last: last(1), beganAtMs: 0 }, { last: last(1, false), beganAtMs: 0 })).toEqual({
      state: 'failed',
      codes: ['AUDIT_VERIFICATION_FAILED'],
    });
    expect(judged({ verifyEveryMs: 0, verifications: [{ last: last(9_999), beganAtMs: 0 }] }).state).toBe('ok');
    expect(judged({ verifyEveryMs: 0, verifications: [{ last: last(9_999, false), beganAtMs: 0 }] }).state).toBe('failed');
  });

  it('gives a server that has just come up the time to do what was due while it was down', () => {
    const down = {
      oldestUnsealedAtMs: start - HOUR,
      signedAtMs: start - HOUR,
      anchors: [{ name: 'folder', isRequired: true, behindSinceMs: start - HOUR }],
    };
    expect(judged({ ...down, upSinceMs: start - 4_000 }).state).toBe('ok');
    expect(judged({ ...down, upSinceMs: start - 6_000 }).codes).toEqual(['AUDIT_SEALING_LATE']);
    expect(judged(down).state).toBe('failed');
  });

  it('names the worst first', () => {
    const both = { oldestUnsealedAtMs: start - 6_000, signedAtMs: start - 400_000 };
    expect(judged(both)).toEqual({ state: 'failed', codes: ['AUDIT_SIGNING_LATE', 'AUDIT_SEALING_LATE'] });
  });

  it('does not rest on moments that a clock which was put back since has left ahead', () => {
    const year = 365 * 24 * HOUR;
    expect(judged({ signedAtMs: start + year })).toEqual({ state: 'late', codes: ['AUDIT_SIGNING_LATE'] });
    expect(judged({ oldestUnsealedAtMs: start + year })).toEqual({ state: 'late', codes: ['AUDIT_SEALING_LATE'] });
    const last = { atMs: start + year, ok: true, code: 'VERIFIED' };
    expect(judged({ verifications: [{ last, beganAtMs: start }] })).toEqual({ state: 'late', codes: ['AUDIT_VERIFICATION_LATE'] });
    // Two servers whose clocks differ by little.
    expect(
      judged({ signedAtMs: start + 2_000, verifications: [{ last: { ...last, atMs: start + 60_000 }, beganAtMs: start }] }).state,
    ).toBe('ok');
  });
});
