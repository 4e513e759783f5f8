// Reads what only an export needs: hashes in bulk for tiles, the numbers that lie in a time, the heads that earlier exports carried, and
// the checkpoint that most witnesses signed.

import type { TenantId, Tx } from '#core';
import { query, sql } from '#storage';
import type { HeadRow } from './read-ledger.ts';

export interface HashAt {
  readonly index: number;
  readonly hash: Buffer;
}

interface Span {
  readonly from: number;
  readonly to: number;
}

/** Stored hashes of the tenant's tree with their places: level 0 are the leaf hashes. One that is gone is missing here too. */
export async function readTreeHashes(tx: Tx, tenant: TenantId, level: number, { from, to }: Span): Promise<readonly HashAt[]> {
  const { rows } =
    level === 0
      ? await sql<{ index: bigint; hash: Buffer }>`select seq as index, leaf_hash as hash from audit_log
          where tenant = ${tenant} and seq >= ${from} and seq < ${to} order by seq`.execute(query(tx))
      : await sql<{ index: bigint; hash: Buffer }>`select idx as index, hash from audit_node
          where tenant = ${tenant} and level = ${level} and idx >= ${from} and idx < ${to} order by idx`.execute(query(tx));
  return rows.map((row) => ({ index: Number(row.index), hash: row.hash }));
}

/** Numbers from the first event that did not happen before `fromMs` to after the last one that happened before `toMs`. */
export async function numbersInTime(
  tx: Tx,
  tenant: TenantId,
  { size, fromMs, toMs }: { size: number; fromMs: number | null; toMs: number | null },
): Promise<Span> {
  const iso = (ms: number): string => new Date(ms).toISOString();
  let [from, to] = [0, size];
  if (fromMs !== null) {
    const { rows } = await sql<{ seq: bigint }>`select seq from audit_log
      where tenant = ${tenant} and seq < ${size} and occurred_at >= ${iso(fromMs)} order by seq limit 1`.execute(query(tx));
    from = rows[0] === undefined ? size : Number(rows[0].seq);
  }
  if (toMs !== null) {
    const { rows } = await sql<{ seq: bigint }>`select seq from audit_log
      where tenant = ${tenant} and seq < ${size} and occurred_at < ${iso(toMs)} order by seq desc limit 1`.execute(query(tx));
    to = rows[0] === undefined ? 0 : Number(rows[0].seq) + 1;
  }
  return { from, to: Math.max(from, to) };
}

/** Heads of the tenant as they were when a checkpoint left: in earlier exports, and under the sizes asked for. */
export async function readHandedHeads(
  tx: Tx,
  tenant: TenantId,
  { asked, limit }: { asked: readonly { epoch: number; size: number }[]; limit: number },
): Promise<readonly Pick<HeadRow, 'size' | 'root'>[]> {
  const { rows } = await sql<{ size: bigint; root: Buffer }>`
    with handed as (
      (select epoch, global_size from audit_handout where tenant = ${tenant} order by handed_out_at desc limit ${limit})
      union select * from unnest(${asked.map(({ epoch }) => epoch)}::integer[], ${asked.map(({ size }) => size)}::bigint[])
    )
    select distinct on (head.size) head.size, head.root from handed cross join lateral (
      select size, root from audit_head
      where tenant = ${tenant} and epoch = handed.epoch and global_idx < handed.global_size order by global_idx desc limit 1) head
    order by head.size`.execute(query(tx));
  return rows.map((row) => ({ size: Number(row.size), root: row.root }));
}

/** Of the newest cosigned checkpoints of an epoch the one that most witnesses signed; null when none did. */
export async function bestCosigned(tx: Tx, epoch: number, upTo: number): Promise<number | null> {
  const { rows } = await sql<{ size: bigint }>`select size from (
      select size, count(*) as signers from audit_cosignature where epoch = ${epoch} and size <= ${upTo}
      group by size order by size desc limit 100) newest
    order by signers desc, size desc limit 1`.execute(query(tx));
  return rows[0] === undefined ? null : Number(rows[0].size);
}

/** The leaves of these numbers, in their order; one that is gone is missing. */
export async function readLeafTexts(tx: Tx, tenant: TenantId, seqs: readonly number[]): Promise<readonly string[]> {
  const { rows } = await sql<{ leaf: string }>`select leaf from audit_log
    where tenant = ${tenant} and seq = any(${[...seqs]}::bigint[]) order by seq`.execute(query(tx));
  return rows.map((row) => row.leaf);
}

export interface OpeningRow {
  readonly seq: number;
  readonly salt: Buffer;
  readonly payload: Buffer;
}

/** Salts and payloads that were not erased. */
export async function readOpenings(tx: Tx, tenant: TenantId, seqs: readonly number[]): Promise<readonly OpeningRow[]> {
  const { rows } = await sql<{ seq: bigint; salt: Buffer; payload: Buffer }>`select seq, salt, payload from audit_payload
    where tenant = ${tenant} and seq = any(${[...seqs]}::bigint[]) order by seq`.execute(query(tx));
  return rows.map((row) => ({ ...row, seq: Number(row.seq) }));
}
