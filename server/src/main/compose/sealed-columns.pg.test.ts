// The list of sealed columns against the database of all rooms: a column of bytes that nobody named is found.

import { type TestDatabase, testDatabase } from '@sallyport/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { allMigrations } from './database.ts';
import { otherBytes, sealedColumns } from './sealed-columns.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase(allMigrations);
});
afterAll(() => database.close());

async function columnsOfBytes(): Promise<readonly string[]> {
  const rows = await database.admin(
    `select table_name || '.' || column_name as name from information_schema.columns
     where table_schema = 'public' and data_type = 'bytea' order by 1`,
  );
  return rows.map(({ name }) => String(name));
}

const named = (): readonly string[] =>
  [...sealedColumns.map(({ table, column }) => `${table}.${column}`), ...Object.keys(otherBytes)].toSorted();

test('every column of bytes is sealed and listed, or named as something else; one that is planted is found', async () => {
  expect(await columnsOfBytes()).toEqual(named());
  await database.admin('create table forgotten (tenant text not null, id text not null, sealed bytea, primary key (tenant, id))');
  expect(await columnsOfBytes()).not.toEqual(named());
  await database.admin('drop table forgotten');
});

test('each is listed with the primary key of its table, and may be read and changed by who seals it anew', async () => {
  const rows = await database.admin(
    `select c.relname as name, (select json_agg(a.attname order by n) from unnest(i.indkey) with ordinality k (at, n)
       join pg_attribute a on a.attrelid = c.oid and a.attnum = k.at) as key
     from pg_index i join pg_class c on c.oid = i.indrelid where i.indisprimary and c.relnamespace = 'public'::regnamespace`,
  );
  const keys = new Map((rows as unknown as { name: string; key: string[] }[]).map(({ name, key }) => [name, key]));
  for (const { table, column, key, isCommitted } of sealedColumns) {
    expect([table, keys.get(table)]).toEqual([table, ['tenant', ...key]]);
    const right = isCommitted === true ? 'select' : 'update';
    const may = await database.admin(`select has_column_privilege('sallyport_app', '${table}', '${column}', '${right}') as may`);
    expect([table, column, may[0]]).toEqual([table, column, { may: true }]);
  }
});
