// How many calls wait for a person, by what asked for them: one statement, whatever their number.

import type { TenantId, Tx, UnixMs } from '#core';
import { query, sql } from '#storage';

export interface WaitingTally {
  readonly workflow: string | null;
  readonly integration: string;
  readonly waiting: number;
}

export async function tallyWaiting(tx: Tx, tenant: TenantId, nowMs: UnixMs): Promise<readonly WaitingTally[]> {
  const { rows } = await sql<WaitingTally>`select workflow, integration, count(*)::int as waiting from approvals
    where tenant = ${tenant} and state = 'pending' and expires_at > ${new Date(nowMs)} group by workflow, integration`.execute(query(tx));
  return rows;
}
