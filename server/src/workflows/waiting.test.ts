// What holds a run back in this process: room for so many at once, and pauses that end early when somebody says so.

import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { RunId } from '#core';
import { createPauses } from './pauses.ts';
import { createSlots } from './slots.ts';

const HOUR_MS = 3_600_000;
const one = 'run_one' as RunId;
const two = 'run_two' as RunId;

describe('slots', () => {
  it('let so many work at once and no more, first come first served, also after one failed', async () => {
    const slots = createSlots(2);
    const begun: number[] = [];
    const ends: (() => void)[] = [];
    const works = [0, 1, 2, 3].map((nth) =>
      slots.use(async () => {
        begun.push(nth);
        await new Promise<void>((resolve) => ends.push(resolve));
        if (nth === 0) throw new Error('failed');
      }),
    );
    const outcome = Promise.allSettled(works);
    await turn();
    expect(begun).toEqual([0, 1]);
    ends[0]?.();
    await turn();
    expect(begun).toEqual([0, 1, 2]);
    ends[1]?.();
    await turn();
    expect(begun).toEqual([0, 1, 2, 3]);
    for (const end of ends) end();
    expect((await outcome).map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled', 'fulfilled']);
    await slots.use(async () => {});
  });
});

describe('pauses', () => {
  it('end when the run is woken, and of no other run', async () => {
    const pauses = createPauses();
    pauses.open(one);
    pauses.open(two);
    const woken: string[] = [];
    void pauses.sleep(two, HOUR_MS).then(() => woken.push('two'));
    const first = pauses.sleep(one, HOUR_MS);
    pauses.wake(one);
    await first;
    await turn();
    expect(woken).toEqual([]);
    pauses.wakeAll();
    await turn();
    expect(woken).toEqual(['two']);
  });

  it('are none when the word came while the run was looked at, once', async () => {
    const pauses = createPauses();
    pauses.open(one);
    pauses.wake(one);
    await pauses.sleep(one, HOUR_MS);
    let isAwake = false;
    const second = pauses.sleep(one, HOUR_MS).then(() => {
      isAwake = true;
    });
    await turn();
    expect(isAwake).toBe(false);
    pauses.wake(one);
    await second;
  });

  it('are over for a run nobody keeps open', async () => {
    const pauses = createPauses();
    const close = pauses.open(one);
    close();
    await pauses.sleep(one, HOUR_MS);
  });
});
