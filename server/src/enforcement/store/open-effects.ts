// How many effects were sent without a known outcome: what a restore leaves to be found out.

import type { TenantId, Tx } from '#core';
import { query, sql } from '#storage';

export async function countOpenEffects(tx: Tx, tenant: TenantId): Promise<number> {
  const { rows } = await sql<{ open: number }>`select count(*)::int as open from effects
    where tenant = ${tenant} and state in ('sent', 'unknown')`.execute(query(tx));
  return rows[0]?.open ?? 0;
}
