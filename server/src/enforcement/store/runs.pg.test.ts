import { setTimeout as pause } from 'node:timers/promises';
import { fixedClock, newTenant, seededRandom, type TestDatabase, testDatabase } from '@sallyport/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { migrations as auditMigrations } from '#audit';
import { newId, WORST } from '#core';
import type { KnownValue } from '#dlp';
import { migrations as storageMigrations } from '#storage';
import { migrations } from '../migrations/index.ts';
import { createRunStore, type KnownValueStore } from './runs.ts';

const random = seededRandom();
const clock = fixedClock(Date.UTC(2026, 10, 1));
let test: TestDatabase;

beforeAll(async () => {
  test = await testDatabase([...storageMigrations, ...auditMigrations, ...migrations]);
});
afterAll(() => test.close());

describe('what a run has read', () => {
  it('[PROMISE-4] is known to every call of it, also when two opened it at once and one was slow', async () => {
    const tenant = newTenant(random);
    const run = newId('run', clock, random);
    let loads = 0;
    let finishSlow = (): void => {};
    const slow = new Promise<void>((resolve) => {
      finishSlow = resolve;
    });
    const runs = await createRunStore(
      test.db,
      {
        remember: async () => {},
        forget: async () => {},
        load: async () => {
          loads += 1;
          if (loads === 2) await slow;
          return [];
        },
      },
      'one',
    );
    const first = runs.open(tenant, run);
    const second = runs.open(tenant, run);
    await first;
    const value = { type: 'PERSON', value: 'Orvo Tamsin', subject: '1042' } as const;
    const result = { tenant, run, toolCallId: 'look', digest: 'd', label: WORST, known: [value] };
    await test.db.inTenant(tenant, (tx) => runs.record(tx, result));
    finishSlow();
    await second;
    const { known, label } = await runs.open(tenant, run);
    expect(known).toEqual([value]);
    expect(label).toEqual(WORST);
    await runs.close();
  });

  it('[PROMISE-4] is known to another process that had opened the run before', async () => {
    const tenant = newTenant(random);
    const run = newId('run', clock, random);
    const kept: KnownValue[] = [];
    const values: KnownValueStore = {
      remember: async (_tx, _tenant, _run, more) => void kept.push(...more),
      forget: async () => {},
      load: async () => kept.map(({ type, value, subject }) => ({ type, value, subject })),
    };
    const [here, there] = [await createRunStore(test.db, values, 'here'), await createRunStore(test.db, values, 'there')];
    expect((await there.open(tenant, run)).known).toEqual([]);
    const value = { type: 'PERSON', value: 'Orvo Tamsin', subject: '1042' } as const;
    await test.db.inTenant(tenant, (tx) => here.record(tx, { tenant, run, toolCallId: 'look', digest: 'd', label: WORST, known: [value] }));
    while ((await there.open(tenant, run)).known.length === 0) await pause(5);
    expect((await there.open(tenant, run)).known).toEqual([value]);
    expect((await there.open(tenant, run)).recognise('look', 'd')).toEqual(WORST);
    await Promise.all([here.close(), there.close()]);
  });
});
