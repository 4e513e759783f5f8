// Removes the stored calls of sample data, with the decisions about them.

import type { ApprovalId, TenantId, Tx } from '#core';
import { query, sql } from '#storage';

export interface SampleCalls {
  readonly tenant: TenantId;
  /** Integrations and workloads that are sample data. */
  readonly integrations: readonly string[];
  readonly workloads: readonly string[];
}

export async function dropApprovals(tx: Tx, { tenant, integrations, workloads }: SampleCalls): Promise<readonly ApprovalId[]> {
  const { rows } = await sql<{ id: ApprovalId }>`
    delete from approvals where tenant = ${tenant}
      and (integration = any(${[...integrations]}::text[]) or workload = any(${[...workloads]}::text[])) returning id`.execute(query(tx));
  return rows.map((row) => row.id);
}
