// Runs advance here, on the workflow engine: one generic workflow that makes the next move until there is none. What a run knows is in
// our own sealed rows; the engine's tables hold ids and words of the closed set of moves, and its serializer takes nothing else.
// INVARIANT: no other file of the product but `datasource.ts` knows the engine.

import { DBOS } from '@dbos-inc/dbos-sdk';
import { getExecutor } from '@dbos-inc/dbos-sdk/internal/dbos';
import { migrateSystemDatabase } from '@dbos-inc/dbos-sdk/internal/system_database';
import { GlobalLogger } from '@dbos-inc/dbos-sdk/internal/telemetry/logs';
import { newId, parseId, type RunId, SallyportError, type TenantId } from '#core';
import type { InstanceProof } from '#identity';
import type { Database } from '#storage';
import { giveUp } from './advance.ts';
import { type ApprovalFeed, createApprovalFeed } from './approval-feed.ts';
import { commitChange, type Moved } from './commit.ts';
import { type Holding, moveInTransaction } from './datasource.ts';
import { createHeartbeat, type EngineTiming, type Heartbeat, TIMING } from './heartbeat.ts';
import { createLeader, type Leader, type Stray } from './leader.ts';
import { createPauses, type Pauses } from './pauses.ts';
import type { RunDeps } from './ports.ts';
import { createReferenceSerializer } from './reference-serializer.ts';
import { makeMove, STOPPED } from './run-loop.ts';
import { createSlots, type Slots } from './slots.ts';
import { takeRun } from './store/ownership.ts';

/** Raised with every change of meaning of a stored run; the engine recovers only runs of its own version. */
export const INTERPRETER_VERSION = 'sallyport-interpreter-1';
/** Schema of the engine's own tables. */
export const ENGINE_SCHEMA = 'dbos';
const POOL_SIZE = 5;
/** The engine gives a run up that was begun again this often; ours ends by its own rules, and waits through any number of restarts. */
const MAX_RECOVERIES = 1_000_000_000;
const RETRY_TAKE_MS = 1_000;
/** States of the engine in which a run of ours can not be while it is open, unless the engine failed. */
const BROKEN = new Set(['ERROR', 'CANCELLED', 'MAX_RECOVERY_ATTEMPTS_EXCEEDED']);

export interface EngineOptions {
  /** The server's role; it may use the engine's schema and owns nothing of it. */
  readonly url: string;
  readonly database: Pick<Database, 'inTenant' | 'asSystem' | 'listen'>;
  /** Marks the rows of this installation's processes. */
  readonly proof: InstanceProof;
  /** Runs that advance at once in this process. */
  readonly maxActiveRuns: number;
  readonly onFault: (code: string, run: RunId | null) => void;
  /** Runs of dead processes were handed on. */
  readonly onTakeover?: (processes: number) => void;
  readonly timing?: EngineTiming | undefined;
}

export interface Engine {
  /** Begins a run that stands in the database. The same run again begins nothing. */
  wake(tenant: TenantId, run: RunId): Promise<void>;
  /** Drops the engine's own notes of runs that have ended. */
  forget(runs: readonly RunId[]): Promise<void>;
  stop(): Promise<void>;
}

/** This process under one name, from joining to leaving or to being declared dead. */
interface Life {
  readonly executor: string;
  readonly deps: RunDeps;
  readonly options: EngineOptions;
  readonly heartbeat: Heartbeat;
  readonly leader: Leader;
  readonly feed: ApprovalFeed;
  readonly slots: Slots;
  readonly pauses: Pauses;
  readonly moves: Set<Promise<unknown>>;
  isStopping: boolean;
}

/** The engine is one a process; so is what it works for. */
let active: Life | null = null;

/** The engine's messages are free text and may quote values: only that there was an error is passed on. */
function quiet(onError: () => void) {
  return { debug: () => {}, info: () => {}, warn: () => {}, error: onError };
}

/** Never settles: the process is stopping or lost its name, and the run goes on elsewhere. */
const never = <T>(): Promise<T> => new Promise<T>(() => {});

