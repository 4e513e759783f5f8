// What the administrator of the database might do to the sealed log of one tenant. Tried inside a transaction that is rolled back.
// INVARIANT: nothing here commits, and nothing but the tenant named is touched; whoever calls throws the transaction away.

import type { TenantId, Tx } from '#core';
import { query, sql } from '#storage';

export const TAMPERS = {
  'one word of a sealed event is changed': async (tx: Tx, tenant: TenantId): Promise<boolean> => {
    const { rows } = await sql`update audit_log set leaf = replace(leaf, '"type":"identity.', '"type":"idemtity.')
      where tenant = ${tenant} and seq = (select min(seq) from audit_log where tenant = ${tenant} and leaf like '%"type":"identity.%')
      returning seq`.execute(query(tx));
    return rows.length > 0;
  },
  'a sealed event in the middle is deleted': async (tx: Tx, tenant: TenantId): Promise<boolean> => {
    const { rows } = await sql`delete from audit_log
      where tenant = ${tenant} and seq = (select max(seq) / 2 from audit_log where tenant = ${tenant}) returning seq`.execute(query(tx));
    return rows.length > 0;
  },
  'the newest sealed events are deleted': async (tx: Tx, tenant: TenantId): Promise<boolean> => {
    const { rows } = await sql`delete from audit_log
      where tenant = ${tenant} and seq > (select max(seq) - 3 from audit_log where tenant = ${tenant}) returning seq`.execute(query(tx));
    return rows.length > 0;
  },
} as const;
export type TamperName = keyof typeof TAMPERS;

/** Lets the administrator past the triggers that refuse it, for this transaction alone, and does it; false when there was nothing to change. */
export async function tamperWith(tx: Tx, tenant: TenantId, name: TamperName): Promise<boolean> {
  await sql`set local session_replication_role = replica`.execute(query(tx));
  return TAMPERS[name](tx, tenant);
}
