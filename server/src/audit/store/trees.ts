// Reads and locks the state the sequencer continues from: the global tree (whose row is the leader's lock) and tenant trees.

import type { Tx } from '#core';
import { query, sql } from '#storage';
import { createFrontier, type Frontier } from '../merkle.ts';

interface TreeRow {
  size: bigint;
  frontier: Buffer;
}

export interface GlobalTree {
  readonly epoch: number;
  /** Name of the epoch's log. */
  readonly origin: string;
  readonly frontier: Frontier;
}

/** The global tree with what was signed of it last, in its epoch. */
export interface SignedTree extends GlobalTree {
  /** -1 when nothing of this epoch was signed. */
  readonly signedSize: number;
  readonly signedAtMs: number | null;
}

interface GlobalRow extends TreeRow {
  epoch: number;
  origin: string;
}

interface SignedRow extends GlobalRow {
  signed: bigint | null;
  signed_at: Date | null;
}

const treeOf = ({ epoch, origin, size, frontier }: GlobalRow): GlobalTree => ({
  epoch,
  origin,
  frontier: createFrontier(Number(size), frontier),
});

const signedTreeOf = (row: SignedRow): SignedTree => ({
  ...treeOf(row),
  signedSize: row.signed === null ? -1 : Number(row.signed),
  signedAtMs: row.signed_at?.getTime() ?? null,
});

export async function createGlobalTree(tx: Tx, origin: string): Promise<void> {
  await sql`insert into audit_global (origin, size, frontier) values (${origin}, 0, ''::bytea) on conflict do nothing`.execute(query(tx));
}

/** The global tree, locked until the transaction ends; null while another process leads. */
export async function leadGlobalTree(tx: Tx): Promise<SignedTree | null> {
  const { rows } =
    await sql<SignedRow>`select epoch, origin, size, frontier, signed, signed_at, set_config('synchronous_commit', 'on', true)
    from audit_global left join lateral (select size as signed, signed_at from audit_checkpoint
      where audit_checkpoint.epoch = audit_global.epoch order by size desc limit 1) newest on true
    for update of audit_global skip locked`.execute(query(tx));
  return rows[0] === undefined ? null : signedTreeOf(rows[0]);
}

/** The same for one who does not give way: waits until no other process leads. Null when there is no ledger yet. */
export async function lockGlobalTree(tx: Tx): Promise<GlobalTree | null> {
  const { rows } =
    await sql<GlobalRow>`select epoch, origin, size, frontier, set_config('synchronous_commit', 'on', true) from audit_global for update`.execute(
      query(tx),
    );
  return rows[0] === undefined ? null : treeOf(rows[0]);
}

/** Size, root and signed size as committed: read in a transaction of its own, after the one that wrote it. */
export async function readGlobalTree(tx: Tx): Promise<SignedTree | null> {
  const { rows } = await sql<SignedRow>`select epoch, origin, size, frontier, signed, signed_at
    from audit_global left join lateral (select size as signed, signed_at from audit_checkpoint
      where audit_checkpoint.epoch = audit_global.epoch order by size desc limit 1) newest on true`.execute(query(tx));
  return rows[0] === undefined ? null : signedTreeOf(rows[0]);
}

/** Name of the global tree as it stands; null when there is no ledger yet. */
export async function readEpochOrigin(tx: Tx): Promise<{ readonly epoch: number; readonly origin: string } | null> {
  const { rows } = await sql<{ epoch: number; origin: string }>`select epoch, origin from audit_global`.execute(query(tx));
  return rows[0] ?? null;
}

/** Every tenant's tree, in the order of their ids. */
export async function loadAllTrees(tx: Tx): Promise<Map<string, Frontier>> {
  const { rows } = await sql<TreeRow & { tenant: string }>`select tenant, size, frontier from audit_tree order by tenant`.execute(
    query(tx),
  );
  return new Map(rows.map((row) => [row.tenant, createFrontier(Number(row.size), row.frontier)]));
}

export async function loadTenantTrees(tx: Tx, tenants: readonly string[]): Promise<Map<string, Frontier>> {
  const { rows } = await sql<
    TreeRow & { tenant: string }
  >`select tenant, size, frontier from audit_tree where tenant = any(${tenants}::text[])`.execute(query(tx));
  return new Map(rows.map((row) => [row.tenant, createFrontier(Number(row.size), row.frontier)]));
}

export async function insertCheckpoint(
  tx: Tx,
  checkpoint: { epoch: number; size: number; note: string; signedAtMs: number },
): Promise<void> {
  await sql`insert into audit_checkpoint (epoch, size, note, signed_at)
    values (${checkpoint.epoch}, ${checkpoint.size}, ${checkpoint.note}, ${new Date(checkpoint.signedAtMs).toISOString()})
    on conflict do nothing`.execute(query(tx));
}
