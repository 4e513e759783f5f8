// Whether one Merkle tree is the beginning of another: RFC 6962 section 2.1.2, checked as RFC 9162 section 2.1.4.2 says. Pure.

import { createHash } from 'node:crypto';

export interface Tree {
  readonly size: bigint;
  readonly root: Buffer;
}

export const EMPTY_ROOT: Buffer = createHash('sha256').digest();

function node(left: Buffer, right: Buffer): Buffer {
  return createHash('sha256')
    .update(Buffer.from([1]))
    .update(left)
    .update(right)
    .digest();
}

export function isConsistent(from: Tree, to: Tree, proof: readonly Buffer[]): boolean {
  if (to.size === 0n && !to.root.equals(EMPTY_ROOT)) return false;
  if (from.size > to.size) return false;
  // The empty tree is the beginning of every tree, and a tree of itself: there is nothing to prove.
  if (from.size === 0n) return proof.length === 0;
  if (from.size === to.size) return proof.length === 0 && from.root.equals(to.root);
  let [first, last] = [from.size - 1n, to.size - 1n];
  while (first % 2n === 1n) [first, last] = [first / 2n, last / 2n];
  // An old tree that is one perfect subtree is itself where the proof begins.
  const [start, ...siblings] = first === 0n ? [from.root, ...proof] : proof;
  if (start === undefined) return false;
  let [old, now] = [start, start];
  for (const sibling of siblings) {
    if (last === 0n) return false;
    if (first % 2n === 1n || first === last) {
      [old, now] = [node(sibling, old), node(sibling, now)];
      while (first % 2n === 0n && first !== 0n) [first, last] = [first / 2n, last / 2n];
    } else {
      now = node(now, sibling);
    }
    [first, last] = [first / 2n, last / 2n];
  }
  return last === 0n && old.equals(from.root) && now.equals(to.root);
}

/** Whether a text is leaf 0 of the tree, by its inclusion proof: every sibling lies to its right. */
export function isFirstLeaf(text: string, tree: Tree, path: readonly Buffer[]): boolean {
  if (tree.size === 0n) return false;
  let levels = 0;
  for (let last = tree.size - 1n; last > 0n; last /= 2n) levels += 1;
  let hash: Buffer = createHash('sha256')
    .update(Buffer.from([0]))
    .update(text)
    .digest();
  for (const sibling of path) hash = node(hash, sibling);
  return path.length === levels && hash.equals(tree.root);
}
