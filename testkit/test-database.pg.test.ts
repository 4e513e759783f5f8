import { afterAll, beforeAll, expect, test } from 'vitest';
import { migrations } from '../server/src/storage/index.ts';
import { type TestDatabase, testDatabase } from './index.ts';

let one: TestDatabase;
let other: TestDatabase;

beforeAll(async () => {
  [one, other] = await Promise.all([testDatabase(migrations), testDatabase(migrations)]);
});

afterAll(async () => {
  await Promise.all([one.close(), other.close()]);
});

test('two test databases do not see each other', async () => {
  await one.admin('create table only_here (id text)');
  expect(await one.admin("select to_regclass('only_here')::text as name")).toEqual([{ name: 'only_here' }]);
  expect(await other.admin("select to_regclass('only_here')::text as name")).toEqual([{ name: null }]);
});

test('the cluster of the tests is durable, so that what it proves holds for real ones', async () => {
  const rows = await one.admin("select name, setting from pg_settings where name in ('fsync', 'synchronous_commit', 'full_page_writes')");
  expect(rows.map((row) => row.setting)).toEqual(['on', 'on', 'on']);
});
