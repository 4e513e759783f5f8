// Runs advance here, on the workflow engine: one generic workflow that makes the next move until there is none. What a run knows is in
// our own sealed rows; the engine's tables hold ids and words of the closed set of moves, and its serializer takes nothing else.
// INVARIANT: no other file of the product knows the engine.

import { DBOS } from '@dbos-inc/dbos-sdk';
import { migrateSystemDatabase } from '@dbos-inc/dbos-sdk/internal/system_database';
import { GlobalLogger } from '@dbos-inc/dbos-sdk/internal/telemetry/logs';
import { parseId, type RunId, SallyportError, type TenantId } from '#core';
import { giveUp, type Prepared, prepare } from './advance.ts';
import { commitChange, type Moved } from './commit.ts';
import type { RunDeps } from './ports.ts';
import { createReferenceSerializer } from './reference-serializer.ts';

/** Raised with every change of meaning of a stored run; the engine recovers only runs of its own version. */
export const INTERPRETER_VERSION = 'sallyport-interpreter-1';
/** Schema of the engine's own tables. */
export const ENGINE_SCHEMA = 'dbos';
/** One process runs workflows; what it left open it finds again under this name. */
const EXECUTOR = 'sallyport';
const POOL_SIZE = 5;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;
/** Failures of one move before the run ends. */
const MAX_FAILURES = 6;
const MAX_OPEN_RUNS = 10_000;

export interface EngineOptions {
  /** The server's role; it may use the engine's schema and owns nothing of it. */
  readonly url: string;
  /** Runs of all tenants that have not ended. */
  readonly openRuns: (limit: number) => Promise<readonly { readonly tenant: TenantId; readonly run: RunId }[]>;
  readonly onFault: (code: string, run: RunId | null) => void;
}

export interface Engine {
  /** Begins a run that stands in the database. The same run again begins nothing. */
  wake(tenant: TenantId, run: RunId): Promise<void>;
  stop(): Promise<void>;
}

interface Active {
  readonly deps: RunDeps;
  readonly options: EngineOptions;
  readonly moves: Set<Promise<unknown>>;
  readonly pauses: Set<() => void>;
  isStopping: boolean;
}

/** The engine is one a process; so is what it works for. */
let active: Active | null = null;

/** The engine's messages are free text and may quote values: only that there was an error is passed on. */
function quiet(onError: () => void) {
  return { debug: () => {}, info: () => {}, warn: () => {}, error: onError };
}

/** Never settles: the process is stopping, and the run goes on in the next one. */
const never = <T>(): Promise<T> => new Promise<T>(() => {});

const interpret = DBOS.registerWorkflow(
  async (tenant: string, run: string): Promise<string> => {
    for (;;) {
      const moved = await DBOS.runStep(() => nextMove(tenant as TenantId, run as RunId), { name: 'move' });
      if (moved === 'ended') return moved;
    }
  },
  { name: 'sallyport-interpreter' },
);

/** Makes the engine's tables, as the administrator; the server's role may use them and owns none. */
export function prepareEngine(adminUrl: string, applicationRole: string): Promise<void> {
  // What `DBOS.migrate` does, with our logger: its own writes to standard output.
  return migrateSystemDatabase(adminUrl, new GlobalLogger(undefined, { logger: quiet(() => {}) }), ENGINE_SCHEMA, applicationRole);
}

export async function startEngine(deps: RunDeps, options: EngineOptions): Promise<Engine> {
  if (active !== null) throw new SallyportError('WORKFLOWS_ENGINE_BUSY', 'Another server in this process runs workflows.');
  const mine: Active = { deps, options, moves: new Set(), pauses: new Set(), isStopping: false };
  active = mine;
  const fault = (): void => options.onFault('WORKFLOWS_ENGINE_FAILED', null);
  try {
    DBOS.setConfig({
      name: 'sallyport',
      systemDatabaseUrl: options.url,
      systemDatabaseSchemaName: ENGINE_SCHEMA,
      systemDatabasePoolSize: POOL_SIZE,
      runMigrations: false,
      applicationVersion: INTERPRETER_VERSION,
      executorID: EXECUTOR,
      serializer: createReferenceSerializer(),
      logger: quiet(fault),
    });
    await DBOS.launch();
    const wake = async (tenant: TenantId, run: RunId): Promise<void> => {
      await DBOS.startWorkflow(interpret, { workflowID: run })(tenant, run);
    };
    // A run whose row was written and whose process died before the engine heard of it.
    for (const { tenant, run } of await options.openRuns(MAX_OPEN_RUNS)) await wake(tenant, run);
    return {
      wake,
      stop: async () => {
        mine.isStopping = true;
        for (const resume of mine.pauses) resume();
        await Promise.all(mine.moves);
        await DBOS.shutdown({ workflowCompletionTimeoutMS: 0 });
        active = null;
      },
    };
  } catch (error) {
    await DBOS.shutdown().catch(() => {});
    active = null;
    throw error;
  }
}

/** Looks again until the run moved. A wait is not written down: after a crash the journal says by itself that it waits. */
async function nextMove(tenant: TenantId, run: RunId): Promise<Moved> {
  const mine = active;
  if (mine === null || parseId('run', run) === null) return never();
  let failures = 0;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
    if (mine.isStopping) return never();
    const move = await tracked(mine, attempt(mine, tenant, run, prepare));
    if (move === 'moved' || move === 'ended') return mine.isStopping ? never() : move;
    if (move === 'failing') failures += 1;
    if (failures >= MAX_FAILURES) {
      await tracked(
        mine,
        attempt(mine, tenant, run, (deps) => giveUp(deps, tenant, run, 'WORKFLOWS_UPSTREAM_FAILED')),
      );
      failures = 0;
    }
    await pause(mine, pauseMs);
  }
}

/** A fault of our own world is looked at again like one of the upstream's. */
async function attempt(mine: Active, tenant: TenantId, run: RunId, work: typeof prepare): Promise<Moved | 'waiting' | 'failing'> {
  try {
    const prepared: Prepared = await work(mine.deps, tenant, run);
    if (typeof prepared === 'string') return prepared;
    return await mine.deps.database.inTenant(tenant, (tx) => commitChange(mine.deps, tx, prepared));
  } catch (fault) {
    mine.options.onFault(fault instanceof SallyportError ? fault.code : 'WORKFLOWS_ENGINE_FAILED', run);
    return fault instanceof SallyportError && fault.retryable ? 'waiting' : 'failing';
  }
}

async function tracked<T>(mine: Active, work: Promise<T>): Promise<T> {
  mine.moves.add(work);
  try {
    return await work;
  } finally {
    mine.moves.delete(work);
  }
}

function pause(mine: Active, ms: number): Promise<void> {
  return new Promise((resolve) => {
    const resume = (): void => {
      clearTimeout(timer);
      mine.pauses.delete(resume);
      resolve();
    };
    const timer = setTimeout(resume, ms);
    timer.unref();
    mine.pauses.add(resume);
  });
}
