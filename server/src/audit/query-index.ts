// Makes the index of every whole block of every tenant's log: after new events, after an update that asks for more, and after somebody
// removed it. Each block is a transaction of its own, so that a kill costs one block and the next start goes on.

import { SallyportError, type TenantId } from '#core';
import { type Database, outsideTransaction } from '#storage';
import { BLOCK, encodeBlock, INDEX_VERSION } from './query-block.ts';
import { factsOf } from './query-facts.ts';
import { dropOldBlocks, insertBlock, listBehind } from './store/search-blocks.ts';
import { leavesBelow } from './store/search-leaves.ts';

export interface SearchIndexerDeps {
  readonly db: Pick<Database, 'asSystem'>;
  readonly onFault: (fault: unknown) => void;
}

export interface SearchIndexer {
  /** Makes at most `max` blocks; resolves to how many it made. */
  runOnce(max?: number): Promise<number>;
  start(): void;
  stop(): Promise<void>;
}

/** Until a block is whole its events are read as they are, so nothing waits for this. */
const POLL_MS = 2_000;
const RETRY_MS = 10_000;
/** Between two blocks of a long way behind: calls come first. */
const BREATH_MS = 20;
const TENANTS_AT_ONCE = 16;

export function createSearchIndexer({ db, onFault }: SearchIndexerDeps): SearchIndexer {
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

  async function make(tenant: TenantId, block: number): Promise<void> {
    const first = block * BLOCK;
    const leaves = await db.asSystem('sequencer', (tx) => leavesBelow(tx, tenant, { from: first, below: first + BLOCK, limit: BLOCK }));
    if (leaves.length !== BLOCK) throw new SallyportError('AUDIT_LEDGER_INCONSISTENT', 'The stored ledger disagrees with its own tree.');
    const facts = leaves.map(({ seq, leaf }) => factsOf(seq, leaf)).reverse();
    const made = encodeBlock(facts);
    await db.asSystem('sequencer', (tx) => insertBlock(tx, { ...made, tenant, version: INDEX_VERSION, block }));
  }

  async function runOnce(max = Number.POSITIVE_INFINITY): Promise<number> {
    let count = 0;
    while (count < max) {
      const behind = await db.asSystem('sequencer', (tx) =>
        listBehind(tx, { version: INDEX_VERSION, size: BLOCK, limit: TENANTS_AT_ONCE }),
      );
      if (behind.length === 0) break;
      for (const { tenant, next } of behind) {
        if (count >= max) break;
        await make(tenant, next);
        count += 1;
      }
    }
    if (!hasDropped) await db.asSystem('sequencer', (tx) => dropOldBlocks(tx, INDEX_VERSION));
    hasDropped = true;
    return count;
  }

  async function loop(): Promise<void> {
    while (!isStopping) {
      let pauseMs = POLL_MS;
      try {
        if ((await runOnce(1)) > 0) pauseMs = BREATH_MS;
      } catch (fault) {
        onFault(fault);
        pauseMs = RETRY_MS;
      }
      if (!isStopping) await pause(pauseMs);
    }
  }

  return {
    runOnce,
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
