// How many runs wait for a person now.

import type { TenantId, Tx } from '#core';
import { query, sql } from '#storage';

export async function countWaitingRuns(tx: Tx, tenant: TenantId): Promise<number> {
  const { rows } = await sql<{ waiting: number }>`select count(*)::int as waiting from workflow_runs run
    where run.tenant = ${tenant} and run.state = 'running' and exists (
      select 1 from workflow_steps step where step.tenant = run.tenant and step.run = run.id and step.outcome = 'waiting')`.execute(
    query(tx),
  );
  return rows[0]?.waiting ?? 0;
}
