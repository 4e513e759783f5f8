// Reads the earliest call of a program in the sealed ledger: the one somebody waits for who has just connected it.

import type { TenantId, Tx, UnixMs } from '#core';
import { query, sql } from '#storage';

export interface FirstCall {
  readonly call: string;
  readonly atMs: UnixMs;
  readonly run: string | null;
}

/** Nothing is older than the workload itself, so the walk begins where it was made. */
export async function readFirstCall(
  tx: Tx,
  tenant: TenantId,
  of: { readonly workload: string; readonly sinceMs: UnixMs },
): Promise<FirstCall | null> {
  const { rows } = await sql<{ subject: string; occurred_at: Date; run: string | null }>`
    select log.subject, log.occurred_at, log.leaf::json -> 'public' ->> 'run' as run from audit_log log
    where log.tenant = ${tenant} and log.occurred_at >= ${new Date(of.sinceMs)} and starts_with(log.type, 'enforcement.call.')
      and log.leaf::json -> 'public' ->> 'workload' = ${of.workload}
    order by log.seq limit 1`.execute(query(tx));
  const row = rows[0];
  return row === undefined ? null : { call: row.subject, atMs: row.occurred_at.getTime(), run: row.run };
}