const interpret = DBOS.registerWorkflow(
  async (tenant: string, run: string): Promise<string> => {
    const life = active;
    if (life === null || parseId('run', run) === null) return never();
    const close = life.pauses.open(run as RunId);
    const holding = await hold(life, tenant as TenantId, run as RunId);
    if (holding === null) return 'ended';
    for (;;) {
      const moved = await moveInTransaction({
        holding,
        move: (write) => tracked(life, makeMove(loopOf(life), holding, write)).then(settled),
      });
      if (moved === 'moved') continue;
      close();
      return moved;
    }
  },
  { name: 'sallyport-interpreter', maxRecoveryAttempts: MAX_RECOVERIES },
);

const settled = (outcome: Moved | typeof STOPPED): Promise<Moved> | Moved => (outcome === STOPPED ? never() : outcome);

const loopOf = (life: Life) => ({
  deps: life.deps,
  slots: life.slots,
  pauses: life.pauses,
  isAlive: life.heartbeat.isAlive,
  isStopping: () => life.isStopping,
  onFault: life.options.onFault,
});

/** Makes the engine's tables, as the administrator; the server's role may use them and owns none. */
export function prepareEngine(adminUrl: string, applicationRole: string): Promise<void> {
  // What `DBOS.migrate` does, with our logger: its own writes to standard output.
  return migrateSystemDatabase(adminUrl, new GlobalLogger(undefined, { logger: quiet(() => {}) }), ENGINE_SCHEMA, applicationRole);
}

export async function startEngine(deps: RunDeps, options: EngineOptions): Promise<Engine> {
  if (active !== null) throw new SallyportError('WORKFLOWS_ENGINE_BUSY', 'Another server in this process runs workflows.');
  let life = createLife(deps, options);
  active = life;
  let beginning: Promise<void> = begin(life);
  let isStopped = false;
  let timer: NodeJS.Timeout | null = null;

  const beginAnew = async (): Promise<void> => {
    await end(life, { waitForMoves: false });
    life = createLife(deps, options);
    active = life;
    beginning = begin(life);
    await beginning;
  };
  const beat = async (): Promise<void> => {
    if (!(await life.heartbeat.beat())) return beginAnew();
    await life.feed.open();
    const taken = await life.leader.watch();
    if (taken > 0) options.onTakeover?.(taken);
  };
  let beating: Promise<void> = Promise.resolve();
  const schedule = (): void => {
    if (isStopped) return;
    timer = setTimeout(
      () => {
        beating = beat().catch(faultOf(options)).finally(schedule);
      },
      (options.timing ?? TIMING).beatMs,
    );
    timer.unref();
  };
  try {
    await beginning;
  } catch (error) {
    await DBOS.shutdown().catch(() => {});
    active = null;
    throw error;
  }
  schedule();
  return {
    wake: async (tenant, run) => {
      await beginning;
      await wakeRun(tenant, run);
    },
    forget: async (runs) => {
      await beginning;
      await DBOS.deleteWorkflows([...runs]);
    },
    stop: async () => {
      isStopped = true;
      if (timer !== null) clearTimeout(timer);
      await beating;
      await end(life, { waitForMoves: true });
      active = null;
    },
  };
}

const faultOf = (options: EngineOptions) => (fault: unknown) =>
  options.onFault(fault instanceof SallyportError ? fault.code : 'WORKFLOWS_ENGINE_FAILED', null);

function createLife(deps: RunDeps, options: EngineOptions): Life {
  const { database } = options;
  const executor = newId('run', deps.clock, deps.random).replace('run_', 'exe_');
  const timing = options.timing ?? TIMING;
  const pauses = createPauses();
  return {
    executor,
    deps,
    options,
    heartbeat: createHeartbeat({ database, clock: deps.clock, executor, proof: options.proof, timing }),
    leader: createLeader({
      database,
      executor,
      proof: options.proof,
      timing,
      recover,
      revive: (stray, living) => revive(deps, stray, living),
    }),
    feed: createApprovalFeed({ database, pauses, onFault: faultOf(options) }),
    slots: createSlots(options.maxActiveRuns),
    pauses,
    moves: new Set(),
    isStopping: false,
  };
}

