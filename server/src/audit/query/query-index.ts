// Makes the index of every whole block of every tenant's log: after new events, after an update that asks for more, and after somebody
// removed it. In quiet times it compares what it made with the log, so that a changed block hides nothing for long. Each block is a transaction of its own, so that a kill costs one block and the next start goes on.

import { type Clock, SallyportError, type TenantId } from '#core';
import { type Database, outsideTransaction } from '#storage';
import { auditCodes } from '../errors.ts';
import { blockAfter, dropBlock, dropOldBlocks, insertBlock, listBehind, type StoredBlock } from '../store/search-blocks.ts';
import { type FoundLeaf, leavesBelow } from '../store/search-leaves.ts';
import { BLOCK, type BlockIndex, emptyFilter, encodeBlock, INDEX_VERSION, isSameBlock, putEvent } from './query-block.ts';
import { type EventFacts, factsOf } from './query-facts.ts';

export interface SearchIndexerDeps {
  readonly db: Pick<Database, 'asSystem'>;
  readonly clock: Clock;
  readonly onFault: (fault: unknown) => void;
}

export interface SearchIndexer {
  /** Makes at most `max` blocks; resolves to how many it made. */
  runOnce(max?: number): Promise<number>;
  /** Compares the next block with the log, and makes it again when it says something else; false after the last. Goes round for ever. */
  recheckOne(): Promise<boolean>;
  start(): void;
  stop(): Promise<void>;
}

/** Until a block is whole its events are read as they are, so nothing waits for this. */
const POLL_MS = 2_000;
const RETRY_MS = 10_000;
/** After a block it rests this many times as long as the block took: it uses a small part of one core, however far behind it is. */
const REST = 6;
/** Leaves between two looks at what else the process has to do. */
const SLICE = 64;
const TENANTS_AT_ONCE = 16;
const BROKEN_MS = 10 * 60_000;

const othersFirst = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function indexOf(leaves: readonly FoundLeaf[]): Promise<BlockIndex> {
  if (leaves.length !== BLOCK) throw new SallyportError('AUDIT_LEDGER_INCONSISTENT', 'The stored ledger disagrees with its own tree.');
  const filter = emptyFilter();
  const facts: EventFacts[] = [];
  for (const [nth, { seq, leaf }] of leaves.toReversed().entries()) {
    const event = factsOf(seq, leaf);
    facts.push(event);
    putEvent(filter, event, leaf);
    if (nth % SLICE === SLICE - 1) await othersFirst();
  }
  return encodeBlock(facts, filter);
}

export function createSearchIndexer({ db, clock, onFault }: SearchIndexerDeps): SearchIndexer {
  let isStopping = false;
  let running: Promise<void> | null = null;
  let wake: (() => void) | null = null;
  let hasDropped = false;

  const pause = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });

  /** Tenants whose log can not be read as it should be, and when they are tried again: nobody else waits for them. */
  const broken = new Map<TenantId, number>();

  async function make(tenant: TenantId, block: number): Promise<boolean> {
    const first = block * BLOCK;
    const leaves = await db.asSystem('sequencer', (tx) => leavesBelow(tx, tenant, { from: first, below: first + BLOCK, limit: BLOCK }));
    let made: BlockIndex;
    try {
      made = await indexOf(leaves);
    } catch (fault) {
      onFault(fault);
      broken.set(tenant, clock.now() + BROKEN_MS);
      return false;
    }
    await db.asSystem('sequencer', (tx) => insertBlock(tx, { ...made, tenant, version: INDEX_VERSION, block }));
    return true;
  }

  async function runOnce(max = Number.POSITIVE_INFINITY): Promise<number> {
    let count = 0;
    while (count < max) {
      for (const [tenant, untilMs] of broken) if (clock.now() >= untilMs) broken.delete(tenant);
      const wanted = { version: INDEX_VERSION, size: BLOCK, limit: TENANTS_AT_ONCE, except: [...broken.keys()] };
      const behind = await db.asSystem('sequencer', (tx) => listBehind(tx, wanted));
      if (behind.length === 0) break;
      for (const { tenant, next } of behind) {
        if (count >= max) break;
        if (await make(tenant, next)) count += 1;
      }
    }
    if (!hasDropped) await db.asSystem('sequencer', (tx) => dropOldBlocks(tx, INDEX_VERSION));
    hasDropped = true;
    return count;
  }

  let rechecked: Pick<StoredBlock, 'tenant' | 'block'> | null = null;

  async function recheckOne(): Promise<boolean> {
    const stored = await db.asSystem('sequencer', (tx) => blockAfter(tx, INDEX_VERSION, rechecked));
    rechecked = stored;
    if (stored === null) return false;
    const { tenant, block } = stored;
    const first = block * BLOCK;
    const leaves = await db.asSystem('sequencer', (tx) => leavesBelow(tx, tenant, { from: first, below: first + BLOCK, limit: BLOCK }));
    // Of events that are not there, or not all: then the log is read as it is.
    const made = leaves.length === BLOCK ? await indexOf(leaves).catch(() => null) : null;
    if (made !== null && isSameBlock(made, stored)) return true;
    await db.asSystem('sequencer', async (tx) => {
      await dropBlock(tx, { tenant, version: INDEX_VERSION, block });
      if (made !== null) await insertBlock(tx, { ...made, tenant, version: INDEX_VERSION, block });
    });
    onFault(new SallyportError('AUDIT_INDEX_CHANGED', auditCodes.AUDIT_INDEX_CHANGED?.sentence ?? 'AUDIT_INDEX_CHANGED'));
    return true;
  }

  async function loop(): Promise<void> {
    while (!isStopping) {
      let pauseMs = POLL_MS;
      try {
        const beganAt = clock.now();
        const isBehind = (await runOnce(1)) > 0;
        if (!isBehind) await recheckOne();
        const restMs = REST * Math.max(1, clock.now() - beganAt);
        pauseMs = isBehind ? restMs : Math.max(POLL_MS, restMs);
      } catch (fault) {
        onFault(fault);
        pauseMs = RETRY_MS;
      }
      if (!isStopping) await pause(pauseMs);
    }
  }

  return {
    runOnce,
    recheckOne,
    start() {
      isStopping = false;
      running ??= outsideTransaction(loop);
    },
    async stop() {
      isStopping = true;
      wake?.();
      await running;
      running = null;
    },
  };
}
