// What is known of the world after a call. The world that may have changed must never read as one that did not.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { refuse, SallyportError } from '#core';
import { effectState, type GuardResult } from './outcome.ts';

const released: GuardResult = { kind: 'released', status: 200 };
const faulted: GuardResult = { kind: 'faulted', code: 'EGRESS_X', retryable: true };
const refused = (sent: boolean): GuardResult => ({
  kind: 'refused',
  stage: 'send',
  refusal: refuse('X', 'x', sent ? { sent: true } : {}),
});
const fault = (sent: boolean | undefined): Error => Object.assign(new SallyportError('EGRESS_X', 'x'), sent === undefined ? {} : { sent });
const of = (status: number | null, error: unknown, result: GuardResult, resends = false) =>
  effectState({ status, fault: error, result }, resends);

describe('an effect', () => {
  it.each([
    [200, 'done'],
    [201, 'done'],
    [299, 'done'],
    [400, 'failed'],
    [404, 'failed'],
    [408, 'unknown'],
    [409, 'failed'],
    [500, 'unknown'],
    [503, 'unknown'],
  ] as const)('answered with %i is %s', (status, state) => {
    expect(of(status, null, released)).toBe(state);
  });

  it('whose reply was withheld happened all the same', () => {
    expect(of(200, null, refused(false))).toBe('done');
    expect(of(201, fault(undefined), faulted)).toBe('done');
  });

  it('that never left is given back, and only when egress or the stage says so', () => {
    expect(of(null, fault(false), faulted)).toBe('never_left');
    expect(of(null, null, refused(false))).toBe('never_left');
    expect(of(null, fault(true), faulted)).toBe('unknown');
    expect(of(null, fault(undefined), faulted)).toBe('unknown');
    expect(of(null, new Error('a bug'), faulted)).toBe('unknown');
    expect(of(null, null, refused(true))).toBe('unknown');
    expect(of(null, null, { kind: 'aborted' })).toBe('unknown');
  });

  it('[PROMISE-9] repeated after an unknown attempt is done or still unknown, whatever comes back', () => {
    fc.assert(
      fc.property(
        fc.option(fc.integer({ min: 100, max: 599 })),
        fc.constantFrom(null, fault(true), fault(false), new Error('x')),
        fc.constantFrom(released, faulted, refused(true), refused(false)),
        (status, error, result) => {
          const state = of(status, error, result, true);
          expect(state).toBe(status !== null && status >= 200 && status < 300 ? 'done' : 'unknown');
        },
      ),
    );
  });
});
