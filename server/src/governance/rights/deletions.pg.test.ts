// Deletions elsewhere are asked for, however many others wait for somebody to decide.

import { fixedClock, newTenant, seededRandom, type TestDatabase, testDatabase } from '@sallyport/testkit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { newId } from '#core';
import { migrations as storage } from '#storage';
import { governanceEvents } from '../events.ts';
import { migrations } from '../migrations/index.ts';
import { insertTask } from '../store/requests.ts';
import { createDeletions, type DeletionCall } from './deletions.ts';

let test: TestDatabase;
const random = seededRandom();
const clock = fixedClock(Date.UTC(2026, 10, 2));
const tenant = newTenant(random);
beforeAll(async () => {
  test = await testDatabase([...storage, ...migrations], { events: governanceEvents });
});
afterAll(() => test.close());

it('asks for one that comes after hundreds that wait for a person or were refused', async () => {
  const asked: DeletionCall[] = [];
  const deletions = createDeletions({
    ...{ db: test.db, clock, random, index: { places: new Map() }, sealChange: async () => new Uint8Array(1) },
    vault: {
      seal: async (_tx, { plaintext }) => plaintext,
      openMany: async (_tx, { sealed }) => sealed,
      eraseSubjects: async () => [],
    },
    calls: {
      plan: () => ({ operation: null, person: null }),
      ask: async (_tenant, call) => {
        asked.push(call);
        return newId('apr', clock, random);
      },
      became: async () => ({ state: 'pending', code: null, decidedBy: null, effect: null }),
      onFault: (fault) => {
        throw fault;
      },
    },
  });
  const add = (dueAt: Date) =>
    test.db.inTenant(tenant, async (tx) => {
      const task = newId('vtk', clock, random);
      const sealedPerson = await deletions.seal(tx, tenant, task, { customer: ['7012'], email: [], phone: [] });
      const row = { id: task, request: newId('dsr', clock, random), vendor: 'help-desk', classes: [], operation: 'x', sealedPerson, dueAt };
      expect(await insertTask(tx, tenant, row)).toBe(true);
      return task;
    });
  for (let count = 0; count < 220; count += 1) await add(new Date(Date.UTC(2026, 10, 20)));
  await deletions.round(tenant);
  await deletions.round(tenant);
  expect(new Set(asked.map(({ task }) => task)).size).toBe(220);
  await test.admin(`update governance_tasks set outcome = 'refused' where id in (select id from governance_tasks order by id limit 110)`);
  const late = await add(new Date(Date.UTC(2026, 11, 2)));
  await deletions.round(tenant);
  expect(asked.at(-1)?.task).toBe(late);
  expect(asked).toHaveLength(221);
});
