// How many keys one tenant has, for its own people: numbers, and no key.

import type { TenantId, Tx } from '#core';
import { query, sql } from '#storage';

export interface KeysOfTenant {
  /** Version of the tenant's key that seals now; 0: nothing was sealed yet. */
  readonly version: number;
  readonly olderVersions: number;
  /** Keys of people, customers, runs. */
  readonly subjects: number;
  /** Erasures that become final when their epoch ends. */
  readonly waiting: number;
}

export async function countKeysOf(tx: Tx, tenant: TenantId): Promise<KeysOfTenant> {
  const { rows } = await sql<KeysOfTenant>`
    select coalesce(max(t.version), 0)::integer as version, greatest(count(*) - 1, 0)::integer as "olderVersions",
      (select count(*)::integer from vault_subject_keys s where s.tenant = ${tenant}) as subjects,
      (select count(*)::integer from vault_erasures e where e.tenant = ${tenant} and e.epoch >
        coalesce((select max(epoch) from vault_epochs where state = 'destroyed'), -1)) as waiting
    from vault_tenant_keys t where t.tenant = ${tenant}`.execute(query(tx));
  return rows[0] ?? { version: 0, olderVersions: 0, subjects: 0, waiting: 0 };
}
