// RFC 6962 trees as a verifier needs them: inclusion, consistency, and a root that is computed leaf by leaf or subtree by subtree.

import { hash } from 'node:crypto';

export interface Tree {
  readonly size: number;
  readonly root: Buffer;
}

const half = (value: number): number => Math.floor(value / 2);
const pair = Buffer.alloc(65, 1);

export function node(left: Buffer, right: Buffer): Buffer {
  left.copy(pair, 1);
  right.copy(pair, 33);
  return hash('sha256', pair, 'buffer');
}

/** RFC 9162 section 2.1.3.2. */
export function includes(leaf: Buffer, index: number, tree: Tree, path: readonly Buffer[]): boolean {
  if (index >= tree.size) return false;
  let [first, last, result] = [index, tree.size - 1, leaf];
  for (const sibling of path) {
    if (last === 0) return false;
    if (first % 2 === 1 || first === last) {
      result = node(sibling, result);
      while (first % 2 === 0 && first !== 0) [first, last] = [half(first), half(last)];
    } else {
      result = node(result, sibling);
    }
    [first, last] = [half(first), half(last)];
  }
  return last === 0 && result.equals(tree.root);
}

/** RFC 9162 section 2.1.4.2. */
export function continues(from: Tree, to: Tree, path: readonly Buffer[]): boolean {
  if (from.size > to.size) return false;
  if (from.size === to.size) return path.length === 0 && from.root.equals(to.root);
  if (from.size === 0) return path.length === 0;
  let [first, last] = [from.size - 1, to.size - 1];
  while (first % 2 === 1) [first, last] = [half(first), half(last)];
  // A tree that is one perfect subtree starts its own proof.
  const hashes = first === 0 ? [from.root, ...path] : path;
  const start = hashes[0];
  if (start === undefined) return false;
  let [old, now] = [start, start];
  for (const sibling of hashes.slice(1)) {
    if (last === 0) return false;
    if (first % 2 === 1 || first === last) {
      [old, now] = [node(sibling, old), node(sibling, now)];
      while (first % 2 === 0 && first !== 0) [first, last] = [half(first), half(last)];
    } else {
      now = node(now, sibling);
    }
    [first, last] = [half(first), half(last)];
  }
  return last === 0 && old.equals(from.root) && now.equals(to.root);
}

export interface GrowingTree {
  /** Adds the perfect subtree of `2 ** height` leaves that comes next. */
  push(subtree: Buffer, height: number): void;
  readonly size: number;
  root(): Buffer;
}

/** Keeps only the roots of perfect subtrees. `onNode` sees each subtree that becomes complete by hashing. */
export function growTree(onNode: (hash: Buffer, height: number, index: number) => void): GrowingTree {
  const subtrees: Buffer[] = [];
  let size = 0;
  return {
    get size() {
      return size;
    },
    push(subtree, height) {
      let [top, at] = [subtree, height];
      let index = size / 2 ** height;
      size += 2 ** height;
      while (index % 2 === 1) {
        top = node(subtrees.pop() as Buffer, top);
        index = (index - 1) / 2;
        at += 1;
        onNode(top, at, index);
      }
      subtrees.push(top);
    },
    root: () => subtrees.slice(0, -1).reduceRight((right, left) => node(left, right), subtrees.at(-1) as Buffer),
  };
}
