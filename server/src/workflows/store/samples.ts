// Workflows that are sample data: whose name it is, and the removal of all that belongs to them. Row security lets no other workflow go.

import type { RunId, TenantId, Tx } from '#core';
import { query, sql } from '#storage';
import { announceSegments } from './segments.ts';

/** Takes the name for sample data, or for anything else; false when it belongs to the other kind. */
export async function claimName(tx: Tx, tenant: TenantId, name: string, isSample: boolean): Promise<boolean> {
  await sql`insert into workflows (tenant, name, is_sample) values (${tenant}, ${name}, ${isSample}) on conflict do nothing`.execute(
    query(tx),
  );
  const { rows } = await sql<{ is_sample: boolean }>`
    select is_sample from workflows where tenant = ${tenant} and name = ${name}`.execute(query(tx));
  return rows[0]?.is_sample === isSample;
}

export async function sampleNames(tx: Tx, tenant: TenantId): Promise<ReadonlySet<string>> {
  const { rows } = await sql<{ name: string }>`select name from workflows where tenant = ${tenant} and is_sample`.execute(query(tx));
  return new Set(rows.map((row) => row.name));
}

/** Deletes them with their versions, files, runs and steps, and what was delivered by these integrations. */
export async function dropSamples(
  tx: Tx,
  tenant: TenantId,
  integrations: readonly string[],
): Promise<readonly { readonly name: string; readonly runs: readonly RunId[] }[]> {
  // Runs first, as their moves lock them: a move that holds its run is waited for and finds it gone the next time.
  const runs = await sql<{ id: RunId; workflow: string }>`
    select r.id, r.workflow from workflow_runs r where r.tenant = ${tenant}
      and r.workflow in (select w.name from workflows w where w.tenant = ${tenant} and w.is_sample) order by r.id for update`.execute(
    query(tx),
  );
  const names = [...(await sampleNames(tx, tenant))].sort();
  await sql`delete from workflows where tenant = ${tenant} and is_sample`.execute(query(tx));
  await sql`delete from workflow_deliveries where tenant = ${tenant} and integration = any(${[...integrations]}::text[])`.execute(
    query(tx),
  );
  await announceSegments(tx);
  return names.map((name) => ({ name, runs: runs.rows.filter((run) => run.workflow === name).map((run) => run.id) }));
}
