// Reservation rows: what one call counted, and whether it has been settled. A row is settled once, by compare-and-set.

import type { CallId, ReservationId, TenantId, Tx, UnixMs } from '#core';
import { query, sql } from '#storage';
import type { WindowKey } from './windows.ts';

export type Settlement = 'spent' | 'released';

export interface NewReservation {
  readonly id: ReservationId;
  readonly tenant: TenantId;
  readonly call: CallId;
  readonly amountMinor: bigint;
  readonly windows: readonly WindowKey[];
  readonly heldAtMs: UnixMs;
}

export interface SettledReservation {
  readonly tenant: TenantId;
  readonly amountMinor: bigint;
  readonly windows: readonly WindowKey[];
}

export async function insertReservation(tx: Tx, row: NewReservation): Promise<void> {
  const windows = row.windows.map(({ scope, window, startsAtMs, usesOnly }) => ({
    scope,
    window,
    startsAtMs,
    ...(usesOnly === undefined ? {} : { usesOnly }),
  }));
  await sql`insert into limit_reservation (tenant, id, call, state, amount_minor, windows, held_at)
    values (${row.tenant}, ${row.id}, ${row.call}, 'held', ${row.amountMinor}, ${JSON.stringify(windows)}::jsonb,
      ${new Date(row.heldAtMs).toISOString()})`.execute(query(tx));
}

export async function deleteReservation(tx: Tx, tenant: TenantId, id: ReservationId): Promise<void> {
  await sql`delete from limit_reservation where tenant = ${tenant} and id = ${id}`.execute(query(tx));
}

/** The reservation, if this call is the one that settled it. */
export async function settleReservation(
  tx: Tx,
  id: ReservationId,
  state: Settlement,
  settledAtMs: UnixMs,
): Promise<SettledReservation | null> {
  const { rows } = await sql<{ tenant: TenantId; amount_minor: string; windows: WindowKey[] }>`update limit_reservation
    set state = ${state}, settled_at = ${new Date(settledAtMs).toISOString()}
    where tenant = sallyport_tenant() and id = ${id} and state = 'held'
    returning tenant, amount_minor::text, windows`.execute(query(tx));
  const row = rows[0];
  return row === undefined ? null : { tenant: row.tenant, amountMinor: BigInt(row.amount_minor), windows: row.windows };
}

export async function reservationState(tx: Tx, id: ReservationId): Promise<string | null> {
  const { rows } = await sql<{ state: string }>`select state from limit_reservation
    where tenant = sallyport_tenant() and id = ${id}`.execute(query(tx));
  return rows[0]?.state ?? null;
}

/** Forgets windows and budgets that began before, and settled reservations of that age. Held ones are kept: they are still owed an answer. */
export async function pruneBefore(tx: Tx, beforeMs: UnixMs): Promise<void> {
  const before = new Date(beforeMs).toISOString();
  // A month may still be open although it began long before.
  const month = new Date(beforeMs - 31 * 24 * 60 * 60_000).toISOString();
  await sql`delete from limit_window where starts_at < case when period = 'month' then ${month}::timestamptz else ${before}::timestamptz end
    and starts_at < ${before}`.execute(query(tx));
  await sql`delete from limit_budget
    where starts_at < case when scope like 'department:/%/month' then ${month}::timestamptz else ${before}::timestamptz end
    and starts_at < ${before}`.execute(query(tx));
  await sql`delete from limit_reservation where state <> 'held' and settled_at < ${before}`.execute(query(tx));
}
