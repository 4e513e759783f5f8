// Window rows: one guarded upsert takes, one update gives back. Statements are sent in the given order, which callers keep sorted,
// so that two transactions over the same windows wait for each other and never deadlock.

import type { TenantId, Tx, UnixMs } from '#core';
import { query, sql } from '#storage';
import type { Window } from '../windows.ts';

export interface WindowKey {
  readonly scope: string;
  readonly window: Window;
  readonly startsAtMs: UnixMs;
  /** No money is counted in it. */
  readonly usesOnly?: true;
}

export interface GuardedWindow extends WindowKey {
  readonly currency: string;
  readonly limitMinor: bigint;
  readonly limitCount: number | null;
  readonly department?: string;
}

export interface WindowRow {
  readonly currency: string;
  readonly spentMinor: bigint;
  readonly uses: number;
}

const time = (atMs: UnixMs): string => new Date(atMs).toISOString();

/** True when the amount fitted under the limit and is now counted. */
export async function takeWindow(tx: Tx, tenant: TenantId, key: GuardedWindow, amountMinor: bigint): Promise<boolean> {
  const { rows } = await sql`
    insert into limit_window as held (tenant, scope, period, starts_at, currency, spent_minor, uses)
    select ${tenant}, ${key.scope}, ${key.window}, ${time(key.startsAtMs)}::timestamptz, ${key.currency}, ${amountMinor}::numeric, 1
    where ${amountMinor}::numeric <= ${key.limitMinor}::numeric and (${key.limitCount}::bigint is null or 1 <= ${key.limitCount}::bigint)
    on conflict (tenant, scope, period, starts_at) do update
      set spent_minor = held.spent_minor + excluded.spent_minor, uses = held.uses + 1
      where held.currency = excluded.currency and held.spent_minor + excluded.spent_minor <= ${key.limitMinor}::numeric
        and (${key.limitCount}::bigint is null or held.uses + 1 <= ${key.limitCount}::bigint)
    returning scope`.execute(query(tx));
  return rows.length > 0;
}

export async function giveBackWindow(tx: Tx, tenant: TenantId, key: WindowKey, amountMinor: bigint): Promise<void> {
  await sql`update limit_window set spent_minor = spent_minor - ${amountMinor}::numeric, uses = uses - 1
    where tenant = ${tenant} and scope = ${key.scope} and period = ${key.window} and starts_at = ${time(key.startsAtMs)}`.execute(
    query(tx),
  );
}

export async function readWindow(tx: Tx, tenant: TenantId, key: WindowKey): Promise<WindowRow | null> {
  const { rows } = await sql<{
    currency: string;
    spent_minor: string;
    uses: bigint;
  }>`select currency, spent_minor::text, uses from limit_window
    where tenant = ${tenant} and scope = ${key.scope} and period = ${key.window} and starts_at = ${time(key.startsAtMs)}`.execute(
    query(tx),
  );
  const row = rows[0];
  return row === undefined ? null : { currency: row.currency, spentMinor: BigInt(row.spent_minor), uses: Number(row.uses) };
}

/** Windows are named `what:integration:...`; the same integration added again starts at zero. */
export async function forgetWindows(tx: Tx, tenant: TenantId, integrations: readonly string[]): Promise<void> {
  await sql`delete from limit_window where tenant = ${tenant}
    and split_part(scope, ':', 2) = any(${[...integrations]}::text[])`.execute(query(tx));
}
