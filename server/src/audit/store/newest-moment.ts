// The latest moment that the ledger holds: what a clock that was set back is measured against.

import type { Tx, UnixMs } from '#core';
import { query, sql } from '#storage';

/** Checkpoints looked through from the newest: one signed after a clock was set back is dated before those under it. */
const LOOK_BACK = 1_000;

/** Of the newest checkpoints and of what waits to be sealed; null in an empty ledger. Works as the sequencer, over all tenants. */
export async function newestMoment(tx: Tx): Promise<UnixMs | null> {
  const { rows } = await sql<{ newest: Date | null }>`select greatest(
    (select max(signed_at) from (select signed_at from audit_checkpoint order by epoch desc, size desc limit ${LOOK_BACK}) newest),
    (select max(occurred_at) from event_inbox)) as newest`.execute(query(tx));
  return rows[0]?.newest?.getTime() ?? null;
}
