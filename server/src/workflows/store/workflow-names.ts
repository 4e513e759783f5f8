// Which workflows a tenant has: one statement, whatever their number.

import type { TenantId, Tx } from '#core';
import { query, sql } from '#storage';

export async function listWorkflowNames(tx: Tx, tenant: TenantId): Promise<readonly string[]> {
  const { rows } = await sql<{ name: string }>`select name from workflows where tenant = ${tenant} order by name`.execute(query(tx));
  return rows.map(({ name }) => name);
}

export interface WorkflowFlags {
  readonly name: string;
  readonly isPaused: boolean;
  readonly isSample: boolean;
}

export async function listWorkflowFlags(tx: Tx, tenant: TenantId): Promise<readonly WorkflowFlags[]> {
  const { rows } = await sql<WorkflowFlags>`select name, paused as "isPaused", is_sample as "isSample" from workflows
    where tenant = ${tenant} order by name`.execute(query(tx));
  return rows;
}
