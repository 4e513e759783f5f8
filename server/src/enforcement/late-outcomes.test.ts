// Outcomes that wait for a database that is away.

import { describe, expect, it } from 'vitest';
import { type CallId, SallyportError } from '#core';
import { createLateOutcomes } from './late-outcomes.ts';

const call = (n: number): CallId => `call_${n}` as CallId;
const away = new SallyportError('STORAGE_UNAVAILABLE', 'away', { retryable: true });

describe('late outcomes', () => {
  it('are written in their order once the database is back, each until it is done', async () => {
    const lost: CallId[] = [];
    const written: number[] = [];
    const all = Promise.withResolvers<void>();
    let tries = 0;
    const late = createLateOutcomes({ onLost: (which) => lost.push(which), retryMs: 1 });
    const write = (n: number) => async (): Promise<void> => {
      tries += 1;
      if (tries < 5) throw tries % 2 === 0 ? new SallyportError('STORAGE_COMMIT_UNKNOWN', 'unknown') : away;
      written.push(n);
      if (written.length === 3) all.resolve();
    };
    for (const n of [1, 2, 3]) late.add(call(n), write(n));
    await all.promise;
    expect([written, lost]).toEqual([[1, 2, 3], []]);
    await late.stop();
  });

  it('that can never be written are told and do not hold up the others', async () => {
    const lost: CallId[] = [];
    const done = Promise.withResolvers<void>();
    const late = createLateOutcomes({ onLost: (which) => lost.push(which), retryMs: 1 });
    late.add(call(1), () => Promise.reject(new Error('a bug')));
    late.add(call(2), async () => done.resolve());
    await done.promise;
    await late.stop();
    expect(lost).toEqual([call(1)]);
  });

  it('are tried once more at the end, and what is left then is told', async () => {
    const lost: CallId[] = [];
    let isBack = false;
    const late = createLateOutcomes({ onLost: (which) => lost.push(which), retryMs: 3_600_000 });
    late.add(call(1), () => (isBack ? Promise.resolve() : Promise.reject(away)));
    late.add(call(2), () => Promise.reject(away));
    isBack = true;
    await late.stop();
    late.add(call(3), () => Promise.resolve());
    expect(lost).toEqual([call(2), call(3)]);
  });
});
