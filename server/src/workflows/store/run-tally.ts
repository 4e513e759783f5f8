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

export interface WorkflowTally {
  readonly workflow: string;
  readonly runs: number;
  readonly failed: number;
  /** Steps of these runs that were refused. */
  readonly refused: number;
}

/** Runs begun since then, by workflow: one statement, whatever their number. */
export async function tallyRuns(tx: Tx, tenant: TenantId, sinceMs: number): Promise<readonly WorkflowTally[]> {
  const { rows } = await sql<WorkflowTally>`
    with begun as (select id, workflow, state from workflow_runs where tenant = ${tenant} and started_at >= ${new Date(sinceMs)}),
      refusals as (select step.run, count(*)::int as refused from workflow_steps step join begun on begun.id = step.run
        where step.tenant = ${tenant} and step.outcome = 'refused' group by step.run)
    select workflow, count(*)::int as runs, (count(*) filter (where state in ('stopped', 'refused')))::int as failed,
      coalesce(sum(refusals.refused), 0)::int as refused
    from begun left join refusals on refusals.run = begun.id group by workflow`.execute(query(tx));
  return rows;
}
