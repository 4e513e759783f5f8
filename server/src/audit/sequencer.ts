// Moves events from the inbox into the ledger, in order, and has the result signed. One process leads at a time: the lock on the row of
// the global tree is the fence. INVARIANT: taking, numbering and appending are one transaction, so a kill leaves no gap and no duplicate.

import { type Clock, createInOrder, type Random, SallyportError, type Tx } from '#core';
import { type Database, outsideTransaction } from '#storage';
import type { ActorCipher } from './actor-cipher.ts';
import type { CheckpointAnchor } from './anchor.ts';
import { createPseudonyms, type Pseudonyms, UnknownActors } from './assign-pseudonyms.ts';
import { tickText } from './ledger-texts.ts';
import { hashLeaf } from './merkle.ts';
import { sealBatch } from './seal-batch.ts';
import { createCheckpointSigner } from './sign-checkpoint.ts';
import type { LedgerSigner } from './signing/ledger-signer.ts';
import { appendLog, insertSaidLeaf, saveGlobal } from './store/append-log.ts';
import { foundLedger } from './store/keys.ts';
import { hasInbox, takeInbox } from './store/take-inbox.ts';
import { leadGlobalTree, loadTenantTrees, readGlobalTree, type SignedTree } from './store/trees.ts';

export interface SequencerDeps {
  readonly db: Pick<Database, 'asSystem' | 'inTenant'>;
  /** Hides who stands behind a pseudonym. */
  readonly actors: ActorCipher;
  readonly signer: LedgerSigner;
  readonly anchor: CheckpointAnchor;
  readonly clock: Clock;
  readonly random: Random;
  /** Told when a round failed. The events stay in the inbox and the next round tries again. */
  readonly onFault: (fault: unknown) => void;
}

export interface Sequencer {
  /** Moves one batch and signs. Resolves to the number of events moved: 0 when there were none or another process leads. */
  runOnce(): Promise<number>;
  /** Says that events have just been written. Without it they wait for the next poll. */
  wake(): void;
  start(): void;
  /** Why the last round failed, and since when rounds do; null when the last one did not. */
  fault(): SequencerFault | null;
  /** Resolves when the round under way has ended. */
  stop(): Promise<void>;
}

export interface SequencerFault {
  readonly code: string;
  readonly sinceMs: number;
}

/** Largest transaction: bounds the memory of a round and how long the inbox of other tenants waits. */
const BATCH = { maxEvents: 2_000, maxBytes: 16 * 1024 * 1024 } as const;
/** An idle sequencer looks this often, well within the promise of one second. A NOTIFY per event would serialise every commit of the server. */
const POLL_MS = 250;
/** After a round that was not full: fewer, larger rounds, since each costs as much as dozens of events; still far within the promise. */
const GATHER_MS = 250;
const RETRY_MS = 1_000;
/** A batch that meets new actors is taken again once they have links; another process may have moved on meanwhile. */
const MAX_PREPARATIONS = 8;
/** A tick after this silence, so that with polls and rounds to spare a signed checkpoint is never older than a minute. */
const TICK_AFTER_MS = 50_000;
/** While full batches follow each other a signature covers several of them: it costs flushes that moving could use. */
const SIGN_EVERY_MS = 200;
/** An idle sequencer looks for unsigned growth in one round of this many. */
const QUIET_ROUNDS_PER_LOOK = 4;

async function moveBatch(tx: Tx, deps: SequencerDeps, pseudonyms: Pseudonyms, maxEvents: number): Promise<number> {
  const global = await leadGlobalTree(tx);
  if (global === null) return 0;
  const taken = await takeInbox(tx, { ...BATCH, maxEvents });
  const events = taken.filter((event) => !event.isRepeat);
  if (events.length === 0) return taken.length;
  const [trees, pseudonymOf] = await Promise.all([
    loadTenantTrees(tx, [...new Set(events.map((event) => event.tenant as string))]),
    pseudonyms.assign(tx, events),
  ]);
  const sealed = await sealBatch({ events, trees, global: global.frontier, origin: global.origin, pseudonymOf, random: deps.random });
  await appendLog(tx, { ...sealed, global });
  return taken.length;
}

/** True when everything is signed, and was so long ago that silence must be told from a ledger that stands still. */
function isTickDue({ frontier, signedSize, signedAtMs }: SignedTree, nowMs: number): boolean {
  return frontier.size > 0 && signedSize === frontier.size && signedAtMs !== null && Math.abs(nowMs - signedAtMs) >= TICK_AFTER_MS;
}

/** Appends a tick when one is due. Asked again under the lock: only the leader ticks, and once. */
async function tick(tx: Tx, nowMs: number): Promise<void> {
  const global = await leadGlobalTree(tx);
  if (global === null || !isTickDue(global, nowMs)) return;
  const said = tickText(global.origin, nowMs);
  const hash = hashLeaf(said);
  const index = global.frontier.size;
  global.frontier.append(hash);
  await insertSaidLeaf(tx, { epoch: global.epoch, index, hash, said });
  await saveGlobal(tx, global);
}

