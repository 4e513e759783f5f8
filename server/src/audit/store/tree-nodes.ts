// Reads tree hashes for proofs, one block of 256 at a time: the block is the unit in which the tree is stored.

import type { Tx } from '#core';
import { query, sql } from '#storage';
import type { NodeReader } from '../proofs.ts';

const BLOCK = 256;

type Fetch = (level: number, from: number, count: number) => Promise<readonly Buffer[]>;

/** Remembers the blocks it has read. Sizes only grow and nodes never change, so a remembered full block stays right. */
export function createBlockReader(fetch: Fetch): NodeReader {
  const blocks = new Map<string, readonly Buffer[]>();
  return async (level, from, count) => {
    const first = Math.floor(from / BLOCK);
    const key = `${level}/${first}`;
    let block = blocks.get(key);
    if (block === undefined || from - first * BLOCK + count > block.length) {
      block = await fetch(level, first * BLOCK, BLOCK);
      blocks.set(key, block);
    }
    return block.slice(from - first * BLOCK, from - first * BLOCK + count);
  };
}

function hashesOf({ rows }: { readonly rows: readonly { hash: Buffer }[] }): readonly Buffer[] {
  return rows.map((row) => row.hash);
}

/** Of the global tree of one epoch. */
export function globalNodes(tx: Tx, epoch: number): NodeReader {
  return createBlockReader(async (level, from, count) => {
    const to = from + count;
    if (level === 0) {
      return hashesOf(
        await sql<{ hash: Buffer }>`select hash from audit_global_leaf
          where epoch = ${epoch} and idx >= ${from} and idx < ${to} order by idx`.execute(query(tx)),
      );
    }
    return hashesOf(
      await sql<{
        hash: Buffer;
      }>`select hash from audit_global_node where epoch = ${epoch} and level = ${level} and idx >= ${from} and idx < ${to} order by idx`.execute(
        query(tx),
      ),
    );
  });
}

export function tenantNodes(tx: Tx, tenant: string): NodeReader {
  return createBlockReader(async (level, from, count) => {
    const to = from + count;
    if (level === 0) {
      return hashesOf(
        await sql<{ hash: Buffer }>`select leaf_hash as hash from audit_log
          where tenant = ${tenant} and seq >= ${from} and seq < ${to} order by seq`.execute(query(tx)),
      );
    }
    return hashesOf(
      await sql<{ hash: Buffer }>`select hash from audit_node
        where tenant = ${tenant} and level = ${level} and idx >= ${from} and idx < ${to} order by idx`.execute(query(tx)),
    );
  });
}

/** Hashes of the global leaves `[from, to)` of an epoch, for whoever follows the tree. */
export async function globalLeafHashes(tx: Tx, epoch: number, range: { from: number; to: number }): Promise<readonly Buffer[]> {
  return hashesOf(
    await sql<{ hash: Buffer }>`select hash from audit_global_leaf
      where epoch = ${epoch} and idx >= ${range.from} and idx < ${range.to} order by idx`.execute(query(tx)),
  );
}
