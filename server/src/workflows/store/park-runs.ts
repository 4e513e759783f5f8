// Stops every run that was open when a database was put back: what it did since is not in its journal, so it can not go on by itself.

import type { RunId, TenantId, Tx } from '#core';
import { query, sql } from '#storage';

export interface ParkedRun {
  readonly id: RunId;
  readonly workflow: string;
  readonly hash: string;
  readonly step: string | null;
}

export async function parkOpenRuns(
  tx: Tx,
  tenant: TenantId,
  { atMs, code }: { atMs: number; code: string },
): Promise<readonly ParkedRun[]> {
  const { rows } = await sql<ParkedRun>`
    update workflow_runs run set state = 'stopped', code = ${code}, finished_at = ${new Date(atMs)},
      step = coalesce(run.step, (select step from workflow_steps s where s.tenant = run.tenant and s.run = run.id order by nth desc limit 1))
    where tenant = ${tenant} and state = 'running' returning id, workflow, hash, step`.execute(query(tx));
  return rows;
}