async function begin(life: Life): Promise<void> {
  const { options, executor } = life;
  DBOS.setConfig({
    name: 'sallyport',
    systemDatabaseUrl: engineUrl(options.url),
    systemDatabaseSchemaName: ENGINE_SCHEMA,
    systemDatabasePoolSize: POOL_SIZE,
    runMigrations: false,
    applicationVersion: INTERPRETER_VERSION,
    executorID: executor,
    serializer: createReferenceSerializer(),
    logger: quiet(() => options.onFault('WORKFLOWS_ENGINE_FAILED', null)),
  });
  await life.heartbeat.join();
  await DBOS.launch();
  await life.feed.open();
  await life.leader.watch();
}

/** Who was declared dead waits for nothing: what its moves do now they can not write. */
async function end(life: Life, { waitForMoves }: { waitForMoves: boolean }): Promise<void> {
  life.isStopping = true;
  life.pauses.wakeAll();
  if (waitForMoves) await Promise.all(life.moves);
  await life.feed.close().catch(() => {});
  await life.heartbeat.leave().catch(() => {});
  await DBOS.shutdown({ workflowCompletionTimeoutMS: 0 });
}

/**
 * The engine's own notes need not survive a crash of Postgres: a note that is lost is made again from the run's row, which is committed
 * durably before it. So its connections do not wait for the disk.
 */
function engineUrl(url: string): string {
  const own = new URL(url);
  own.searchParams.set('options', '-c synchronous_commit=off');
  return own.href;
}

async function wakeRun(tenant: TenantId, run: RunId): Promise<void> {
  await DBOS.startWorkflow(interpret, { workflowID: run })(tenant, run);
}

async function recover(executors: readonly string[]): Promise<void> {
  await getExecutor().recoverPendingWorkflows([...executors]);
}

/** Begins a run the engine never heard of, and one it lost; ends one whose journal would mean something else today. */
async function revive(deps: RunDeps, { tenant, run }: Stray, living: ReadonlySet<string>): Promise<void> {
  const known = await DBOS.getWorkflowStatus(run);
  if (known === null) return wakeRun(tenant, run);
  if (known.applicationVersion !== INTERPRETER_VERSION) {
    // A living process of that version still takes it: only what has none is ended.
    if (living.has(known.executorId ?? '')) return;
    const ending = await giveUp(deps, tenant, run, 'WORKFLOWS_INTERPRETER_CHANGED');
    if (typeof ending !== 'string') await deps.database.inTenant(tenant, (tx) => commitChange(deps, tx, ending));
    return DBOS.deleteWorkflow(run);
  }
  if (BROKEN.has(known.status)) await DBOS.resumeWorkflow(run);
  else if (known.status === 'PENDING' && !living.has(known.executorId ?? '')) await recover([known.executorId ?? '']);
}

/** Takes the run in the name of this process, which another one that lost it then notices; `null` when there is none any more. */
async function hold(life: Life, tenant: TenantId, run: RunId): Promise<Holding | null> {
  const { database } = life.deps;
  for (;;) {
    if (life.isStopping) return never();
    const held = life.heartbeat.isAlive()
      ? await tracked(
          life,
          database.inTenant(tenant, (tx) => takeRun(tx, { tenant, run }, life.executor)),
        ).catch((fault: unknown) => {
          faultOf(life.options)(fault);
          return null;
        })
      : null;
    if (held === 'gone') return null;
    if (held !== null) return { database, tenant, run, executor: life.executor, held };
    await life.pauses.sleep(run, RETRY_TAKE_MS);
  }
}

async function tracked<T>(life: Life, work: Promise<T>): Promise<T> {
  life.moves.add(work);
  try {
    return await work;
  } finally {
    life.moves.delete(work);
  }
}
