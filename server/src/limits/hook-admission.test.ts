import { fixedClock } from '@sallyport/testkit';
import { describe, expect, it } from 'vitest';
import { createHookAdmission, HOOKS_PER_MINUTE, RECORDED_PER_MINUTE } from './hook-admission.ts';

describe('deliveries of an integration', () => {
  it('are taken at their rate after a burst, each integration by itself', () => {
    const clock = fixedClock();
    const { admit } = createHookAdmission(clock);
    const burst = Array.from({ length: 500 }, () => admit('a')).filter((answer) => answer === null).length;
    expect(burst).toBeLessThan(HOOKS_PER_MINUTE);
    expect(admit('a')).toMatchObject({ code: 'LIMITS_HOOK_RATE_EXCEEDED', evidence: { retryAfterMs: 100 } });
    expect(admit('b')).toBe(null);
    clock.advance(60_000);
    expect(Array.from({ length: 500 }, () => admit('a')).filter((answer) => answer === null).length).toBe(burst);
    clock.advance(100);
    expect([admit('a'), admit('a')?.code]).toEqual([null, 'LIMITS_HOOK_RATE_EXCEEDED']);
  });
});

describe('refused deliveries', () => {
  it('are recorded up to a bound, and none of the rest is forgotten', () => {
    const clock = fixedClock();
    const { recordRefusal, takeUnrecorded } = createHookAdmission(clock);
    const answers = Array.from({ length: RECORDED_PER_MINUTE + 70 }, () => recordRefusal('a'));
    expect(answers.filter((unrecorded) => unrecorded === 0).length).toBe(RECORDED_PER_MINUTE);
    expect(answers.at(-1)).toBe(null);
    clock.advance(60_000 / RECORDED_PER_MINUTE);
    expect(recordRefusal('a')).toBe(70);
    expect([recordRefusal('a'), recordRefusal('a')]).toEqual([null, null]);
    expect([...takeUnrecorded()]).toEqual([['a', 2]]);
    expect([...takeUnrecorded()]).toEqual([]);
  });

  it('use up nothing of what the integration itself may deliver', () => {
    const { admit, recordRefusal } = createHookAdmission(fixedClock());
    for (let nth = 0; nth < 10_000; nth += 1) recordRefusal('a');
    expect(admit('a')).toBe(null);
  });
});
