// Witnesses' signature lines under our checkpoints, and notes with all of them below.

import type { Tx } from '#core';
import { query, sql } from '#storage';
import { readCheckpoint, type SeenMark } from './anchors.ts';

export async function insertCosignature(tx: Tx, row: SeenMark & { witness: string; line: string; atMs: number }): Promise<void> {
  await sql`insert into audit_cosignature (epoch, size, witness, line, cosigned_at)
    values (${row.epoch}, ${row.size}, ${row.witness}, ${row.line}, ${new Date(row.atMs).toISOString()}) on conflict do nothing`.execute(
    query(tx),
  );
}

/** Keys of the witnesses that cosigned a checkpoint. */
export async function cosignersOf(tx: Tx, { epoch, size }: SeenMark): Promise<readonly string[]> {
  const { rows } = await sql<{ witness: string }>`select witness from audit_cosignature
    where epoch = ${epoch} and size = ${size} order by witness`.execute(query(tx));
  return rows.map((row) => row.witness);
}

/** The largest size of an epoch that a witness cosigned; 0 when there is none. */
export async function lastCosigned(tx: Tx, witness: string, epoch: number): Promise<number> {
  const { rows } = await sql<{ size: bigint | null }>`select max(size) as size from audit_cosignature
    where witness = ${witness} and epoch = ${epoch}`.execute(query(tx));
  return Number(rows[0]?.size ?? 0);
}

/** The signed note of a checkpoint with the lines of every witness below it; null when there is no such checkpoint. */
export async function noteWithCosignatures(tx: Tx, epoch: number, size: number): Promise<string | null> {
  const checkpoint = await readCheckpoint(tx, { epoch, size });
  if (checkpoint === null) return null;
  const { rows } = await sql<{ line: string }>`select line from audit_cosignature
    where epoch = ${epoch} and size = ${size} order by cosigned_at, witness`.execute(query(tx));
  return checkpoint.note + rows.map((row) => `${row.line}\n`).join('');
}

/** The newest checkpoint that all of the given number of witnesses, or more, cosigned: for exports that want one that was seen outside. */
export async function newestCosigned(tx: Tx, atLeast = 1): Promise<SeenMark | null> {
  const { rows } = await sql<{ epoch: number; size: bigint }>`select epoch, size from audit_cosignature
    group by epoch, size having count(*) >= ${atLeast} order by epoch desc, size desc limit 1`.execute(query(tx));
  return rows[0] === undefined ? null : { epoch: rows[0].epoch, size: Number(rows[0].size) };
}
