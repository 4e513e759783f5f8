// Walks one tenant's log from new to old and hands over what may answer a question, a batch at a time. Where blocks are indexed it opens
// only those that can hold an answer; where they are not, it reads the log itself.
// INVARIANT: what it leaves out can not answer. What it hands over is judged by the leaf, or by columns that say all that was asked.

import type { TenantId, Tx } from '#core';
import { findBlocks } from '../store/search-blocks.ts';
import { type FoundLeaf, leavesAbout, leavesBelow, sealedSize } from '../store/search-leaves.ts';
import { BLOCK, bitsOf, type DecodedBlock, decodeBlock, INDEX_VERSION } from './query-block.ts';
import { isInTime, type Plan } from './query-filter.ts';

/** Leaves, or places in a block that fit all that columns can tell. `scanned` events were looked at; everything from `downTo` on is dealt with. */
export type Batch = { readonly scanned: number; readonly downTo: number } & (
  | { readonly kind: 'leaves'; readonly leaves: readonly FoundLeaf[] }
  | { readonly kind: 'places'; readonly block: DecodedBlock; readonly first: number; readonly offsets: readonly number[] }
);

/** Read at once, growing: the newest page of a log is one small read, a search through all of it few large ones. */
const LEAVES = [64, 256, 1_024] as const;
const BLOCKS = [2, 16, 64] as const;
const grown = (steps: readonly number[], nth: number): number => steps[Math.min(nth, steps.length - 1)] as number;

/** Newest first, below `before`; null for the newest. `opens`: every answer will be opened, so that columns save nothing when all are answers. */
export async function* walk(
  tx: Tx,
  tenant: TenantId,
  plan: Plan,
  { before, opens }: { before: number | null; opens: boolean },
): AsyncGenerator<Batch> {
  const size = before ?? (await sealedSize(tx, tenant));
  if (plan.question.subject !== null) yield* walkSubject(tx, tenant, plan.question.subject, size);
  else if (plan.isOpen && opens) yield* walkLeaves(tx, tenant, 0, size);
  else yield* walkBlocks(tx, tenant, plan, size);
}

async function* walkSubject(tx: Tx, tenant: TenantId, subject: string, size: number): AsyncGenerator<Batch> {
  for (let below = size, nth = 0; below > 0; nth++) {
    const limit = grown(LEAVES, nth);
    const leaves = await leavesAbout(tx, tenant, { subject, below, limit });
    below = leaves.length < limit ? 0 : (leaves.at(-1)?.seq ?? 0);
    yield { kind: 'leaves', leaves, scanned: leaves.length, downTo: below };
  }
}

async function* walkLeaves(tx: Tx, tenant: TenantId, from: number, size: number): AsyncGenerator<Batch> {
  for (let below = size, nth = 0; below > from; nth++) {
    const leaves = await leavesBelow(tx, tenant, { from, below, limit: grown(LEAVES, nth) });
    // The numbers of a log have no gap; should one be missing nevertheless, the walk ends instead of going on for ever.
    below = leaves.at(-1)?.seq ?? from;
    yield { kind: 'leaves', leaves, scanned: leaves.length, downTo: below };
  }
}

async function* walkBlocks(tx: Tx, tenant: TenantId, plan: Plan, size: number): AsyncGenerator<Batch> {
  const { fromMs, toMs, type } = plan.question;
  const bits = plan.tokens.flatMap(bitsOf);
  /** Everything from here on is dealt with. */
  let below = size;
  let atBlock = Math.ceil(size / BLOCK);
  for (let nth = 0; atBlock > 0; nth++) {
    const limit = grown(BLOCKS, nth);
    const blocks = await findBlocks(tx, tenant, {
      version: INDEX_VERSION,
      below: atBlock,
      limit,
      fromMs,
      toMs,
      typePrefix: type,
      types: plan.types,
      bits,
    });
    for (const { block, columns } of blocks) {
      const first = block * BLOCK;
      // Newer than the index, or a block of it that is gone.
      if (below > first + BLOCK) yield* walkLeaves(tx, tenant, first + BLOCK, below);
      const count = Math.min(below, first + BLOCK) - first;
      const decoded = columns === null ? null : decodeBlock(columns);
      const offsets = decoded === null ? [] : placesIn(decoded, plan, count);
      if (decoded !== null && offsets.length > 0) yield { kind: 'places', block: decoded, first, offsets, scanned: count, downTo: first };
      else yield { kind: 'leaves', leaves: [], scanned: count, downTo: first };
      below = first;
    }
    atBlock = blocks.length < limit ? 0 : (blocks.at(-1)?.block ?? 0);
  }
  if (below > 0) yield* walkLeaves(tx, tenant, 0, below);
}

/** Places of the first `count` events of a block that fit the columns and the time, newest first. */
function placesIn(block: DecodedBlock, plan: Plan, count: number): readonly number[] {
  const tests = plan.conditions.map(({ any }) =>
    any.map(({ column, accepts }) => {
      const found = block.column(column);
      const accepted = [accepts(null), ...(found?.values ?? []).map(accepts)];
      return { codes: found?.codes ?? null, accepted };
    }),
  );
  if (tests.some((any) => any.every(({ accepted }) => !accepted.includes(true)))) return [];
  const { fromMs, toMs } = plan.question;
  const isTimed = fromMs !== null || toMs !== null;
  const offsets: number[] = [];
  for (let offset = Math.min(count, block.size) - 1; offset >= 0; offset--) {
    const fits = tests.every((any) => any.some(({ codes, accepted }) => accepted[codes === null ? 0 : (codes[offset] ?? 0)] === true));
    if (fits && (!isTimed || isInTime(plan.question, block.atMs(offset)))) offsets.push(offset);
  }
  return offsets;
}
