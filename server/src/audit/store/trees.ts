// Reads and locks the state the sequencer continues from: the global tree (whose row is the leader's lock), tenant trees, pseudonyms.

import type { Tx } from '#core';
import { query, sql } from '#storage';
import { createFrontier, type Frontier } from '../merkle.ts';

interface TreeRow {
  size: bigint;
  frontier: Buffer;
}

export interface GlobalTree {
  readonly origin: string;
  readonly frontier: Frontier;
}

export async function createGlobalTree(tx: Tx, origin: string): Promise<void> {
  await sql`insert into audit_global (origin, size, frontier) values (${origin}, 0, ''::bytea) on conflict do nothing`.execute(query(tx));
}

/** The global tree, locked until the transaction ends; null while another process leads. */
export async function leadGlobalTree(tx: Tx): Promise<GlobalTree | null> {
  const { rows } = await sql<
    TreeRow & { origin: string }
  >`select origin, size, frontier, set_config('synchronous_commit', 'on', true) from audit_global for update skip locked`.execute(
    query(tx),
  );
  const row = rows[0];
  return row === undefined ? null : { origin: row.origin, frontier: createFrontier(Number(row.size), row.frontier) };
}

/** Size, root and signed size as committed: read in a transaction of its own, after the one that wrote it. */
export async function readGlobalTree(tx: Tx): Promise<(GlobalTree & { readonly signedSize: number }) | null> {
  const { rows } = await sql<
    TreeRow & { origin: string; signed: bigint }
  >`select origin, size, frontier, (select coalesce(max(size), -1) from audit_checkpoint) as signed from audit_global`.execute(query(tx));
  const row = rows[0];
  if (row === undefined) return null;
  return { origin: row.origin, frontier: createFrontier(Number(row.size), row.frontier), signedSize: Number(row.signed) };
}

export async function loadTenantTrees(tx: Tx, tenants: readonly string[]): Promise<Map<string, Frontier>> {
  const { rows } = await sql<
    TreeRow & { tenant: string }
  >`select tenant, size, frontier from audit_tree where tenant = any(${tenants}::text[])`.execute(query(tx));
  return new Map(rows.map((row) => [row.tenant, createFrontier(Number(row.size), row.frontier)]));
}

export interface ActorKey {
  readonly tenant: string;
  readonly actor: string;
}

export async function loadPseudonyms(tx: Tx, actors: readonly ActorKey[]): Promise<readonly (ActorKey & { pseudonym: string })[]> {
  const { rows } = await sql<ActorKey & { pseudonym: string }>`select tenant, actor, pseudonym from audit_actor
    where (tenant, actor) in (select * from unnest(${actors.map((key) => key.tenant)}::text[], ${actors.map((key) => key.actor)}::text[]))`.execute(
    query(tx),
  );
  return rows;
}

export async function insertPseudonyms(tx: Tx, actors: readonly (ActorKey & { pseudonym: string })[]): Promise<void> {
  if (actors.length === 0) return;
  await sql`insert into audit_actor (tenant, actor, pseudonym)
    select * from unnest(${actors.map((row) => row.tenant)}::text[], ${actors.map((row) => row.actor)}::text[],
      ${actors.map((row) => row.pseudonym)}::text[])`.execute(query(tx));
}

export async function insertCheckpoint(tx: Tx, checkpoint: { size: number; note: string; signedAtMs: number }): Promise<void> {
  await sql`insert into audit_checkpoint (size, note, signed_at)
    values (${checkpoint.size}, ${checkpoint.note}, ${new Date(checkpoint.signedAtMs).toISOString()}) on conflict do nothing`.execute(
    query(tx),
  );
}
