// Reads the sealed ledger of one tenant, and removes what may be removed: payloads and the links from actors to pseudonyms.

import type { TenantId, Tx } from '#core';
import { query, sql } from '#storage';

export interface SignedCheckpoint {
  readonly epoch: number;
  readonly size: number;
  readonly note: string;
}

export interface HeadRow {
  readonly size: number;
  readonly root: Buffer;
  readonly globalIndex: number;
}

export async function latestCheckpoint(tx: Tx): Promise<SignedCheckpoint | null> {
  const { rows } = await sql<{
    epoch: number;
    size: bigint;
    note: string;
  }>`select epoch, size, note from audit_checkpoint order by epoch desc, size desc limit 1`.execute(query(tx));
  const row = rows[0];
  return row === undefined ? null : { epoch: row.epoch, size: Number(row.size), note: row.note };
}

/** Checkpoints of the tenant tree that lie under a signed global tree: at most `limit`, evenly spread, always with the last. */
export async function readHeads(tx: Tx, tenant: TenantId, under: SignedCheckpoint, limit: number): Promise<readonly HeadRow[]> {
  const { rows } = await sql<{ size: bigint; root: Buffer; global_idx: bigint }>`
    with numbered as (
      select size, root, global_idx, row_number() over (order by size desc) - 1 as age, count(*) over () as total
      from audit_head where tenant = ${tenant} and epoch = ${under.epoch} and global_idx < ${under.size}
    )
    select size, root, global_idx from numbered where age % ((total + ${limit} - 1) / ${limit}) = 0 order by size`.execute(query(tx));
  return rows.map((row) => ({ size: Number(row.size), root: row.root, globalIndex: Number(row.global_idx) }));
}

/** The oldest checkpoint of the tenant tree in an epoch that covers `seq`. */
export async function headCovering(tx: Tx, tenant: TenantId, epoch: number, seq: number): Promise<HeadRow | null> {
  const { rows } = await sql<{ size: bigint; root: Buffer; global_idx: bigint }>`select size, root, global_idx from audit_head
    where tenant = ${tenant} and epoch = ${epoch} and size > ${seq} order by size limit 1`.execute(query(tx));
  const row = rows[0];
  return row === undefined ? null : { size: Number(row.size), root: row.root, globalIndex: Number(row.global_idx) };
}

/** Events recorded but not below `size`: in the inbox, or sealed after it. */
export async function countUnsealed(tx: Tx, tenant: TenantId, size: number): Promise<number> {
  const { rows } = await sql<{ inbox: bigint; tree: bigint }>`select (select count(*) from event_inbox where tenant = ${tenant}) as inbox,
    (select coalesce(max(size), 0) from audit_tree where tenant = ${tenant}) as tree`.execute(query(tx));
  const row = rows[0];
  return row === undefined ? 0 : Number(row.inbox) + Number(row.tree) - size;
}

export async function readHandouts(tx: Tx, tenant: TenantId, epoch: number, limit: number): Promise<readonly number[]> {
  const { rows } = await sql<{ global_size: bigint }>`select global_size from audit_handout
    where tenant = ${tenant} and epoch = ${epoch} order by global_size desc limit ${limit}`.execute(query(tx));
  return rows.map((row) => Number(row.global_size));
}

export async function insertHandout(tx: Tx, handout: { tenant: TenantId; epoch: number; globalSize: number; atMs: number }): Promise<void> {
  await sql`insert into audit_handout (tenant, epoch, global_size, handed_out_at)
    values (${handout.tenant}, ${handout.epoch}, ${handout.globalSize}, ${new Date(handout.atMs).toISOString()}) on conflict do nothing`.execute(
    query(tx),
  );
}

export interface LedgerRow {
  readonly seq: number;
  readonly leaf: string;
  readonly leafHash: Buffer;
  readonly opening: { readonly salt: Buffer; readonly payload: Buffer } | null;
}

interface PageOptions {
  readonly from: number;
  readonly to: number;
  readonly withPayloads: boolean;
}

export async function readLeaves(tx: Tx, tenant: TenantId, page: PageOptions): Promise<readonly LedgerRow[]> {
  const { rows } = await sql<{ seq: bigint; leaf: string; leaf_hash: Buffer; salt: Buffer | null; payload: Buffer | null }>`
    select log.seq, log.leaf, log.leaf_hash, opened.salt, opened.payload
    from audit_log log left join audit_payload opened on ${page.withPayloads} and opened.tenant = log.tenant and opened.seq = log.seq
    where log.tenant = ${tenant} and log.seq >= ${page.from} and log.seq < ${page.to} order by log.seq`.execute(query(tx));
  return rows.map(({ seq, leaf, leaf_hash: leafHash, salt, payload }) => ({
    seq: Number(seq),
    leaf,
    leafHash,
    opening: salt === null || payload === null ? null : { salt, payload },
  }));
}

export interface LedgerQuery {
  /** Newest first, below this sequence number; null for the newest. */
  readonly before: number | null;
  readonly limit: number;
  readonly subject: string | null;
  /** A type, or how it begins: `approvals.`. */
  readonly type: string | null;
  /** A pseudonym, or who stands behind it while that is known. */
  readonly actor: string | null;
  /** Whether the event counts values that were replaced; null for any. */
  readonly tokenised: boolean | null;
}

/** True when there was something to remove. */
export async function deletePayload(tx: Tx, tenant: TenantId, seq: number): Promise<boolean> {
  const { rows } = await sql`delete from audit_payload where tenant = ${tenant} and seq = ${seq} returning seq`.execute(query(tx));
  return rows.length > 0;
}
