import { expect, it } from 'vitest';
import { createInOrder } from './in-order.ts';

it('does one piece after the other, and tells a failure to its own caller alone', async () => {
  const { run, idle } = createInOrder();
  const done: string[] = [];
  const gate = Promise.withResolvers<void>();
  const first = run(async () => {
    await gate.promise;
    done.push('first');
  });
  const second = run(() => {
    done.push('second');
    throw new Error('second failed');
  });
  const third = run(() => done.push('third'));
  expect(done).toEqual([]);
  gate.resolve();
  await expect(second).rejects.toThrow('second failed');
  expect([await first, await third, done]).toEqual([undefined, 3, ['first', 'second', 'third']]);
  await idle();
});
