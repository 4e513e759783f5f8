import { expect, test } from 'vitest';
import { ownRead, shippedPolicy } from './test/policies.ts';

test('prints what a decision costs', () => {
  const policy = shippedPolicy();
  const time = (count: number, run: (index: number) => void): number => {
    const start = performance.now();
    for (let index = 0; index < count; index += 1) run(index);
    return ((performance.now() - start) * 1_000) / count;
  };
  const pay = { ...ownRead, action: 'money', autonomy: 'within_limits', amountWithinRemainder: true, limitMinor: 1_000_000n } as const;
  time(200, (index) => policy.authorize({ ...pay, amountMinor: BigInt(index) }));
  const fresh = time(400, (index) => policy.authorize({ ...pay, amountMinor: BigInt(10_000 + index) }));
  const asks = time(400, (index) => policy.authorize({ ...pay, autonomy: 'none', amountMinor: BigInt(20_000 + index) }));
  const remembered = time(50_000, () => policy.authorize(ownRead));
  console.log(
    `policy: remembered ${remembered.toFixed(2)} us, fresh ${fresh.toFixed(0)} us, fresh that asks a person ${asks.toFixed(0)} us`,
  );
  expect(policy.authorize(ownRead).kind).toBe('allow');
});
