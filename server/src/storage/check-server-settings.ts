// Refuses a database server that may forget what it has acknowledged: the ledger's promise would be void on it.
// INVARIANT: it asks as the server's own connections see the settings, and looks for overrides that other connections would get.

import { type Ask, askOf } from './ask-server.ts';
import type { Database } from './database.ts';
import { storageFault } from './errors.ts';
import { APP_ROLE } from './roles.ts';

const REQUIRED = ['fsync', 'synchronous_commit', 'full_page_writes'] as const;

async function switchedOff(ask: Ask): Promise<readonly string[]> {
  const rows = await ask<{ name: string; setting: string; source: string }>(
    'select name, setting, source from pg_settings where name = any($1)',
    [REQUIRED],
  );
  const settings = new Map(rows.map((row) => [row.name, row]));
  return REQUIRED.flatMap((name) => {
    const found = settings.get(name);
    return found === undefined || found.setting === 'off' ? [`${name} is off (${whereSet(found?.source)})`] : [];
  });
}

/** Where an operator finds it, in the words of the command that undoes it. */
function whereSet(source: string | undefined): string {
  switch (source) {
    case 'database':
      return 'ALTER DATABASE ... SET';
    case 'user':
      return `ALTER ROLE ${APP_ROLE} SET`;
    case 'database user':
      return `ALTER ROLE ${APP_ROLE} IN DATABASE ... SET`;
    case 'command line':
      return 'the command line of the server';
    default:
      return 'postgresql.conf';
  }
}

/** Overrides for any role or database that our connections may come by, whoever holds them now. */
async function overrides(ask: Ask): Promise<readonly string[]> {
  const rows = await ask<{ role: string | null; database: string | null; setting: string }>(
    `select case when s.setrole = 0 then null else pg_get_userbyid(s.setrole)::text end as role, d.datname::text as database, c as setting
    from pg_db_role_setting s left join pg_database d on d.oid = s.setdatabase, unnest(s.setconfig) c
    where split_part(c, '=', 1) = any($1) and lower(split_part(c, '=', 2)) in ('off', 'false', 'no', '0')
      and (s.setdatabase = 0 or d.datname = current_database()) order by 1, 2`,
    [REQUIRED],
  );
  return rows.map(({ role, database, setting }) => {
    const target =
      role === null ? `ALTER DATABASE ${database}` : `ALTER ROLE ${role}${database === null ? '' : ` IN DATABASE ${database}`}`;
    return `${setting.split('=')[0]} is switched off by ${target} SET`;
  });
}

/** A crash empties an unlogged table, whatever the settings say. */
async function unlogged(ask: Ask): Promise<readonly string[]> {
  const rows = await ask<{ name: string }>(`select c.oid::regclass::text as name from pg_class c
    where c.relkind in ('r', 'p') and c.relpersistence = 'u' and c.relnamespace = 'public'::regnamespace order by 1`);
  return rows.map(({ name }) => `the table ${name} is unlogged; ALTER TABLE ${name} SET LOGGED`);
}

/** What is off now because of an override is said once. */
function isSaid(later: string, now: readonly string[]): boolean {
  return now.some((one) => one.split(' ')[0] === later.split(' ')[0] && one.includes('ALTER'));
}

/** One sentence for each way in which acknowledged data could be lost; empty when there is none. */
export async function inspectServerSettings(ask: Ask): Promise<readonly string[]> {
  const now = await switchedOff(ask);
  const later = await overrides(ask);
  return [...now, ...later.filter((one) => !isSaid(one, now)), ...(await unlogged(ask))];
}

/** Throws STORAGE_UNSAFE_SETTINGS naming each of them. */
export async function checkServerSettings(db: Database): Promise<void> {
  const unsafe = await db.asSystem('installer', (tx) => inspectServerSettings(askOf(tx)));
  if (unsafe.length > 0) throw storageFault('STORAGE_UNSAFE_SETTINGS', unsafe.join('; '));
}
