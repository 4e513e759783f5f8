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

interface Below {
  readonly from: number;
  readonly below: number;
  readonly limit: number;
}
interface About {
  readonly subject: string;
  readonly below: number;
  readonly limit: number;
}

/** The statements by themselves, so that a test can ask the server how it would answer them. */
export const leafStatements = {
  below: (tenant: TenantId, { from, below, limit }: Below) =>
    sql<Row>`select seq, leaf, leaf_hash from audit_log where tenant = ${tenant} and seq >= ${from} and seq < ${below}
      order by seq desc limit ${limit}`,
  at: (tenant: TenantId, seqs: readonly number[]) =>
    sql<Row>`select seq, leaf, leaf_hash from audit_log where tenant = ${tenant} and seq = any(${[...seqs]}::bigint[]) order by seq desc`,
  about: (tenant: TenantId, { subject, below, limit }: About) =>
    sql<Row>`select seq, leaf, leaf_hash from audit_log where tenant = ${tenant} and subject = ${subject} and seq < ${below}
      order by seq desc limit ${limit}`,
} as const;

/** The newest of `[from, below)`. */
export async function leavesBelow(tx: Tx, tenant: TenantId, place: Below): Promise<readonly FoundLeaf[]> {
  return found(await leafStatements.below(tenant, place).execute(query(tx)));
}

export async function leavesAt(tx: Tx, tenant: TenantId, seqs: readonly number[]): Promise<readonly FoundLeaf[]> {
  return found(await leafStatements.at(tenant, seqs).execute(query(tx)));
}

export async function leavesAbout(tx: Tx, tenant: TenantId, place: About): Promise<readonly FoundLeaf[]> {
  return found(await leafStatements.about(tenant, place).execute(query(tx)));
}

/** How many events are sealed: one more than the newest number. */
export async function sealedSize(tx: Tx, tenant: TenantId): Promise<number> {
  const { rows } = await sql<{ seq: bigint }>`select seq from audit_log where tenant = ${tenant} order by seq desc limit 1`.execute(
    query(tx),
  );
  return rows[0] === undefined ? 0 : Number(rows[0].seq) + 1;
}
