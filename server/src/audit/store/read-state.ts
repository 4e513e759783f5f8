// Reads what the ledger was at one moment, and every leaf of it again, for whoever compares a copy with the original.

import type { Tx } from '#core';
import { query, sql } from '#storage';

export async function newestNote(tx: Tx): Promise<string | null> {
  const { rows } = await sql<{ note: string }>`select note from audit_checkpoint order by epoch desc, size desc limit 1`.execute(query(tx));
  return rows[0]?.note ?? null;
}

/** The texts of the leaves of one tenant from `from` on, in order. */
export async function leafTexts(
  tx: Tx,
  page: { tenant: string; from: number; limit: number },
): Promise<readonly { seq: number; leaf: string }[]> {
  const { rows } = await sql<{ seq: bigint; leaf: string }>`select seq, leaf from audit_log
    where tenant = ${page.tenant} and seq >= ${page.from} order by seq limit ${page.limit}`.execute(query(tx));
  return rows.map(({ seq, leaf }) => ({ seq: Number(seq), leaf }));
}
