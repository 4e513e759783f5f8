// Brings a database to the list of migrations this version knows, one at a time, under one lock, while other servers work on it.
// INVARIANT: nothing is taken away that a living server still needs; a killed attempt is continued by the next one.

import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { connectionSettings, DEFAULT_LIMITS } from './connection-settings.ts';
import { storageFault } from './errors.ts';
import { ensureHistory, readHistory, recordApplied, recordComplete } from './migration-history.ts';
import { checkLock, type Migration, type MigrationLock, phaseOf, sortMigrations } from './migration-list.ts';
import { runSteps, type StepProgress } from './migration-steps.ts';
import { oldestReplica, REPLICA_TIMING, registerReplica } from './replicas.ts';
import { isServerError, translateError } from './translate-error.ts';

export interface MigrationReport {
  readonly applied: readonly string[];
  /** How many were already there. */
  readonly present: number;
  /** Of the next release; this one works beside them. */
  readonly ahead: readonly string[];
}

export interface MigrateOptions {
  readonly adminUrl: string;
  readonly migrations: readonly Migration[];
  /** When given, every migration must stand in it with its hash. */
  readonly lock?: MigrationLock;
  /** Number of the release this program is of; 1 when not said. */
  readonly release?: number;
  /** Name of this server, entered among the living ones under the lock. */
  readonly replica?: string;
  /** How long to wait for older servers to end, and for a lock that transactions hold. */
  readonly patienceMs?: number;
  readonly onProgress?: (progress: StepProgress) => void;
}

/** Any constant will do, as long as every version uses the same. */
const ADVISORY_LOCK = 7_255_901_482;
const STATEMENT_TIMEOUT_MS = 15 * 60_000;
/** An index over all events of years; the step before it is kept. */
const STEP_TIMEOUT_MS = 24 * 60 * 60_000;
/** How long one process waits for another that is migrating. */
const TURN_TIMEOUT_MS = STEP_TIMEOUT_MS;
const TURN_POLL_MS = 100;
/** A statement that waits for a table makes everybody behind it wait too: it gives up soon and tries again. */
const TABLE_WAIT_MS = 2_000;
const PATIENCE_MS = 20_000;
const LOCK_NOT_AVAILABLE = '55P03';

async function transactionId(client: pg.Client): Promise<string> {
  const { rows } = await client.query<{ id: string }>('select pg_current_xact_id()::text as id');
  return rows[0]?.id ?? '';
}

/** Everything of one attempt to migrate. */
interface Run {
  readonly client: pg.Client;
  readonly release: number;
  readonly self: string;
  readonly patienceMs: number;
  readonly onlooker: pg.ClientConfig;
  readonly onProgress: (progress: StepProgress) => void;
}

async function tryApply({ client, release }: Run, migration: Migration): Promise<void> {
  await client.query('begin');
  await client.query(`set local statement_timeout = ${STATEMENT_TIMEOUT_MS}; set local lock_timeout = ${TABLE_WAIT_MS}`);
  const before = await transactionId(client);
  await client.query(migration.sql);
  if ((await transactionId(client)) !== before) throw storageFault('STORAGE_MIGRATION_INVALID', `${migration.id} ends its own transaction`);
  await recordApplied(client, migration, release);
  await client.query('commit');
}

async function apply(run: Run, migration: Migration): Promise<void> {
  const deadline = AbortSignal.timeout(run.patienceMs);
  for (;;) {
    try {
      return await tryApply(run, migration);
    } catch (error) {
      if (!isServerError(error)) throw translateError(error);
      await run.client.query('rollback');
      if (error.code === LOCK_NOT_AVAILABLE && !deadline.aborted) continue;
      const code = error.code === '42501' ? 'STORAGE_ROLES_NOT_PERMITTED' : 'STORAGE_MIGRATION_FAILED';
      throw storageFault(code, `${migration.id}, SQLSTATE ${error.code}`, translateError(error));
    }
  }
}

/** Expanding needs everybody to be of this release or the one before; taking away needs everybody to be of this one. */
async function untilNobodyIsHurt(run: Run, missing: readonly Migration[]): Promise<void> {
  if (missing.length === 0) return;
  const contract = missing.find((migration) => phaseOf(migration) === 'contract');
  const lowest = contract === undefined ? run.release - 1 : run.release;
  const deadline = AbortSignal.timeout(run.patienceMs);
  for (;;) {
    const oldest = await oldestReplica(run.client, run.self, REPLICA_TIMING.aliveMs);
    if (oldest === null || oldest.release >= lowest) return;
    if (deadline.aborted) {
      const { id } = contract ?? (missing[0] as Migration);
      throw storageFault('STORAGE_MIGRATION_WAITS', `${oldest.count} of release ${oldest.release} run, ${id} needs release ${lowest}`);
    }
    await pause(TURN_POLL_MS);
  }
}

async function migrateLocked(run: Run, migrations: readonly Migration[]): Promise<MigrationReport> {
  await ensureHistory(run.client);
  const history = await readHistory(run.client, new Map(migrations.map((migration) => [migration.id, migration])), run.release);
  const missing = migrations.filter(({ id }) => !history.applied.has(id));
  await untilNobodyIsHurt(run, missing);
  for (const migration of migrations) {
    const isMissing = !history.applied.has(migration.id);
    if (isMissing) await apply(run, migration);
    if ((migration.steps ?? []).length === 0 || !(isMissing || history.open.has(migration.id))) continue;
    await runSteps(run, migration);
    await recordComplete(run.client, migration.id);
  }
  if (run.self !== '') await registerReplica(run.client, { replica: run.self, release: run.release });
  return { applied: missing.map(({ id }) => id), present: history.applied.size, ahead: history.ahead };
}

/**
 * Held by the session: a killed process lets go of it, and its open transaction is rolled back. Asked again and again instead of
 * waited for: a session that waits holds a snapshot, which an index built concurrently under this very lock would wait for.
 */
async function takeTurn(client: pg.Client): Promise<void> {
  const deadline = AbortSignal.timeout(TURN_TIMEOUT_MS);
  for (;;) {
    const { rows } = await client.query<{ taken: boolean }>(`select pg_try_advisory_lock(${ADVISORY_LOCK}) as taken`);
    if (rows[0]?.taken === true) return;
    if (deadline.aborted) throw storageFault('STORAGE_TIMEOUT', 'another process is migrating');
    await pause(TURN_POLL_MS);
  }
}

export async function migrate(options: MigrateOptions): Promise<MigrationReport> {
  const migrations = sortMigrations(options.migrations);
  if (options.lock !== undefined) checkLock(migrations, options.lock);
  // A concurrent index waits for every transaction that is older than it: no lock timeout for steps, each statement of SQL has its own.
  const limits = { ...DEFAULT_LIMITS, statementTimeoutMs: STEP_TIMEOUT_MS, lockTimeoutMs: 0 };
  const client = new pg.Client(connectionSettings(options.adminUrl, limits, 'sallyport-migrate'));
  client.on('error', () => undefined); // reported by the statement that was running
  try {
    await client.connect();
    await takeTurn(client);
    const run: Run = {
      client,
      release: options.release ?? 1,
      self: options.replica ?? '',
      patienceMs: options.patienceMs ?? PATIENCE_MS,
      onlooker: connectionSettings(options.adminUrl, DEFAULT_LIMITS, 'sallyport-migrate-progress'),
      onProgress: options.onProgress ?? (() => undefined),
    };
    return await migrateLocked(run, migrations);
  } catch (error) {
    throw translateError(error);
  } finally {
    await client.end();
  }
}
