// What effects and counters of refusals hold, for those who must find it, show it to the person it is about, or delete it.

import type { TenantId, Tx } from '#core';
import { query, sql } from '#storage';

/** Effects that changed since: a reference, and a mark that changes with what it stands for. */
export async function changedEffects(
  tx: Tx,
  tenant: TenantId,
  sinceMs: number,
): Promise<readonly { readonly ref: string; readonly mark: string }[]> {
  const { rows } = await sql<{ ref: string; mark: string }>`
    select effect_key as ref, concat_ws(':', state, result is null) as mark from effects
    where tenant = ${tenant} and (created_at >= ${new Date(sinceMs)} or state in ('sent', 'unknown'))`.execute(query(tx));
  return rows;
}

/** The answer goes; that it happened, and that it must not happen again, stays. */
export async function tombstoneEffects(tx: Tx, tenant: TenantId, keys: readonly string[], tombstone: Uint8Array): Promise<number> {
  const { rows } = await sql`
    update effects set result = ${Buffer.from(tombstone)}
    where tenant = ${tenant} and effect_key = any(${[...keys]}::text[]) and result is not null returning effect_key`.execute(query(tx));
  return rows.length;
}

/** Minutes in which calls for this customer were refused or looked like an injection. */
export async function verdictsOf(
  tx: Tx,
  tenant: TenantId,
  customer: string,
): Promise<readonly { minute: Date; denied: number; injected: number }[]> {
  const { rows } = await sql<{ minute: Date; denied: number; injected: number }>`
    select minute, denied::integer as denied, injected::integer as injected from customer_verdicts
    where tenant = ${tenant} and customer = ${customer} order by minute`.execute(query(tx));
  return rows;
}

export async function dropVerdicts(tx: Tx, tenant: TenantId, customer: string): Promise<void> {
  await sql`delete from customer_verdicts where tenant = ${tenant} and customer = ${customer}`.execute(query(tx));
}
