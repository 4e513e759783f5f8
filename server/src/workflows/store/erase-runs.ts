// What finished runs knew, and the erasing of it: their sealed values go, their references, states and codes stay.

import type { RunId, TenantId, Tx } from '#core';
import { query, sql } from '#storage';

export interface FinishedRun {
  readonly tenant: TenantId;
  readonly run: RunId;
}

/** Over all tenants, as the resolver: the oldest finished runs that still know something. */
export async function runsToErase(
  tx: Tx,
  finishedBeforeMs: number,
  limit: number,
  except: readonly TenantId[] = [],
): Promise<readonly FinishedRun[]> {
  const { rows } = await sql<{ tenant: string; id: string }>`
    select tenant, id from workflow_runs where finished_at < ${new Date(finishedBeforeMs)} and erased_at is null
      and not (tenant = any(${[...except]}::text[])) order by finished_at limit ${limit}`.execute(query(tx));
  return rows.map(({ tenant, id }) => ({ tenant: tenant as TenantId, run: id as RunId }));
}

/** Gives how many there were: another process may have been faster. */
export async function eraseRuns(tx: Tx, tenant: TenantId, runs: readonly RunId[], atMs: number): Promise<number> {
  const erased = await sql<{ id: string }>`
    update workflow_runs set sealed_input = null, sealed_customer = null, erased_at = ${new Date(atMs)}
    where tenant = ${tenant} and id = any(${[...runs]}::text[]) and state <> 'running' and erased_at is null returning id`.execute(
    query(tx),
  );
  const ids = erased.rows.map(({ id }) => id);
  await sql`update workflow_steps set sealed_value = null where tenant = ${tenant} and run = any(${ids}::text[])`.execute(query(tx));
  return ids.length;
}
