// Lets the role of backups, and nobody else, read every table of data: what a migration added is opened before the first backup after it.
// INVARIANT: it grants select only; nothing logs in as this role, and the server's own role can not become it.

import type pg from 'pg';
import { withSession } from './session.ts';
import { BACKUP_ROLE, findTables, quoted } from './tables.ts';

const LOCK = 7_255_901_484;

const OPEN = `
select n.nspname || '.' || c.relname as name, c.relrowsecurity as walled,
  has_table_privilege('${BACKUP_ROLE}', c.oid, 'select') as readable,
  exists (select from pg_policy p where p.polrelid = c.oid and p.polname = '${BACKUP_ROLE}') as policed
from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.relkind = 'r' and n.nspname in ('public', 'dbos')`;

const SEQUENCES = `
select n.nspname || '.' || c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
where n.nspname in ('public', 'dbos')
  and case when c.relkind = 'S' then not has_sequence_privilege('${BACKUP_ROLE}', c.oid, 'select') else false end`;

const HAS_ROLE = `select 1 from pg_roles where rolname = '${BACKUP_ROLE}'`;

async function open(client: pg.Client): Promise<void> {
  if ((await client.query(HAS_ROLE)).rows.length === 0) return;
  await client.query(`select pg_advisory_lock(${LOCK})`);
  for (const schema of ['public', 'dbos']) {
    const { rows } = await client.query('select 1 from pg_namespace where nspname = $1 and not has_schema_privilege($2, oid, $3)', [
      schema,
      BACKUP_ROLE,
      'usage',
    ]);
    if (rows.length > 0) await client.query(`grant usage on schema ${schema} to ${BACKUP_ROLE}`);
  }
  const data = new Set((await findTables(client)).map(({ name }) => name));
  const tables = await client.query<{ name: string; walled: boolean; readable: boolean; policed: boolean }>(OPEN);
  for (const { name, walled, readable, policed } of tables.rows) {
    if (!data.has(name)) continue;
    const table = quoted({ name, columns: [] }).name;
    if (!readable) await client.query(`grant select on table ${table} to ${BACKUP_ROLE}`);
    if (walled && !policed) await client.query(`create policy ${BACKUP_ROLE} on ${table} for select to ${BACKUP_ROLE} using (true)`);
  }
  const sequences = await client.query<{ name: string }>(SEQUENCES);
  for (const { name } of sequences.rows)
    await client.query(`grant select on sequence ${quoted({ name, columns: [] }).name} to ${BACKUP_ROLE}`);
}

/** After migrations. What is open already is left alone, so that a start takes no lock on a table in use. */
export function openToBackup(adminUrl: string): Promise<void> {
  return withSession(adminUrl, 'sallyport-backup-role', open);
}
