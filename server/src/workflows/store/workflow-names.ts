// Which workflows a tenant has.

import type { TenantId, Tx } from '#core';
import { query, sql } from '#storage';

export async function listWorkflowNames(tx: Tx, tenant: TenantId): Promise<readonly string[]> {
  const { rows } = await sql<{ name: string }>`select name from workflows where tenant = ${tenant} order by name`.execute(query(tx));
  return rows.map(({ name }) => name);
}
