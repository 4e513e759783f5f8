import { type TestDatabase, testDatabase } from '@sallyport/testkit';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { assertRowSecurity, checkServerSettings, createDatabase, inspectRowSecurity, migrations } from './index.ts';

let base: TestDatabase;

beforeAll(async () => {
  base = await testDatabase(migrations);
});
afterEach(async () => {
  await base.admin('drop schema if exists planted cascade; drop table if exists planted_table cascade; drop function if exists planted()');
});
afterAll(() => base.close());

const TABLE = 'create table planted_table (tenant text not null, id text, primary key (tenant, id));';
const ENABLE = 'alter table planted_table enable row level security;';
const FORCE = 'alter table planted_table force row level security;';
const WALL = `create policy tenant_wall on planted_table for all to sallyport_app
  using (tenant = (select sallyport_tenant())) with check (tenant = (select sallyport_tenant()));`;

const holes: readonly (readonly [string, string, RegExp])[] = [
  ['row security switched off', `${TABLE}${FORCE}${WALL}`, /planted_table has row security switched off/],
  ['row security not forced on the owner', `${TABLE}${ENABLE}${WALL}`, /planted_table does not force/],
  ['no policy', `${TABLE}${ENABLE}${FORCE}`, /planted_table has no policy for sallyport_app/],
  [
    'a second, open policy',
    `${TABLE}${ENABLE}${FORCE}${WALL} create policy wide on planted_table for select to sallyport_app using (true);`,
    /past the tenant by the policy wide/,
  ],
  [
    'a policy that is true without a tenant',
    `${TABLE}${ENABLE}${FORCE} create policy weak on planted_table for all to sallyport_app using (tenant = current_setting('sallyport.tenant', true));`,
    /past the tenant by the policy weak/,
  ],
  [
    'a policy for everybody',
    `${TABLE}${ENABLE}${FORCE}${WALL} create policy all_may on planted_table for select using (true);`,
    /policy all_may for everybody/,
  ],
  [
    'a grant to everybody',
    `${TABLE}${ENABLE}${FORCE}${WALL} grant select on planted_table to public;`,
    /planted_table is granted to everybody/,
  ],
  [
    'a tenant that may be null',
    `create table planted_table (tenant text, id text primary key); ${ENABLE}${FORCE}${WALL}`,
    /tenant is not "text not null"/,
  ],
  [
    'a key that does not start with the tenant',
    `create table planted_table (tenant text not null, id text primary key); ${ENABLE}${FORCE}${WALL}`,
    /tenant first in its primary key/,
  ],
  [
    'a table of the server itself',
    `${TABLE}${ENABLE}${FORCE}${WALL} alter table planted_table owner to sallyport_app;`,
    /owned by a role of the server/,
  ],
  ['a table without a tenant', 'create table planted_table (id text primary key);', /planted_table has no tenant column/],
  [
    'a table in another schema',
    'create schema planted; create table planted.hidden (id text primary key);',
    /planted\.hidden has no tenant column/,
  ],
  [
    "a view with its owner's rights",
    'create schema planted; create view planted.seen as select * from event_inbox;',
    /view planted\.seen does not use security_invoker/,
  ],
  [
    'a materialized view',
    'create schema planted; create materialized view planted.copied as select * from event_inbox;',
    /planted\.copied can not have row security/,
  ],
  [
    "a function with its owner's rights",
    "create function planted() returns text language sql security definer as 'select 1::text';",
    /function planted\(\) runs with its owner's rights/,
  ],
];

describe('the tenant walls', () => {
  test('are complete over the tables of storage', async () => {
    await assertRowSecurity(base.db);
    expect(await inspectRowSecurity(base.db)).toEqual({ tenantTables: ['public.event_inbox'], holes: [] });
  });

  test.each(holes)('%s is found', async (_name, plant, expected) => {
    await base.admin(plant);
    await expect(assertRowSecurity(base.db)).rejects.toMatchObject({
      code: 'STORAGE_ROW_SECURITY_OPEN',
      message: expect.stringMatching(expected),
    });
  });

  test('a table without a tenant passes only when it is named', async () => {
    await base.admin('create table planted_table (id text primary key)');
    await assertRowSecurity(base.db, ['planted_table']);
  });

  test('looking at a database without any tenant table is a failure, not a pass', async () => {
    const empty = await testDatabase([{ id: '0001-storage-roles', sql: migrations[0]?.sql ?? '' }]);
    await expect(assertRowSecurity(empty.db)).rejects.toMatchObject({ message: expect.stringContaining('nothing was checked') });
    await empty.close();
  });
});

describe('the durability of the server', () => {
  test('is accepted as the supervisor sets it', () => checkServerSettings(base.db));

  test('is refused when committed data may be lost', async () => {
    const other = await testDatabase(migrations);
    const name = new URL(other.url).pathname.slice(1);
    await other.admin(`alter database ${name} set synchronous_commit = off`);
    const db = createDatabase({ url: other.url, poolSize: 1, onFault: () => undefined });
    await expect(checkServerSettings(db)).rejects.toMatchObject({
      code: 'STORAGE_UNSAFE_SETTINGS',
      message: expect.stringContaining('synchronous_commit is off'),
    });
    await db.close();
    await other.close();
  });
});
