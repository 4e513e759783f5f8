// Brings a database to the list of migrations this version knows: one at a time, each in its own transaction, under one lock.
// INVARIANT: what was applied never changes; a database from the future or with an edited past is refused untouched.

import { createHash } from 'node:crypto';
import pg from 'pg';
import { connectionSettings, DEFAULT_LIMITS } from './connection-settings.ts';
import { storageFault } from './errors.ts';
import { isServerError, translateError } from './translate-error.ts';

export interface Migration {
  /** `NNNN-room-name`; numbers are unique over all rooms. */
  readonly id: string;
  readonly sql: string;
}

/** Migration id -> SHA-256 of its SQL, as kept in `server/migrations.lock.json`. */
export type MigrationLock = Readonly<Record<string, string>>;

export interface MigrationReport {
  readonly applied: readonly string[];
  /** How many were already there. */
  readonly present: number;
}

export interface MigrateOptions {
  readonly adminUrl: string;
  readonly migrations: readonly Migration[];
  /** When given, every migration must stand in it with its hash. */
  readonly lock?: MigrationLock;
}

const ID = /^\d{4}-[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
/** Any constant will do, as long as every version uses the same. */
const ADVISORY_LOCK = 7_255_901_482;
const STATEMENT_TIMEOUT_MS = 15 * 60_000;
/** How long one process waits for another that is migrating. */
const LOCK_TIMEOUT_MS = 10 * 60_000;

const LEDGER = `create table if not exists storage_migrations (
  id text primary key,
  sha256 text not null,
  applied_at timestamptz not null default clock_timestamp()
)`;

export function migrationHash(migration: Migration): string {
  return createHash('sha256').update(migration.sql, 'utf8').digest('hex');
}

export function lockOf(migrations: readonly Migration[]): MigrationLock {
  return Object.fromEntries(sortMigrations(migrations).map((migration) => [migration.id, migrationHash(migration)]));
}

/** In the one global order; refuses malformed ids and two migrations with one number. */
export function sortMigrations(migrations: readonly Migration[]): readonly Migration[] {
  const sorted = migrations.toSorted((left, right) => (left.id < right.id ? -1 : 1));
  sorted.forEach((migration, index) => {
    if (!ID.test(migration.id)) throw storageFault('STORAGE_MIGRATION_INVALID', migration.id.slice(0, 60));
    if (sorted[index - 1]?.id.slice(0, 4) === migration.id.slice(0, 4)) {
      throw storageFault('STORAGE_MIGRATION_INVALID', `two migrations have the number ${migration.id.slice(0, 4)}`);
    }
  });
  return sorted;
}

export function checkLock(migrations: readonly Migration[], lock: MigrationLock): void {
  for (const migration of migrations) {
    if (lock[migration.id] !== migrationHash(migration)) throw storageFault('STORAGE_MIGRATION_EDITED', `${migration.id} is not as locked`);
  }
}

async function checkApplied(client: pg.Client, known: ReadonlyMap<string, Migration>): Promise<ReadonlySet<string>> {
  const { rows } = await client.query<{ id: string; sha256: string }>('select id, sha256 from storage_migrations order by id');
  for (const row of rows) {
    const migration = known.get(row.id);
    if (migration === undefined) throw storageFault('STORAGE_MIGRATION_UNKNOWN', row.id);
    if (migrationHash(migration) !== row.sha256) throw storageFault('STORAGE_MIGRATION_EDITED', `${row.id} is not as applied`);
  }
  return new Set(rows.map((row) => row.id));
}

async function transactionId(client: pg.Client): Promise<string> {
  const { rows } = await client.query<{ id: string }>('select pg_current_xact_id()::text as id');
  return rows[0]?.id ?? '';
}

async function apply(client: pg.Client, migration: Migration): Promise<void> {
  try {
    await client.query('begin');
    const before = await transactionId(client);
    await client.query(migration.sql);
    if ((await transactionId(client)) !== before) {
      throw storageFault('STORAGE_MIGRATION_INVALID', `${migration.id} ends its own transaction`);
    }
    await client.query('insert into storage_migrations (id, sha256) values ($1, $2)', [migration.id, migrationHash(migration)]);
    await client.query('commit');
  } catch (error) {
    if (!isServerError(error)) throw translateError(error);
    await client.query('rollback');
    const code = error.code === '42501' ? 'STORAGE_ROLES_NOT_PERMITTED' : 'STORAGE_MIGRATION_FAILED';
    throw storageFault(code, `${migration.id}, SQLSTATE ${error.code}`, translateError(error));
  }
}

async function migrateLocked(client: pg.Client, migrations: readonly Migration[]): Promise<MigrationReport> {
  await client.query(LEDGER);
  const present = await checkApplied(client, new Map(migrations.map((migration) => [migration.id, migration])));
  const missing = migrations.filter((migration) => !present.has(migration.id));
  for (const migration of missing) await apply(client, migration);
  return { applied: missing.map((migration) => migration.id), present: present.size };
}

export async function migrate(options: MigrateOptions): Promise<MigrationReport> {
  const migrations = sortMigrations(options.migrations);
  if (options.lock !== undefined) checkLock(migrations, options.lock);
  const limits = { ...DEFAULT_LIMITS, statementTimeoutMs: STATEMENT_TIMEOUT_MS, lockTimeoutMs: LOCK_TIMEOUT_MS };
  const client = new pg.Client(connectionSettings(options.adminUrl, limits, 'sallyport-migrate'));
  client.on('error', () => undefined); // reported by the statement that was running
  try {
    await client.connect();
    // Held by the session: a killed process lets go of it, and its open transaction is rolled back.
    await client.query(`select pg_advisory_lock(${ADVISORY_LOCK})`);
    return await migrateLocked(client, migrations);
  } catch (error) {
    throw translateError(error);
  } finally {
    await client.end();
  }
}
