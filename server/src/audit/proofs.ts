// Inclusion and consistency proofs (RFC 6962 sections 2.1.1 and 2.1.2): first a pure plan of the leaf ranges whose hashes
// make up the proof, then their hashes from whatever stores the tree. Decides nothing about trust; a verifier does that.

import { createFrontier, hashChildren, STORED_LEVEL_BITS } from './merkle.ts';

/** A run of leaves `[start, end)` whose subtree hash is one element of a proof. */
export interface LeafRange {
  readonly start: number;
  readonly end: number;
}

/** Reads `count` adjacent stored hashes of a level from `from` on; level 0 are the leaf hashes. */
export type NodeReader = (level: number, from: number, count: number) => Promise<readonly Buffer[]>;

function largestPowerBelow(count: number): number {
  let power = 1;
  while (power * 2 < count) power *= 2;
  return power;
}

/** PATH(m, D[n]): the siblings on the way from leaf `index` up to the root of a tree of `size` leaves. */
export function inclusionRanges(index: number, size: number): readonly LeafRange[] {
  if (index < 0 || index >= size) throw new Error('An inclusion proof needs a leaf that is in the tree.');
  const ranges: LeafRange[] = [];
  let start = 0;
  let end = size;
  while (end - start > 1) {
    const middle = start + largestPowerBelow(end - start);
    if (index < middle) {
      ranges.push({ start: middle, end });
      end = middle;
    } else {
      ranges.push({ start, end: middle });
      start = middle;
    }
  }
  return ranges.reverse();
}

/** PROOF(m, D[n]): that the tree of `from` leaves is the beginning of the tree of `size` leaves. Empty for 0 and for equal sizes. */
export function consistencyRanges(from: number, size: number): readonly LeafRange[] {
  if (from < 0 || from > size) throw new Error('A consistency proof leads from a smaller tree to a larger one.');
  const ranges: LeafRange[] = [];
  if (from === 0) return ranges;
  let start = 0;
  let end = size;
  while (end !== from) {
    const middle = start + largestPowerBelow(end - start);
    if (from <= middle) {
      ranges.push({ start: middle, end });
      end = middle;
    } else {
      ranges.push({ start, end: middle });
      start = middle;
    }
  }
  // The old root itself is left out when the old tree is one perfect subtree at the left edge: the verifier has it.
  if (start !== 0) ranges.push({ start, end });
  return ranges.reverse();
}

/** The root of the perfect subtree `index` at `height`, folded from the nearest stored level below. */
async function perfectSubtree(height: number, index: number, read: NodeReader): Promise<Buffer> {
  const level = Math.floor(height / STORED_LEVEL_BITS);
  const width = 2 ** (height % STORED_LEVEL_BITS);
  let row = await read(level, index * width, width);
  if (row.length !== width) throw new Error('The stored tree lacks a node that its size says it has.');
  while (row.length > 1) {
    const above: Buffer[] = [];
    for (let at = 0; at < row.length; at += 2) above.push(hashChildren(row[at] as Buffer, row[at + 1] as Buffer));
    row = above;
  }
  return row[0] as Buffer;
}

/** The hash over any leaf range that RFC 6962 gives a meaning: a perfect subtree, or a right edge made of several. */
export async function rangeHash(range: LeafRange, read: NodeReader): Promise<Buffer> {
  const hashes: Buffer[] = [];
  let start = range.start;
  while (start < range.end) {
    let width = 1;
    let height = 0;
    while (start % (width * 2) === 0 && start + width * 2 <= range.end) {
      width *= 2;
      height += 1;
    }
    hashes.push(await perfectSubtree(height, start / width, read));
    start += width;
  }
  const last = hashes.pop();
  if (last === undefined) return createFrontier().root();
  return hashes.reduceRight((right, left) => hashChildren(left, right), last);
}

export async function readProof(ranges: readonly LeafRange[], read: NodeReader): Promise<readonly Buffer[]> {
  const proof: Buffer[] = [];
  for (const range of ranges) proof.push(await rangeHash(range, read));
  return proof;
}
