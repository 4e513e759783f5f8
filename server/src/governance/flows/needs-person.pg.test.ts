// Who decides a call that decides about people: a person, where it is about somebody who opted out, or nobody can tell whom it is about.

import { fixedClock, newTenant, nodeDigest, seededRandom, type TestDatabase, testDatabase } from '@sallyport/testkit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { JsonValue } from '#core';
import { migrations as storage } from '#storage';
import { governanceEvents } from '../events.ts';
import { migrations } from '../migrations/index.ts';
import { createOptOuts } from './opt-outs.ts';

let test: TestDatabase;
const random = seededRandom();
const tenant = newTenant(random);
beforeAll(async () => {
  test = await testDatabase([...storage, ...migrations], { events: governanceEvents });
});
afterAll(() => test.close());

it('a person does where an id alone stands there, which may be of anything, as soon as anybody opted out', async () => {
  const vault = { blindReference: async (_tx: unknown, _tenant: unknown, subject: string) => nodeDigest.sha256(subject) };
  const optOuts = createOptOuts({ db: test.db, vault, clock: fixedClock(), random });
  const needs = (args: JsonValue, customer: string | null = null): Promise<boolean> =>
    optOuts.needsPerson(
      tenant,
      { values: [args], people: customer === null ? [] : [{ kind: 'customer', value: customer }] },
      { integration: 'shop', workflow: null },
    );
  expect(await needs({ id: '9001' })).toBe(false);
  await optOuts.set(
    { tenant, actor: 'system:test' },
    { people: [{ kind: 'customer', value: '7012' }], uses: ['admt'], source: 'person', out: true },
  );
  expect(await needs({ order: '9001' })).toBe(true);
  expect(await needs({ id: '9001' })).toBe(true);
  expect(await needs({ order: { id: '9001' }, amount: '5.00' })).toBe(true);
  // Somebody else, said as what they are.
  expect(await needs({ id: '9001' }, '7013')).toBe(false);
  expect(await needs({ id: '9001', customer_id: 7013 })).toBe(false);
  expect(await needs({ id: 'gid://shopify/Customer/7013' })).toBe(false);
  expect(await needs({ id: '7012', customer_id: 7013 })).toBe(true);
});
