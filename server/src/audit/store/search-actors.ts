// The pseudonyms under which somebody stands in the log, as far as the link was not erased.

import type { TenantId, Tx } from '#core';
import { query, sql } from '#storage';

export async function pseudonymsOf(tx: Tx, tenant: TenantId, actor: string): Promise<readonly string[]> {
  const { rows } = await sql<{
    pseudonym: string;
  }>`select pseudonym from audit_actor where tenant = ${tenant} and actor = ${actor}`.execute(query(tx));
  return rows.map((row) => row.pseudonym);
}
