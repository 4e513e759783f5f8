// How far each tenant's log was considered, and what has to be remembered of it.
// INVARIANT: the cursor moves in the transaction that writes what was found, under its own lock: an event is considered once.

import type { TenantId, Tx, UnixMs } from '#core';
import { query, sql } from '#storage';

export interface Behind {
  readonly tenant: TenantId;
  readonly next: number;
}

/** As the system role `watcher`: tenants with sealed events that were not considered yet, those behind `after` first. */
export async function listBehind(
  tx: Tx,
  { except, after, limit }: { readonly except: readonly TenantId[]; readonly after: string; readonly limit: number },
): Promise<readonly Behind[]> {
  const { rows } = await sql<{ tenant: TenantId; next: bigint }>`
    select tree.tenant, coalesce(seen.next_seq, 0) as next from audit_tree tree left join monitoring_cursor seen on seen.tenant = tree.tenant
    where tree.size > coalesce(seen.next_seq, 0) and tree.tenant <> all(${[...except]}::text[])
    order by tree.tenant <= ${after}, tree.tenant limit ${limit}`.execute(query(tx));
  return rows.map((row) => ({ tenant: row.tenant, next: Number(row.next) }));
}

/** Holds the cursor of a tenant until the end of the transaction; `beganAtMs` is kept from the first time. */
export async function holdCursor(
  tx: Tx,
  tenant: TenantId,
  firstAtMs: UnixMs,
): Promise<{ readonly next: number; readonly beganAtMs: UnixMs }> {
  await sql`insert into monitoring_cursor (tenant, next_seq, began_at) values (${tenant}, 0, ${new Date(firstAtMs)})
    on conflict do nothing`.execute(query(tx));
  const { rows } = await sql<{ next_seq: bigint; began_at: Date }>`
    select next_seq, began_at from monitoring_cursor where tenant = ${tenant} for update`.execute(query(tx));
  const row = rows[0];
  if (row === undefined) throw new Error('a cursor that was just made is there');
  return { next: Number(row.next_seq), beganAtMs: row.began_at.getTime() };
}

export async function moveCursor(tx: Tx, tenant: TenantId, next: number): Promise<void> {
  await sql`update monitoring_cursor set next_seq = ${next} where tenant = ${tenant}`.execute(query(tx));
}

/** True when the actor did an act of this type before; otherwise this one is remembered as the first. */
export async function hasActedBefore(
  tx: Tx,
  tenant: TenantId,
  act: { readonly actor: string; readonly type: string; readonly seq: number },
): Promise<boolean> {
  const { rows } = await sql`insert into monitoring_first_acts (tenant, actor, type, seq)
    values (${tenant}, ${act.actor}, ${act.type}, ${act.seq}) on conflict do nothing returning seq`.execute(query(tx));
  return rows.length === 0;
}

/** Counts a refused call, and answers how many there were since `sinceMs`. */
export async function countDenial(
  tx: Tx,
  tenant: TenantId,
  denial: { readonly actor: string; readonly atMs: UnixMs; readonly sinceMs: UnixMs },
): Promise<number> {
  const { actor, atMs, sinceMs } = denial;
  await sql`insert into monitoring_denials as held (tenant, actor, minute, denied)
    values (${tenant}, ${actor}, date_trunc('minute', ${new Date(atMs)}::timestamptz), 1)
    on conflict (tenant, actor, minute) do update set denied = held.denied + 1`.execute(query(tx));
  const { rows } = await sql<{ denied: bigint }>`select coalesce(sum(denied), 0)::bigint as denied from monitoring_denials
    where tenant = ${tenant} and actor = ${actor} and minute > ${new Date(sinceMs)} and minute <= ${new Date(atMs)}`.execute(query(tx));
  return Number(rows[0]?.denied ?? 0);
}

/** Forgets counts older than any window. */
export async function forgetDenials(tx: Tx, tenant: TenantId, beforeMs: UnixMs): Promise<void> {
  await sql`delete from monitoring_denials where tenant = ${tenant} and minute < ${new Date(beforeMs)}`.execute(query(tx));
}
