// A whole log, or a range of it without a gap: the tenant's tree is computed from its tiles, and each event compared with its leaf hash.

import { EVENTS, openEvents, type Progress } from './events.ts';
import type { History } from './history.ts';
import { hashesOn, hasLeafTile, type Manifest, type Sums, spanOf, TILE_WIDTH, tilePath } from './pack.ts';
import { growTree, type Tree } from './tree.ts';
import { malformed, Unverified } from './unverified.ts';

const HASH_BYTES = 32;

/** The stored hashes of the tree. Those above the leaves are compared as they are computed, so that none goes unchecked. */
function openTiles(sums: Sums, manifest: Manifest, progress: Progress) {
  const held = new Map<number, { index: number; bytes: Buffer }>();
  const load = (level: number, index: number): Buffer => {
    const known = held.get(level);
    if (known?.index === index) return known.bytes;
    const width = Math.min(TILE_WIDTH, hashesOn(level, manifest.size) - index * TILE_WIDTH);
    const name = tilePath(level, index, width);
    const bytes = sums.read(name, TILE_WIDTH * HASH_BYTES);
    if (bytes.length !== width * HASH_BYTES) throw malformed('A tile is not as wide as it must be.', name);
    held.set(level, { index, bytes });
    return bytes;
  };
  const stored = (level: number, index: number): Buffer => {
    const at = (index % TILE_WIDTH) * HASH_BYTES;
    return load(level, Math.floor(index / TILE_WIDTH)).subarray(at, at + HASH_BYTES);
  };
  return {
    /** The leaf hashes of a tile; null when it is left out. */
    leaves: (index: number): Buffer | null => (hasLeafTile(manifest, index) ? load(0, index) : null),
    stored,
    check(computed: Buffer, height: number, index: number): void {
      if (height % 8 !== 0 || stored(height / 8, index).equals(computed)) return;
      // What a signed head has proven already is not in doubt.
      const seq = Math.max(index * 2 ** height, progress.proven);
      const sentence = `Events from ${seq} on and before ${(index + 1) * 2 ** height} were changed and hashed anew.`;
      throw new Unverified('ROOT_MISMATCH', sentence, { seq, file: tilePath(height / 8, Math.floor(index / TILE_WIDTH), TILE_WIDTH) });
    },
  };
}

interface Due extends Tree {
  readonly isSaved: boolean;
}

/** The roots that are known beforehand, compared when the tree has reached their size. */
function createRootCheck(history: History, progress: Progress, span: { first: number; last: number }) {
  const saved = history.saved?.tenant ?? null;
  const dues: Due[] = history.heads.map(({ size, root }) => ({ size, root, isSaved: false }));
  if (saved !== null && !history.isTenantLinked) dues.push({ ...saved, isSaved: true });
  dues.sort((one, two) => one.size - two.size);
  let next = 0;
  return (tree: { readonly size: number; root(): Buffer }, isIntact: boolean): void => {
    for (let due = dues[next]; due !== undefined && due.size <= tree.size; due = dues[next]) {
      if (due.size < tree.size) throw malformed('A head lies where the pack has no hashes.', 'heads.ndjson');
      if (!tree.root().equals(due.root)) {
        if (due.isSaved) throw new Unverified('LOG_FORKED', 'The events are not those that were sealed when the receipt was saved.');
        const sentence = `Events from ${progress.proven} on and before ${due.size} were changed and hashed anew.`;
        throw new Unverified('ROOT_MISMATCH', sentence, { seq: progress.proven });
      }
      if (isIntact && !due.isSaved && due.size > span.first) progress.proven = Math.min(due.size, span.last);
      next += 1;
    }
  };
}

export async function checkTree(sums: Sums, manifest: Manifest, history: History, progress: Progress): Promise<void> {
  const span = spanOf(manifest);
  const tiles = openTiles(sums, manifest, progress);
  const events = await openEvents(sums, manifest, progress);
  const tree = growTree(tiles.check);
  const checkRoots = createRootCheck(history, progress, span);
  let changed: Unverified | null = null;
  progress.proven = span.first;
  try {
    for (let tile = 0; tile * TILE_WIDTH < manifest.size; tile += 1) {
      const stated = tiles.leaves(tile);
      if (stated === null) {
        tree.push(tiles.stored(1, tile), 8);
        checkRoots(tree, changed === null);
        continue;
      }
      for (let at = 0; at < stated.length; at += HASH_BYTES) {
        const seq = tree.size;
        const leafHash = stated.subarray(at, at + HASH_BYTES);
        if (seq >= span.first && seq < span.last) {
          let actual = events.take(seq);
          while (actual === null) {
            await events.more(seq);
            actual = events.take(seq);
          }
          if (!actual.equals(leafHash)) {
            changed ??= new Unverified('LEAF_CHANGED', 'An event differs from the hash it was sealed with.', { seq, file: EVENTS });
          }
          if (events.isOpened) await events.open();
        }
        // The tree is built over the stated hashes: when it proves them, the event that differs from its own is exactly the changed one.
        tree.push(leafHash, 0);
        checkRoots(tree, changed === null);
      }
    }
    await events.finish();
  } catch (failure) {
    // What was found first stands before what follows from it.
    throw failure instanceof Unverified && changed !== null && failure.code !== 'ROOT_MISMATCH' ? changed : failure;
  }
  if (changed !== null) throw changed;
}
