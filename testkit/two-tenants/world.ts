// Puts the rows of one tenant into a database, copies them for another under the same ids, and tells whether any of those changed.

import { createHash } from 'node:crypto';
import type { TestDatabase } from '../test-database.ts';
import { seed } from './seed.ts';

export async function tenantTables(test: TestDatabase): Promise<readonly string[]> {
  const rows = await test.admin<{ name: string }>(`select c.relname::text as name from pg_class c
    join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant' and not a.attisdropped
    where c.relkind in ('r', 'p') and c.relnamespace = 'public'::regnamespace order by 1`);
  return rows.map(({ name }) => name);
}

/** Behind the walls, without triggers and foreign keys: rows are put where they are wanted, and taken away in any order. */
async function asOwner(test: TestDatabase, statements: readonly (readonly [string, readonly unknown[]])[]): Promise<void> {
  const text = statements.map(([statement, values]) =>
    values.reduce<string>((filled, value, index) => filled.replaceAll(`$${index + 1}`, literal(value)), statement),
  );
  await test.admin(['begin', "set local session_replication_role = 'replica'", ...text, 'commit'].join(';\n'));
}

const literal = (value: unknown): string => `E'${String(value).replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;

export async function seedTenant(test: TestDatabase, tenant: string): Promise<void> {
  const statements = Object.entries(seed).flatMap(([table, rows]) =>
    rows.map((row) => {
      const columns = ['tenant', ...Object.keys(row)].join(', ');
      const text = JSON.stringify({ tenant, ...row }).replaceAll('TENANT', tenant);
      return [
        `insert into ${table} (${columns}) overriding system value select ${columns} from json_populate_record(null::${table}, $1)`,
        [text],
      ] as const;
    }),
  );
  await asOwner(test, statements);
}

/** Every row of `from` again for `to`: the same ids, names and times, but for what is unique over all tenants. */
export async function copyTenant(test: TestDatabase, from: string, to: string): Promise<void> {
  const columns = await test.admin<{ table: string; name: string; alone: boolean }>(`
    select c.relname::text as table, a.attname::text as name, exists (
      select 1 from pg_index i where i.indrelid = c.oid and i.indisunique and a.attnum = any(i.indkey)
        and not exists (select 1 from pg_attribute t where t.attrelid = c.oid and t.attname = 'tenant' and t.attnum = any(i.indkey))
    ) as alone
    from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    where c.relname = any('{${(await tenantTables(test)).join(',')}}') and c.relnamespace = 'public'::regnamespace order by 1, a.attnum`);
  const statements = [...Map.groupBy(columns, ({ table }) => table)].map(([table, list]) => {
    const values = list.map(({ name, alone }) => (name === 'tenant' ? '$1' : alone ? `${name} || ' of the other'` : name));
    const names = list.map(({ name }) => name).join(', ');
    return [
      `insert into ${table} (${names}) overriding system value select ${values.join(', ')} from ${table} where tenant = $2`,
      [to, from],
    ] as const;
  });
  await asOwner(test, statements);
}

export async function removeTenant(test: TestDatabase, tenant: string): Promise<void> {
  await asOwner(
    test,
    (await tenantTables(test)).map((table) => [`delete from ${table} where tenant = $1`, [tenant]] as const),
  );
}

/** A digest of every row a tenant has, by table; a table without rows would prove nothing and is named `empty`. */
export async function digestRows(test: TestDatabase, tenant: string): Promise<ReadonlyMap<string, string>> {
  const digests = new Map<string, string>();
  for (const table of await tenantTables(test)) {
    const rows = await test.admin<{ row: string }>(`select t::text as row from ${table} t where tenant = $1 order by 1`, [tenant]);
    const hash = createHash('sha256');
    for (const { row } of rows) hash.update(`${row}\n`);
    digests.set(table, rows.length === 0 ? 'empty' : hash.digest('hex'));
  }
  return digests;
}
