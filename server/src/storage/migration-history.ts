// What was done to this database, by which release, and whether a server of this release may work on it.
// INVARIANT: what was applied never changes; an unknown past, an edited one, or one two releases ahead is refused untouched.

import { sql } from 'kysely';
import type pg from 'pg';
import type { Database } from './database.ts';
import { storageFault } from './errors.ts';
import { type Migration, migrationHash, phaseOf } from './migration-list.ts';
import { query } from './transaction.ts';

const TABLES = `
create table if not exists storage_migrations (
  id text primary key,
  sha256 text not null,
  applied_at timestamptz not null default clock_timestamp()
);
alter table storage_migrations
  add column if not exists phase text not null default 'expand',
  add column if not exists release integer not null default 1,
  add column if not exists is_complete boolean not null default true;
create table if not exists storage_migration_steps (
  migration text not null,
  step text not null,
  place text not null default '',
  rows bigint not null default 0,
  done_at timestamptz,
  primary key (migration, step)
);`;

const HAS_TABLES = "select to_regclass('public.storage_migration_steps') is not null as has";

/** Asked first: even an empty ALTER waits for everybody who reads the table. */
export async function ensureHistory(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ has: boolean }>(HAS_TABLES);
  if (rows[0]?.has !== true) await client.query(TABLES);
}

export interface History {
  readonly applied: ReadonlySet<string>;
  /** Applied, with steps still to do. */
  readonly open: ReadonlySet<string>;
  /** Of the next release: this one does not know them and works beside them. */
  readonly ahead: readonly string[];
}

interface Row {
  readonly id: string;
  readonly sha256: string;
  readonly phase: string;
  readonly release: number;
  readonly is_complete: boolean;
}

/** What a server of `release` may find that it does not know: what the very next release has added, and nothing it took away. */
export function isTolerated(row: Pick<Row, 'phase' | 'release'>, release: number): boolean {
  return row.phase === 'expand' && row.release === release + 1;
}

const HISTORY = 'select id, sha256, phase, release, is_complete from storage_migrations order by id';

export async function readHistory(client: pg.Client, known: ReadonlyMap<string, Migration>, release: number): Promise<History> {
  return historyOf((await client.query<Row>(HISTORY)).rows, known, release);
}

/** For a process that may not migrate: whether the owner of the database has brought it to where this program is. */
export async function checkPrepared(
  db: Pick<Database, 'asSystem'>,
  { migrations, release }: { readonly migrations: readonly Migration[]; readonly release: number },
): Promise<void> {
  const known = new Map(migrations.map((migration) => [migration.id, migration]));
  const { rows } = await db.asSystem('installer', (tx) => sql.raw<Row>(HISTORY).execute(query(tx)));
  const { applied, open } = historyOf(rows, known, release);
  const missing = migrations.find(({ id }) => !applied.has(id) || open.has(id));
  if (missing !== undefined) throw storageFault('STORAGE_NOT_PREPARED', missing.id);
}

function historyOf(rows: readonly Row[], known: ReadonlyMap<string, Migration>, release: number): History {
  const ahead: string[] = [];
  for (const row of rows) {
    const migration = known.get(row.id);
    if (migration !== undefined) {
      if (migrationHash(migration) !== row.sha256) throw storageFault('STORAGE_MIGRATION_EDITED', `${row.id} is not as applied`);
    } else if (isTolerated(row, release)) ahead.push(row.id);
    else throw storageFault('STORAGE_MIGRATION_UNKNOWN', `${row.id} of release ${row.release}, this is release ${release}`);
  }
  const open = rows.filter((row) => !row.is_complete && known.has(row.id)).map(({ id }) => id);
  return { applied: new Set(rows.filter((row) => known.has(row.id)).map(({ id }) => id)), open: new Set(open), ahead };
}

export async function recordApplied(client: pg.Client, migration: Migration, release: number): Promise<void> {
  await client.query('insert into storage_migrations (id, sha256, phase, release, is_complete) values ($1, $2, $3, $4, $5)', [
    migration.id,
    migrationHash(migration),
    phaseOf(migration),
    release,
    (migration.steps ?? []).length === 0,
  ]);
}

export async function recordComplete(client: pg.Client, id: string): Promise<void> {
  await client.query('update storage_migrations set is_complete = true where id = $1', [id]);
}
