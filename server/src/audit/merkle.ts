// The Merkle tree of RFC 6962 / RFC 9162: hashing, and a frontier that appends without reading anything back.
// INVARIANT: a leaf is hashed under 0x00 and a node under 0x01, so no node can be passed off as a leaf.

import { hash } from 'node:crypto';

export const HASH_BYTES = 32;

/** Every this-many-th level of the tree is stored, so that a proof reads at most 255 hashes for each stored level. */
export const STORED_LEVEL_BITS = 8;

const LEAF_PREFIX = Buffer.from([0]);
const NODE_PREFIX = Buffer.from([1]);

function sha256(...parts: readonly Uint8Array[]): Buffer {
  return hash('sha256', Buffer.concat(parts), 'buffer');
}

export const EMPTY_ROOT: Buffer = sha256();

/** Of a text, its UTF-8 bytes are the leaf. */
export function hashLeaf(data: Uint8Array | string): Buffer {
  return typeof data === 'string' ? hash('sha256', `\0${data}`, 'buffer') : sha256(LEAF_PREFIX, data);
}

export function hashChildren(left: Uint8Array, right: Uint8Array): Buffer {
  return sha256(NODE_PREFIX, left, right);
}

/** A completed perfect subtree: `2 ** (STORED_LEVEL_BITS * level)` leaves, the `index`-th of its level. */
export interface StoredNode {
  readonly level: number;
  readonly index: number;
  readonly hash: Buffer;
}

/** The roots of the perfect subtrees that make up a tree, largest first: all that is needed to append and to know the root. */
export interface Frontier {
  readonly size: number;
  append(leafHash: Buffer): void;
  root(): Buffer;
  /** The hashes, concatenated; `createFrontier(size, bytes)` continues from them. */
  encode(): Buffer;
  /** Nodes completed since the frontier was created, for the store. */
  readonly completed: readonly StoredNode[];
}

function countOnes(size: number): number {
  let ones = 0;
  for (let rest = size; rest > 0; rest = Math.floor(rest / 2)) ones += rest % 2;
  return ones;
}

export function createFrontier(initialSize = 0, encoded: Uint8Array = Buffer.alloc(0)): Frontier {
  if (encoded.length !== countOnes(initialSize) * HASH_BYTES) throw new Error('A frontier needs one hash for each set bit of its size.');
  const hashes: Buffer[] = [];
  for (let at = 0; at < encoded.length; at += HASH_BYTES) hashes.push(Buffer.from(encoded.subarray(at, at + HASH_BYTES)));
  const completed: StoredNode[] = [];
  let size = initialSize;
  return {
    get size() {
      return size;
    },
    completed,
    append(leafHash) {
      let node = leafHash;
      let height = 0;
      let index = size;
      // Each trailing one-bit of the size is a perfect subtree that the new leaf completes into the next larger one.
      while (index % 2 === 1) {
        node = hashChildren(hashes.pop() as Buffer, node);
        index = (index - 1) / 2;
        height += 1;
        if (height % STORED_LEVEL_BITS === 0) completed.push({ level: height / STORED_LEVEL_BITS, index, hash: node });
      }
      hashes.push(node);
      size += 1;
    },
    root() {
      const last = hashes.at(-1);
      if (last === undefined) return EMPTY_ROOT;
      return hashes.slice(0, -1).reduceRight((right, left) => hashChildren(left, right), last);
    },
    encode: () => Buffer.concat(hashes),
  };
}
