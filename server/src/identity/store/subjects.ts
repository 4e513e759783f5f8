// Whether a person or a group is there now.

import type { TenantId, Tx } from '#core';
import { query, sql } from '#storage';

export async function hasSubject(tx: Tx, tenant: TenantId, subject: string): Promise<boolean> {
  const { rows } = await sql<{ there: boolean }>`select
    exists (select 1 from identity_people where tenant = ${tenant} and id = ${subject} and removed_at is null)
    or exists (select 1 from identity_groups where tenant = ${tenant} and id = ${subject} and removed_at is null) as there`.execute(
    query(tx),
  );
  return rows[0]?.there === true;
}
