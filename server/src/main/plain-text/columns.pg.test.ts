// The columns of the picture, read from a database after every migration: each is placed, and what stands in sealed ones is looked at.

import { newTenant, seededRandom, type TestDatabase, testDatabase } from '@sallyport/testkit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { inspectWire, listColumns, sampleSealed } from '#storage';
import { SEALED_FORM } from '#vault';
import { prepareEngine } from '#workflows';
import { removeTenant, seedTenant } from '../../../../testkit/two-tenants/world.ts';
import { allMigrations } from '../compose/database.ts';
import { kindOf } from './columns.ts';

let test: TestDatabase;
const tenant = newTenant(seededRandom());
beforeAll(async () => {
  test = await testDatabase([...allMigrations]);
  await prepareEngine(test.adminUrl, 'sallyport_app');
  await seedTenant(test, tenant);
});
afterAll(async () => {
  await removeTenant(test, tenant);
  await test.close();
});

it('says of every column that there is what it holds, and of one that is added that nobody said', async () => {
  const unplaced = async (): Promise<readonly string[]> =>
    (await test.db.inTenant(tenant, listColumns))
      .filter((one) => kindOf(one) === 'unplaced')
      .map(({ table, column }) => `${table}.${column}`);
  expect(await unplaced(), 'say in main/plain-text/columns.ts what these hold').toEqual([]);
  await test.admin('alter table approvals add column comment text');
  await test.admin('alter table approvals add column picture bytea');
  expect(await unplaced()).toEqual(['approvals.comment', 'approvals.picture']);
  await test.admin('alter table approvals drop column comment, drop column picture');
});

it('tells sealed values from bytes that nobody sealed, tenant by tenant, and sees no TLS where there is none', async () => {
  const look = (of = tenant) =>
    test.db.inTenant(of, async (tx) => {
      const sealed = (await listColumns(tx)).filter((one) => kindOf(one) === 'sealed');
      expect(sealed.length).toBeGreaterThan(20);
      return (await sampleSealed(tx, sealed, SEALED_FORM)).find(({ table, column }) => `${table}.${column}` === 'approvals.sealed_call');
    });
  const set = (bytes: Uint8Array) => test.admin('update approvals set sealed_call = $2 where tenant = $1', [tenant, Buffer.from(bytes)]);
  const sealed = new Uint8Array(60).fill(7);
  sealed[0] = 1;
  await set(sealed);
  const fine = await look();
  expect([(fine?.looked ?? 0) > 0, fine?.unlike]).toEqual([true, 0]);
  await set(Buffer.from('{"customer":"robin.field@example.com","note":"a call in clear, and long enough"}'));
  expect((await look())?.unlike).toBeGreaterThan(0);
  expect((await look(newTenant(seededRandom(9))))?.looked).toBe(0);
  expect(await inspectWire(test.url)).toEqual({ isTls: false, protocol: null, address: '127.0.0.1' });
});
