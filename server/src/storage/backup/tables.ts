// Which tables a backup holds, in an order in which they can be loaded, and whether all their rows can be seen.
// INVARIANT: it lists what exists; what is left out stands in one list with its reason.

import type pg from 'pg';
import { storageFault } from '../errors.ts';

export const BACKUP_ROLE = 'sallyport_backup';
const SCHEMAS = ['public', 'dbos'] as const;

/** Facts of one database or one installation, not data: they are made anew, or stand in the manifest. */
const LEFT_OUT: ReadonlySet<string> = new Set([
  'public.storage_migrations', // in the manifest
  'public.storage_migration_steps',
  'public.storage_replicas', // the servers that work on it now
  'public.storage_app_login', // the password of this server's login
  'public.storage_backups', // what stands in the backup folder says it
  'public.storage_restore',
  'public.storage_restore_yes',
  'public.storage_restore_step',
  'dbos.dbos_migrations', // made by the engine itself; its number stands in the manifest
]);

export interface TableShape {
  /** `schema.table`. */
  readonly name: string;
  readonly columns: readonly string[];
}

export interface FoundTable extends TableShape {
  readonly parents: readonly string[];
  readonly bytes: number;
}

const NAME = /^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$/;
const COLUMN = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Names come from the catalogue or a manifest; both are checked, so that quoting is enough. */
export function quoted(table: TableShape): { readonly name: string; readonly columns: string } {
  if (!NAME.test(table.name) || !table.columns.every((column) => COLUMN.test(column)))
    throw storageFault('STORAGE_BACKUP_DAMAGED', 'a table or column has a name that is none');
  const [schema, name] = table.name.split('.');
  return { name: `"${schema}"."${name}"`, columns: table.columns.map((column) => `"${column}"`).join(', ') };
}

const TABLES = `
select n.nspname || '.' || c.relname as name, pg_table_size(c.oid)::float8 as bytes,
  array(select a.attname::text from pg_attribute a
    where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = '' order by a.attnum) as columns,
  array(select distinct fn.nspname || '.' || fc.relname from pg_constraint k
    join pg_class fc on fc.oid = k.confrelid join pg_namespace fn on fn.oid = fc.relnamespace
    where k.conrelid = c.oid and k.contype = 'f' and k.confrelid <> c.oid) as parents
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where c.relkind = 'r' and n.nspname = any($1) order by 1`;

/** Every table of data, parents before the tables that refer to them. */
export async function findTables(client: pg.Client): Promise<readonly FoundTable[]> {
  const { rows } = await client.query<{ name: string; bytes: number; columns: string[]; parents: string[] }>(TABLES, [SCHEMAS]);
  const waiting = new Map(rows.filter(({ name }) => !LEFT_OUT.has(name)).map((row) => [row.name, row]));
  const ordered: FoundTable[] = [];
  while (waiting.size > 0) {
    const ready = [...waiting.values()].filter(({ parents }) => parents.every((parent) => !waiting.has(parent)));
    if (ready.length === 0)
      throw storageFault('STORAGE_BACKUP_IMPOSSIBLE', `tables refer to each other: ${[...waiting.keys()].join(', ')}`);
    for (const table of ready) {
      waiting.delete(table.name);
      ordered.push(table);
    }
  }
  return ordered;
}

export interface SequenceValue {
  readonly name: string;
  readonly last: string;
  readonly isCalled: boolean;
}

export async function readSequences(client: pg.Client): Promise<readonly SequenceValue[]> {
  const { rows } = await client.query<{ name: string }>(
    `select n.nspname || '.' || c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind = 'S' and n.nspname = any($1) order by 1`,
    [SCHEMAS],
  );
  const values: SequenceValue[] = [];
  for (const { name } of rows) {
    const found = await client.query<{ last: string; called: boolean }>(
      `select last_value::text as last, is_called as called from ${quoted({ name, columns: [] }).name}`,
    );
    values.push({ name, last: found.rows[0]?.last ?? '1', isCalled: found.rows[0]?.called ?? false });
  }
  return values;
}

export async function setSequences(client: pg.Client, sequences: readonly SequenceValue[]): Promise<void> {
  for (const { name, last, isCalled } of sequences)
    await client.query('select setval($1::regclass, $2::bigint, $3)', [quoted({ name, columns: [] }).name, last, isCalled]);
}

/** For row security only a policy that lets the role see every row will do, and no other may take rows away from it. */
const HIDDEN = `
select n.nspname || '.' || c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
where c.relkind = 'r' and n.nspname = any($1) and c.relrowsecurity and (
  not exists (select from pg_policy p where p.polrelid = c.oid and p.polpermissive and p.polcmd in ('r', '*')
    and '${BACKUP_ROLE}'::regrole = any(p.polroles) and pg_get_expr(p.polqual, p.polrelid) = 'true')
  or exists (select from pg_policy p where p.polrelid = c.oid and not p.polpermissive and p.polcmd in ('r', '*')
    and (0 = any(p.polroles) or '${BACKUP_ROLE}'::regrole = any(p.polroles))))`;

/** Throws when some row of some table would be left out of the backup without anybody noticing. */
export async function refuseHiddenRows(client: pg.Client, tables: readonly TableShape[]): Promise<void> {
  const { rows } = await client.query<{ name: string }>(HIDDEN, [SCHEMAS]);
  const wanted = new Set(tables.map(({ name }) => name));
  const hidden = rows.map(({ name }) => name).filter((name) => wanted.has(name));
  if (hidden.length > 0) throw storageFault('STORAGE_BACKUP_ROWS_HIDDEN', hidden.join(', '));
}
