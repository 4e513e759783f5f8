// What departments have used of their budgets: one statement over both tables, whatever the number of departments.

import type { TenantId, Tx, UnixMs } from '#core';
import { query, sql } from '#storage';

export interface Used {
  readonly scope: string;
  /** Money in the smallest unit, as windows count it; millionths or a count, as budgets do. */
  readonly spent: bigint;
  readonly uses: number | null;
}

/** In windows that began then and are open; the length of a window is in its scope. */
export async function listDepartmentUse(
  tx: Tx,
  tenant: TenantId,
  startsAtMs: { readonly hour: UnixMs; readonly day: UnixMs; readonly month: UnixMs },
): Promise<readonly Used[]> {
  const [hour, day, month] = [startsAtMs.hour, startsAtMs.day, startsAtMs.month].map((atMs) => new Date(atMs).toISOString());
  const isOpen = sql`case split_part(scope, '/', -1) when 'hour' then ${hour}::timestamptz when 'day' then ${day}::timestamptz
    else ${month}::timestamptz end = starts_at`;
  const { rows } = await sql<{ scope: string; spent: string; uses: bigint | null }>`
    select scope, spent_minor::text as spent, uses from limit_window
      where tenant = ${tenant} and scope like 'department:/%' and ${isOpen}
    union all
    select scope, spent_micros::text, null from limit_budget
      where tenant = ${tenant} and scope like 'department:/%' and ${isOpen}`.execute(query(tx));
  return rows.map(({ scope, spent, uses }) => ({ scope, spent: BigInt(spent), uses: uses === null ? null : Number(uses) }));
}
