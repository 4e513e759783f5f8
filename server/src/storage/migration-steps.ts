// Runs the steps of a migration that would stop the servers if they were one transaction: indexes, backfills, validation.
// INVARIANT: a step may be killed anywhere and run again; what it had finished it does not repeat, and it never leaves a broken index.

import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { storageFault } from './errors.ts';
import type { BatchStep, IndexStep, Migration, OnlineStep } from './migration-list.ts';
import { postgresRole } from './roles.ts';
import { isServerError, translateError } from './translate-error.ts';

/** How far a step is: blocks of an index, rows of a backfill. `total` is null when nobody knows. */
export interface StepProgress {
  readonly migration: string;
  readonly step: string;
  readonly done: number;
  readonly total: number | null;
}

export interface StepContext {
  /** Holds the migration lock; every statement of a step runs here, so a killed process stops with its lock. */
  readonly client: pg.Client;
  /** Settings of a second connection, which looks on. */
  readonly onlooker: pg.ClientConfig;
  readonly onProgress: (progress: StepProgress) => void;
}

/** Rows a backfill changes in one transaction: their locks are held for some milliseconds. */
const BATCH_ROWS = 1_000;
/** Between batches, so that a backfill never takes the whole server. */
const BATCH_PAUSE_MS = 5;
const PROGRESS_MS = 1_000;

interface Place {
  readonly place: string;
  readonly rows: string | bigint;
  readonly done_at: Date | null;
}

async function startStep({ client }: StepContext, id: string, step: string): Promise<Place> {
  await client.query('insert into storage_migration_steps (migration, step) values ($1, $2) on conflict do nothing', [id, step]);
  const { rows } = await client.query<Place>(
    'select place, rows, done_at from storage_migration_steps where migration = $1 and step = $2',
    [id, step],
  );
  return rows[0] as Place;
}

async function endStep({ client }: StepContext, id: string, step: string): Promise<void> {
  await client.query('update storage_migration_steps set done_at = clock_timestamp() where migration = $1 and step = $2', [id, step]);
}

async function indexState(client: pg.Client, name: string): Promise<'absent' | 'valid' | 'broken'> {
  const { rows } = await client.query<{ whole: boolean }>(
    'select indisvalid and indisready as whole from pg_index where indexrelid = to_regclass($1)',
    [name],
  );
  if (rows[0] === undefined) return 'absent';
  return rows[0].whole ? 'valid' : 'broken';
}

/** Looks every second how many blocks are read. It only looks on: the index is built without it too. */
async function watchIndex(context: StepContext, id: string, step: IndexStep, until: AbortSignal): Promise<void> {
  const onlooker = new pg.Client(context.onlooker);
  onlooker.on('error', () => undefined); // it only looks on
  try {
    await onlooker.connect();
    while (!until.aborted) {
      await pause(PROGRESS_MS, undefined, { signal: until });
      const { rows } = await onlooker.query<{ done: number; total: number }>(
        'select blocks_done::int as done, blocks_total::int as total from pg_stat_progress_create_index where datname = current_database()',
      );
      if (rows[0] !== undefined) context.onProgress({ migration: id, step: step.name, ...rows[0] });
    }
  } catch {
    // Aborted when the index is there; whatever else it is, the build itself reports its own failure.
  } finally {
    await onlooker.end().catch(() => undefined);
  }
}

async function buildIndex(context: StepContext, id: string, step: IndexStep): Promise<void> {
  const { client } = context;
  const state = await indexState(client, step.name);
  if (state === 'valid') return;
  if (state === 'broken') await client.query(`drop index concurrently ${step.name}`);
  const stop = new AbortController();
  const watching = watchIndex(context, id, step, stop.signal);
  try {
    await client.query(step.sql);
  } finally {
    stop.abort();
    await watching;
  }
}

/** One batch and its place are one transaction: after a kill it goes on where it was, with no row done twice. */
async function runBatch(
  { client }: StepContext,
  id: string,
  step: BatchStep,
  place: string,
): Promise<{ place: string | null; done: number }> {
  await client.query('begin');
  await client.query(`set local role ${postgresRole(step.as)}`);
  const { rows } = await client.query<{ place: string | null; done: number }>(step.sql, [place, BATCH_ROWS]);
  await client.query('reset role');
  const next = rows[0]?.place ?? null;
  const done = Number(rows[0]?.done ?? 0);
  await client.query(
    'update storage_migration_steps set place = coalesce($3, place), rows = rows + $4 where migration = $1 and step = $2',
    [id, step.name, next, done],
  );
  await client.query('commit');
  return { place: next, done };
}

async function fill(context: StepContext, id: string, step: BatchStep, from: Place): Promise<void> {
  // A login that only owns the database has to be allowed to take the role; a superuser may anyway.
  await context.client.query(`do $$ begin
  if not pg_has_role(current_user, '${postgresRole(step.as)}', 'SET') then
    execute format('grant ${postgresRole(step.as)} to %I with inherit false, set true', current_user);
  end if;
end $$`);
  let place = from.place;
  let done = Number(from.rows);
  for (;;) {
    const batch = await runBatch(context, id, step, place);
    done += batch.done;
    if (batch.done > 0) context.onProgress({ migration: id, step: step.name, done, total: null });
    if (batch.place === null || batch.done === 0) return;
    if (batch.place === place) throw storageFault('STORAGE_MIGRATION_INVALID', `${step.name} of ${id} does not advance`);
    place = batch.place;
    await pause(BATCH_PAUSE_MS);
  }
}

async function runStep(context: StepContext, id: string, step: OnlineStep): Promise<void> {
  const place = await startStep(context, id, step.name);
  if (place.done_at !== null) return;
  switch (step.kind) {
    case 'index':
      await buildIndex(context, id, step);
      break;
    case 'batches':
      await fill(context, id, step, place);
      break;
    case 'validate':
      await context.client.query(`alter table ${step.table} validate constraint ${step.name}`);
      break;
    default:
      step satisfies never;
  }
  await endStep(context, id, step.name);
  context.onProgress({ migration: id, step: step.name, done: 1, total: 1 });
}

export async function runSteps(context: StepContext, migration: Migration): Promise<void> {
  for (const step of migration.steps ?? []) {
    try {
      await runStep(context, migration.id, step);
    } catch (error) {
      if (!isServerError(error)) throw translateError(error);
      await context.client.query('rollback'); // only a batch has one open; elsewhere it is a warning nobody sees
      throw storageFault('STORAGE_MIGRATION_FAILED', `${step.name} of ${migration.id}, SQLSTATE ${error.code}`, translateError(error));
    }
  }
}
