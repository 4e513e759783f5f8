// Reads leaves for a search: by place, by number, or by what they are about; newest first and never without a bound.

import type { TenantId, Tx } from '#core';
import { query, sql } from '#storage';

export interface FoundLeaf {
  readonly seq: number;
  readonly leaf: string;
  readonly leafHash: Buffer;
}

interface Row {
  seq: bigint;
  leaf: string;
  leaf_hash: Buffer;
}

const found = ({ rows }: { readonly rows: readonly Row[] }): readonly FoundLeaf[] =>
  rows.map((row) => ({ seq: Number(row.seq), leaf: row.leaf, leafHash: row.leaf_hash }));

/** The newest of `[from, below)`. */
export async function leavesBelow(
  tx: Tx,
  tenant: TenantId,
  { from, below, limit }: { from: number; below: number; limit: number },
): Promise<readonly FoundLeaf[]> {
  return found(
    await sql<Row>`select seq, leaf, leaf_hash from audit_log where tenant = ${tenant} and seq >= ${from} and seq < ${below}
      order by seq desc limit ${limit}`.execute(query(tx)),
  );
}

export async function leavesAt(tx: Tx, tenant: TenantId, seqs: readonly number[]): Promise<readonly FoundLeaf[]> {
  return found(
    await sql<Row>`select seq, leaf, leaf_hash from audit_log where tenant = ${tenant} and seq = any(${[...seqs]}::bigint[])
      order by seq desc`.execute(query(tx)),
  );
}

export async function leavesAbout(
  tx: Tx,
  tenant: TenantId,
  { subject, below, limit }: { subject: string; below: number; limit: number },
): Promise<readonly FoundLeaf[]> {
  return found(
    await sql<Row>`select seq, leaf, leaf_hash from audit_log where tenant = ${tenant} and subject = ${subject} and seq < ${below}
      order by seq desc limit ${limit}`.execute(query(tx)),
  );
}

/** How many events are sealed: one more than the newest number. */
export async function sealedSize(tx: Tx, tenant: TenantId): Promise<number> {
  const { rows } = await sql<{ seq: bigint }>`select seq from audit_log where tenant = ${tenant} order by seq desc limit 1`.execute(
    query(tx),
  );
  return rows[0] === undefined ? 0 : Number(rows[0].seq) + 1;
}
