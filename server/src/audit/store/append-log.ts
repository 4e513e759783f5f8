// Writes a sealed batch: log rows, payloads, tree nodes, heads and the global tree, in the sequencer's transaction.

import type { Tx, UnixMs } from '#core';
import { query, sql } from '#storage';
import { breathe, PIECE } from '../breathe.ts';
import type { Frontier, StoredNode } from '../merkle.ts';
import type { GlobalTree } from './trees.ts';

export interface SealedEvent {
  readonly tenant: string;
  readonly seq: number;
  readonly id: string;
  readonly type: string;
  readonly occurredAtMs: UnixMs;
  readonly subject: string;
  readonly leaf: string;
  readonly leafHash: Buffer;
  readonly opening: { readonly salt: Buffer; readonly payload: Buffer } | null;
}

export interface GrownTree {
  readonly tenant: string;
  readonly frontier: Frontier;
  readonly root: Buffer;
  /** Place of the tenant's new checkpoint in the global tree. */
  readonly globalIndex: number;
  readonly globalLeafHash: Buffer;
}

/** Rows of one statement: their text is made in one piece, and the process serves nobody meanwhile. */
const INSERT_ROWS = 2 * PIECE;

// One JSON text for the rows: native code writes it, where eight arrays were escaped character by character.
async function insertEvents(tx: Tx, events: readonly SealedEvent[]): Promise<void> {
  const pieces: Promise<void>[] = [];
  for (let at = 0; at < events.length; at += INSERT_ROWS) {
    const piece = insertPiece(tx, events.slice(at, at + INSERT_ROWS));
    piece.catch(() => undefined); // its failure is heard below, after the pieces that were begun beside it
    pieces.push(piece);
    await breathe();
  }
  await Promise.all(pieces);
}

async function insertPiece(tx: Tx, events: readonly SealedEvent[]): Promise<void> {
  const rows = events.map((event) => ({
    tenant: event.tenant,
    seq: event.seq,
    id: event.id,
    type: event.type,
    at: new Date(event.occurredAtMs).toISOString(),
    subject: event.subject,
    leaf: event.leaf,
    hash: event.leafHash.toString('base64'),
  }));
  await sql`insert into audit_log (tenant, seq, event_id, type, occurred_at, subject, leaf, leaf_hash)
    select tenant, seq, id, type, at, subject, leaf, decode(hash, 'base64') from json_to_recordset(${JSON.stringify(rows)}::json)
      as event(tenant text, seq bigint, id text, type text, at timestamptz, subject text, leaf text, hash text)`.execute(query(tx));
}

async function insertOpenings(tx: Tx, events: readonly SealedEvent[]): Promise<void> {
  const opened = events.flatMap(({ tenant, seq, opening }) => (opening === null ? [] : [{ tenant, seq, ...opening }]));
  if (opened.length === 0) return;
  await sql`insert into audit_payload (tenant, seq, salt, payload)
    select * from unnest(${opened.map((row) => row.tenant)}::text[], ${opened.map((row) => row.seq)}::bigint[],
      ${opened.map((row) => row.salt)}::bytea[], ${opened.map((row) => row.payload)}::bytea[])`.execute(query(tx));
}

async function insertNodes(tx: Tx, trees: readonly GrownTree[]): Promise<void> {
  const nodes = trees.flatMap(({ tenant, frontier }) => frontier.completed.map((node) => ({ tenant, ...node })));
  if (nodes.length === 0) return;
  await sql`insert into audit_node (tenant, level, idx, hash)
    select * from unnest(${nodes.map((node) => node.tenant)}::text[], ${nodes.map((node) => node.level)}::smallint[],
      ${nodes.map((node) => node.index)}::bigint[], ${nodes.map((node) => node.hash)}::bytea[])`.execute(query(tx));
}

/** The heads of grown trees and their leaves in the global tree of `epoch`. */
export async function insertHeads(tx: Tx, epoch: number, trees: readonly GrownTree[]): Promise<void> {
  const indexes = trees.map((tree) => tree.globalIndex);
  await Promise.all([
    sql`insert into audit_head (tenant, epoch, size, root, global_idx)
      select tenant, ${epoch}::integer, size, root, idx from unnest(${trees.map((tree) => tree.tenant)}::text[],
        ${trees.map((tree) => tree.frontier.size)}::bigint[], ${trees.map((tree) => tree.root)}::bytea[],
        ${indexes}::bigint[]) as head (tenant, size, root, idx)`.execute(query(tx)),
    sql`insert into audit_global_leaf (epoch, idx, hash)
      select ${epoch}::integer, idx, hash from unnest(${indexes}::bigint[], ${trees.map((tree) => tree.globalLeafHash)}::bytea[])
        as leaf (idx, hash)`.execute(query(tx)),
  ]);
}

/** A leaf of the global tree that is no tenant's checkpoint. */
export async function insertSaidLeaf(tx: Tx, leaf: { epoch: number; index: number; hash: Buffer; said: string }): Promise<void> {
  await sql`insert into audit_global_leaf (epoch, idx, hash, said)
    values (${leaf.epoch}, ${leaf.index}, ${leaf.hash}, ${leaf.said})`.execute(query(tx));
}

async function saveTrees(tx: Tx, epoch: number, trees: readonly GrownTree[]): Promise<void> {
  const tenants = trees.map((tree) => tree.tenant);
  const sizes = trees.map((tree) => tree.frontier.size);
  await Promise.all([
    sql`insert into audit_tree (tenant, size, frontier)
      select * from unnest(${tenants}::text[], ${sizes}::bigint[], ${trees.map((tree) => tree.frontier.encode())}::bytea[])
      on conflict (tenant) do update set size = excluded.size, frontier = excluded.frontier`.execute(query(tx)),
    insertHeads(tx, epoch, trees),
  ]);
}

/** The global tree one step on; with another epoch or origin than before, the beginning of that epoch. */
export async function saveGlobal(tx: Tx, { epoch, origin, frontier }: GlobalTree): Promise<void> {
  const nodes: readonly StoredNode[] = frontier.completed;
  if (nodes.length > 0) {
    await sql`insert into audit_global_node (epoch, level, idx, hash)
      select ${epoch}::integer, level, idx, hash from unnest(${nodes.map((node) => node.level)}::smallint[],
        ${nodes.map((node) => node.index)}::bigint[], ${nodes.map((node) => node.hash)}::bytea[]) as node (level, idx, hash)`.execute(
      query(tx),
    );
  }
  await sql`update audit_global set epoch = ${epoch}, origin = ${origin}, size = ${frontier.size}, frontier = ${frontier.encode()}`.execute(
    query(tx),
  );
}

export async function appendLog(
  tx: Tx,
  batch: { events: readonly SealedEvent[]; trees: readonly GrownTree[]; global: GlobalTree },
): Promise<void> {
  await Promise.all([
    insertEvents(tx, batch.events),
    insertOpenings(tx, batch.events),
    insertNodes(tx, batch.trees),
    saveTrees(tx, batch.global.epoch, batch.trees),
    saveGlobal(tx, batch.global),
  ]);
}
