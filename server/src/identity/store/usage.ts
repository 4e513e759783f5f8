// Rows of what was used, one a day and name.

import type { TenantId, Tx } from '#core';
import { type Database, query, sql } from '#storage';

export const USAGE_KINDS = ['action', 'integration', 'operation', 'model', 'key', 'tool_offered', 'tool_called', 'grant'] as const;
export type UsageKind = (typeof USAGE_KINDS)[number];

export interface UsedRow {
  readonly subject: string;
  readonly kind: UsageKind;
  readonly name: string;
  readonly count: number;
  readonly lastAtMs: number;
}

/** Adds to what stands there for the day. */
export async function addUsage(tx: Tx, tenant: TenantId, rows: readonly UsedRow[]): Promise<void> {
  const column = <T>(of: (row: UsedRow) => T): T[] => rows.map(of);
  await sql`
    insert into identity_usage (tenant, subject, kind, name, day, count, last_at)
    select ${tenant}, subject, kind, name, (last_at at time zone 'utc')::date, count, last_at
    from unnest(${column((row) => row.subject)}::text[], ${column((row) => row.kind)}::text[], ${column((row) => row.name)}::text[],
      ${column((row) => row.count)}::bigint[], ${column((row) => new Date(row.lastAtMs))}::timestamptz[])
      as used (subject, kind, name, count, last_at)
    on conflict (tenant, subject, kind, name, day) do update
      set count = identity_usage.count + excluded.count, last_at = greatest(identity_usage.last_at, excluded.last_at)`.execute(query(tx));
}

export interface UsageTotal extends UsedRow {
  /** Within the window; `lastAtMs` may be older. */
  readonly count: number;
}

/** Totals since `sinceMs` with the last use of all that is kept; of one subject where named. */
export async function readUsage(
  tx: Tx,
  tenant: TenantId,
  which: { readonly subject?: string; readonly sinceMs: number },
): Promise<readonly UsageTotal[]> {
  const { subject = null } = which;
  const { rows } = await sql<{ subject: string; kind: UsageKind; name: string; count: string; last: Date }>`
    select subject, kind, name, coalesce(sum(count) filter (where last_at >= ${new Date(which.sinceMs)}), 0)::text as count, max(last_at) as last
    from identity_usage where tenant = ${tenant} and (${subject}::text is null or subject = ${subject})
    group by subject, kind, name order by subject, kind, name`.execute(query(tx));
  return rows.map(({ count, last, ...row }) => ({ ...row, count: Number(count), lastAtMs: last.getTime() }));
}

/** How often each grant was what allowed something, of whoever held it, and when last; of what is still kept. */
export async function readGrantUses(
  tx: Tx,
  tenant: TenantId,
): Promise<ReadonlyMap<string, { readonly count: number; readonly lastAtMs: number }>> {
  const { rows } = await sql<{ name: string; count: string; last: Date }>`select name, sum(count)::text as count, max(last_at) as last
    from identity_usage where tenant = ${tenant} and kind = 'grant' group by name`.execute(query(tx));
  return new Map(rows.map(({ name, count, last }) => [name, { count: Number(count), lastAtMs: last.getTime() }]));
}

/** Forgets days before `beforeMs`; how many rows. */
export async function pruneUsage(db: Pick<Database, 'asSystem'>, beforeMs: number): Promise<number> {
  const { rows } = await db.asSystem('authenticator', (tx) =>
    sql`delete from identity_usage where day < (${new Date(beforeMs)} at time zone 'utc')::date returning 1`.execute(query(tx)),
  );
  return rows.length;
}
