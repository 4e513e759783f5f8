// What runs and deliveries hold, for those who must find it, show it to the person it is about, or delete it: references and marks that
// change with what they stand for, and tombstones. Events are never touched.

import type { RunId, TenantId, Tx } from '#core';
import { query, sql } from '#storage';

export interface HeldMark {
  readonly ref: string;
  readonly mark: string;
}

/** Runs that knew something and changed since. */
export async function changedRuns(tx: Tx, tenant: TenantId, sinceMs: number): Promise<readonly HeldMark[]> {
  const since = new Date(sinceMs);
  const { rows } = await sql<HeldMark>`
    select run.id as ref, concat_ws(':', run.state, run.finished_at, run.sealed_customer is null, count(step.run), max(step.recorded_at)) as mark
    from workflow_runs run left join workflow_steps step on step.tenant = run.tenant and step.run = run.id
    where run.tenant = ${tenant} and run.erased_at is null
      and (run.started_at >= ${since} or run.finished_at >= ${since} or run.state = 'running')
    group by run.tenant, run.id`.execute(query(tx));
  return rows;
}

/** Whatever their state: what they knew goes, what they were stays. One under way ends at its next step. */
export async function eraseHeldRuns(tx: Tx, tenant: TenantId, runs: readonly RunId[], atMs: number): Promise<number> {
  const on = query(tx);
  const { rows } = await sql<{ id: string }>`
    update workflow_runs set sealed_input = null, sealed_customer = null, erased_at = ${new Date(atMs)}
    where tenant = ${tenant} and id = any(${[...runs]}::text[]) and erased_at is null returning id`.execute(on);
  const ids = rows.map(({ id }) => id);
  await sql`update workflow_steps set sealed_value = null where tenant = ${tenant} and run = any(${ids}::text[])`.execute(on);
  return ids.length;
}

export async function changedDeliveries(tx: Tx, tenant: TenantId, sinceMs: number): Promise<readonly HeldMark[]> {
  const { rows } = await sql<HeldMark>`
    select integration || '/' || delivery as ref, array_length(runs, 1)::text as mark from workflow_deliveries
    where tenant = ${tenant} and received_at >= ${new Date(sinceMs)} and array_length(runs, 1) > 0`.execute(query(tx));
  return rows;
}

export interface HeldDelivery {
  readonly ref: string;
  readonly integration: string;
  readonly runs: readonly RunId[];
  readonly receivedAtMs: number;
}

export async function readDeliveries(tx: Tx, tenant: TenantId, refs: readonly string[]): Promise<readonly HeldDelivery[]> {
  const { rows } = await sql<{ ref: string; integration: string; runs: RunId[]; received_at: Date }>`
    select integration || '/' || delivery as ref, integration, runs, received_at from workflow_deliveries
    where tenant = ${tenant} and integration || '/' || delivery = any(${[...refs]}::text[])`.execute(query(tx));
  return rows.map(({ received_at, ...row }) => ({ ...row, receivedAtMs: received_at.getTime() }));
}

/** The sender's id and the digest of the body go: the same delivery again would be a new one. */
export async function dropDeliveries(tx: Tx, tenant: TenantId, refs: readonly string[]): Promise<number> {
  const { rows } = await sql`delete from workflow_deliveries
    where tenant = ${tenant} and integration || '/' || delivery = any(${[...refs]}::text[]) returning delivery`.execute(query(tx));
  return rows.length;
}