/** Resolves after `ms` or when `wake` is called. */
function createPause(): { wait(ms: number): Promise<void>; wake(): void } {
  let end: (() => void) | null = null;
  return {
    wait: (ms) =>
      new Promise((resolve) => {
        const timer = setTimeout(resolve, ms);
        end = () => {
          clearTimeout(timer);
          resolve();
        };
      }),
    wake: () => end?.(),
  };
}

export function createSequencer(deps: SequencerDeps): Sequencer {
  const checkpoints = createCheckpointSigner(deps);
  const pseudonyms = createPseudonyms(deps);
  /** Whether links of an earlier version may be left in clear. Asked again in quiet times: such a version may still run beside this one. */
  let hasClear = true;
  const pause = createPause();
  /** False at first and after a failure: then nothing is moved before the ledger is known to continue what was signed. */
  let isChecked = false;
  let isStopping = false;
  let isWoken = false;
  let isIdle = false;
  let quietRounds = 0;
  /** Whether something was moved since the last look at what is to be signed, and when that was. */
  let isUnsigned = false;
  let signedAtMs = 0;
  let fault: SequencerFault | null = null;
  let running: Promise<void> | null = null;
  const { run } = createInOrder();

  async function tickWhenDue(): Promise<void> {
    const nowMs = deps.clock.now();
    const tree = await deps.db.asSystem('sequencer', readGlobalTree);
    if (tree !== null && isTickDue(tree, nowMs)) await deps.db.asSystem('sequencer', (tx) => tick(tx, nowMs));
  }

  async function move(): Promise<number> {
    try {
      let maxEvents: number = BATCH.maxEvents;
      for (let attempt = 1; ; attempt += 1) {
        try {
          return await deps.db.asSystem('sequencer', (tx) => moveBatch(tx, deps, pseudonyms, maxEvents));
        } catch (stopped) {
          if (!(stopped instanceof UnknownActors) || attempt > MAX_PREPARATIONS) throw stopped;
          maxEvents = Math.min(maxEvents, stopped.events);
          await pseudonyms.prepare(stopped.actors);
        }
      }
    } finally {
      pseudonyms.endBatch();
    }
  }

  async function moveAndSign(): Promise<number> {
    if (!isChecked) {
      const founding = deps.signer.founding();
      if (founding !== null) await deps.db.asSystem('sequencer', (tx) => foundLedger(tx, { ...founding, atMs: deps.clock.now() }));
      await checkpoints.sign();
    }
    isChecked = false;
    const isWaiting = await deps.db.asSystem('sequencer', hasInbox);
    const moved = isWaiting ? await move() : 0;
    quietRounds = moved > 0 ? 0 : quietRounds + 1;
    isUnsigned ||= moved > 0;
    const nowMs = deps.clock.now();
    const waits = moved >= BATCH.maxEvents && Math.abs(nowMs - signedAtMs) < SIGN_EVERY_MS;
    // In quiet times now and then: another process may have moved events and died before it could sign.
    if (!waits && (isUnsigned || quietRounds % QUIET_ROUNDS_PER_LOOK === 0)) {
      if (!isUnsigned) await tickWhenDue();
      hasClear ||= !isUnsigned;
      await checkpoints.sign();
      isUnsigned = false;
      signedAtMs = nowMs;
    }
    isChecked = true;
    if (hasClear) hasClear = await pseudonyms.moveClear();
    return moved;
  }

  /** Rounds of one process follow each other, so that what it remembers having signed only ever grows. */
  function runOnce(): Promise<number> {
    return run(async () => {
      try {
        const moved = await moveAndSign();
        fault = null;
        return moved;
      } catch (failure) {
        const code = failure instanceof SallyportError ? failure.code : 'BUG';
        fault = { code, sinceMs: fault?.sinceMs ?? deps.clock.now() };
        throw failure;
      }
    });
  }

  async function round(): Promise<number> {
    isWoken = false;
    try {
      const moved = await runOnce();
      if (moved >= BATCH.maxEvents) return 0;
      return moved > 0 || isWoken ? GATHER_MS : POLL_MS;
    } catch (failure) {
      deps.onFault(failure);
      return RETRY_MS;
    }
  }

  async function loop(): Promise<void> {
    while (!isStopping) {
      const pauseMs = await round();
      isIdle = pauseMs === POLL_MS;
      if (!isStopping && pauseMs > 0) await pause.wait(pauseMs);
      isIdle = false;
    }
  }

  return {
    runOnce,
    fault: () => fault,
    wake() {
      isWoken = true;
      if (isIdle) pause.wake();
    },
    start() {
      isStopping = false;
      running ??= outsideTransaction(loop);
    },
    async stop() {
      isStopping = true;
      pause.wake();
      await running;
      running = null;
    },
  };
}
