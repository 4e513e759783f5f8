// Refuses a database server that may forget what it has acknowledged: the ledger's promise would be void on it.

import { sql } from 'kysely';
import type { Database } from './database.ts';
import { storageFault } from './errors.ts';
import { query } from './transaction.ts';

const REQUIRED = ['fsync', 'synchronous_commit', 'full_page_writes'] as const;

/** Throws STORAGE_UNSAFE_SETTINGS naming each setting that is off, as the server's own connections see it. */
export async function checkServerSettings(db: Database): Promise<void> {
  const { rows } = await db.asSystem('installer', (tx) =>
    sql<{ name: string; setting: string }>`select name, setting from pg_settings where name in (${sql.join([...REQUIRED])})`.execute(
      query(tx),
    ),
  );
  const settings = new Map(rows.map((row) => [row.name, row.setting]));
  const unsafe = REQUIRED.filter((name) => (settings.get(name) ?? 'off') === 'off');
  if (unsafe.length > 0) throw storageFault('STORAGE_UNSAFE_SETTINGS', unsafe.map((name) => `${name} is off`).join(', '));
}
