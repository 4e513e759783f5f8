// Verdicts about the calls of customers, by minute. Customers stand here as digests and no longer than the window that is looked at.

import type { TenantId, Tx, UnixMs } from '#core';
import { query, sql } from '#storage';

export interface Verdicts {
  readonly denied: number;
  readonly injected: number;
}

/** Adds to what there is and answers with the window before and after. Processes that add for one customer do so one after the other. */
export async function addVerdicts(
  tx: Tx,
  tenant: TenantId,
  {
    customer,
    verdicts,
    atMs,
    sinceMs,
  }: { readonly customer: string; readonly verdicts: Verdicts; readonly atMs: UnixMs; readonly sinceMs: UnixMs },
): Promise<{ readonly before: Verdicts; readonly after: Verdicts }> {
  const on = query(tx);
  await sql`select pg_advisory_xact_lock(hashtextextended(${`${tenant} ${customer}`}, 168))`.execute(on);
  const { rows } = await sql<{ denied: bigint; injected: bigint }>`
    select coalesce(sum(denied), 0)::bigint as denied, coalesce(sum(injected), 0)::bigint as injected from customer_verdicts
    where tenant = ${tenant} and customer = ${customer} and minute > ${new Date(sinceMs)}`.execute(on);
  await sql`insert into customer_verdicts as held (tenant, customer, minute, denied, injected)
    values (${tenant}, ${customer}, date_trunc('minute', ${new Date(atMs)}::timestamptz), ${verdicts.denied}, ${verdicts.injected})
    on conflict (tenant, customer, minute) do update set denied = held.denied + excluded.denied, injected = held.injected + excluded.injected
  `.execute(on);
  const before = { denied: Number(rows[0]?.denied ?? 0), injected: Number(rows[0]?.injected ?? 0) };
  return { before, after: { denied: before.denied + verdicts.denied, injected: before.injected + verdicts.injected } };
}

export async function forgetVerdicts(tx: Tx, tenant: TenantId, beforeMs: UnixMs): Promise<void> {
  await sql`delete from customer_verdicts where tenant = ${tenant} and minute < ${new Date(beforeMs)}`.execute(query(tx));
}
