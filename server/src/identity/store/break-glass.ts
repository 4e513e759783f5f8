// Writes and reads requests for emergency access of one tenant.

import type { BreakGlassId, GrantId, PersonId, TenantId, Tx } from '#core';
import { type Database, query, sql } from '#storage';

export interface BreakGlassRow {
  readonly id: BreakGlassId;
  readonly person: PersonId;
  readonly role: string;
  readonly reason: string;
  readonly askedAt: Date;
  readonly state: 'asked' | 'open' | 'denied' | 'ended';
  readonly decidedBy: string | null;
  readonly decidedAt: Date | null;
  readonly grant: GrantId | null;
  /** Of the request while it is asked, of the access while it is open. */
  readonly expiresAt: Date;
  readonly endedAt: Date | null;
}

const COLUMNS = sql`id, person, role, reason, asked_at as "askedAt", state, decided_by as "decidedBy", decided_at as "decidedAt",
  grant_id as "grant", expires_at as "expiresAt", ended_at as "endedAt"`;
/** As many as a screen shows. */
const MAX_LISTED = 100;

export async function insertBreakGlass(
  tx: Tx,
  tenant: TenantId,
  row: Pick<BreakGlassRow, 'id' | 'person' | 'role' | 'reason' | 'askedAt' | 'expiresAt'>,
): Promise<void> {
  await sql`insert into identity_break_glass (tenant, id, person, role, reason, asked_at, state, expires_at)
    values (${tenant}, ${row.id}, ${row.person}, ${row.role}, ${row.reason}, ${row.askedAt}, 'asked', ${row.expiresAt})`.execute(query(tx));
}

/** Newest first. */
export async function listBreakGlass(tx: Tx, tenant: TenantId): Promise<readonly BreakGlassRow[]> {
  const { rows } = await sql<BreakGlassRow>`select ${COLUMNS} from identity_break_glass where tenant = ${tenant}
    order by asked_at desc, id desc limit ${MAX_LISTED}`.execute(query(tx));
  return rows;
}

/** Held until the transaction ends. */
export async function holdBreakGlass(tx: Tx, tenant: TenantId, id: BreakGlassId): Promise<BreakGlassRow | null> {
  const { rows } = await sql<BreakGlassRow>`select ${COLUMNS} from identity_break_glass
    where tenant = ${tenant} and id = ${id} for update`.execute(query(tx));
  return rows[0] ?? null;
}

/** Requests that wait and access that is open, of one person. */
export async function liveBreakGlassOf(tx: Tx, tenant: TenantId, person: PersonId, now: Date): Promise<number> {
  const { rows } = await sql<{ live: number }>`select count(*)::int as live from identity_break_glass
    where tenant = ${tenant} and person = ${person} and state in ('asked', 'open') and expires_at > ${now}`.execute(query(tx));
  return rows[0]?.live ?? 0;
}

export async function decideBreakGlass(
  tx: Tx,
  tenant: TenantId,
  id: BreakGlassId,
  decided: {
    readonly by: string;
    readonly at: Date;
    readonly state: 'open' | 'denied';
    readonly grant: GrantId | null;
    readonly expiresAt: Date;
  },
): Promise<void> {
  await sql`update identity_break_glass set state = ${decided.state}, decided_by = ${decided.by}, decided_at = ${decided.at},
      grant_id = ${decided.grant}, expires_at = ${decided.expiresAt}
    where tenant = ${tenant} and id = ${id} and state = 'asked'`.execute(query(tx));
}

export async function endBreakGlass(
  tx: Tx,
  tenant: TenantId,
  id: BreakGlassId,
  ended: { readonly by: string; readonly at: Date },
): Promise<boolean> {
  const { rows } = await sql`update identity_break_glass set state = 'ended', ended_by = ${ended.by}, ended_at = ${ended.at}
    where tenant = ${tenant} and id = ${id} and state in ('asked', 'open') returning id`.execute(query(tx));
  return rows.length > 0;
}

/** What ran out and was not said to have, over all tenants. */
export async function lapsedBreakGlass(
  db: Pick<Database, 'asSystem'>,
  now: Date,
): Promise<readonly { readonly tenant: TenantId; readonly id: BreakGlassId }[]> {
  const { rows } = await db.asSystem('authenticator', (tx) =>
    sql<{ tenant: TenantId; id: BreakGlassId }>`select tenant, id from identity_break_glass
      where state in ('asked', 'open') and expires_at <= ${now} order by expires_at limit 100`.execute(query(tx)),
  );
  return rows;
}
