// Rows of what a tenant asks of access, of its freezes, and of what people have acknowledged.

import type { JsonValue, PersonId, TenantId, Tx, UnixMs } from '#core';
import { query, sql } from '#storage';

export interface ConditionRows {
  readonly settings: readonly { readonly tenant: TenantId; readonly settings: JsonValue }[];
  readonly freezes: readonly FreezeRow[];
  readonly acknowledgements: readonly AcknowledgementRow[];
}

export interface FreezeRow {
  readonly tenant: TenantId;
  readonly id: string;
  readonly starts_at: Date;
  readonly ends_at: Date;
  readonly stops: readonly string[];
  readonly reason: string;
  readonly made_by: string;
  readonly made_at: Date;
  readonly lifted_at: Date | null;
  readonly lifted_by: string | null;
}

export interface AcknowledgementRow {
  readonly tenant: TenantId;
  readonly person: PersonId;
  readonly course: string;
  readonly recorded_at: Date;
  readonly expires_at: Date;
  readonly recorded_by: string;
}

/** Newest freezes that are kept in mind and shown; older ones stay in their table. */
const SHOWN_FREEZES = 50;

/** As the system role `authenticator` of every tenant, or of one. */
export async function readConditions(tx: Tx, tenant: TenantId | null, nowMs: UnixMs): Promise<ConditionRows> {
  const on = query(tx);
  const settings = await sql<ConditionRows['settings'][number]>`select tenant, settings from identity_conditions
    where ${tenant}::text is null or tenant = ${tenant}`.execute(on);
  const freezes = await sql<FreezeRow>`select tenant, id, starts_at, ends_at, stops, reason, made_by, made_at, lifted_at, lifted_by from (
      select *, row_number() over (partition by tenant order by made_at desc) as nth from identity_freezes
      where ${tenant}::text is null or tenant = ${tenant}) newest
    where nth <= ${SHOWN_FREEZES} order by tenant, made_at desc`.execute(on);
  const acknowledgements = await sql<AcknowledgementRow>`select tenant, person, course, recorded_at, expires_at, recorded_by
    from identity_acknowledgements where (${tenant}::text is null or tenant = ${tenant}) and expires_at > ${new Date(nowMs)}
    order by tenant, person, course`.execute(on);
  return { settings: settings.rows, freezes: freezes.rows, acknowledgements: acknowledgements.rows };
}

/** The settings as they are, held until the end of the transaction; null when none were made yet. */
export async function holdSettings(tx: Tx, tenant: TenantId): Promise<JsonValue | null> {
  const { rows } = await sql<{ settings: JsonValue }>`select settings from identity_conditions where tenant = ${tenant} for update`.execute(
    query(tx),
  );
  return rows[0]?.settings ?? null;
}

export async function putSettings(
  tx: Tx,
  tenant: TenantId,
  change: { readonly settings: object; readonly atMs: UnixMs; readonly by: string },
): Promise<void> {
  await sql`insert into identity_conditions (tenant, settings, changed_at, changed_by)
    values (${tenant}, ${JSON.stringify(change.settings)}::jsonb, ${new Date(change.atMs)}, ${change.by})
    on conflict (tenant) do update set settings = excluded.settings, changed_at = excluded.changed_at, changed_by = excluded.changed_by`.execute(
    query(tx),
  );
}

export interface NewFreeze {
  readonly id: string;
  readonly fromMs: UnixMs;
  readonly toMs: UnixMs;
  readonly stops: readonly string[];
  readonly reason: string;
  readonly by: string;
  readonly atMs: UnixMs;
}

export async function insertFreeze(tx: Tx, tenant: TenantId, freeze: NewFreeze): Promise<void> {
  const { id, fromMs, toMs, stops, reason, by, atMs } = freeze;
  await sql`insert into identity_freezes (tenant, id, starts_at, ends_at, stops, reason, made_by, made_at)
    values (${tenant}, ${id}, ${new Date(fromMs)}, ${new Date(toMs)}, ${[...stops]}::text[], ${reason}, ${by}, ${new Date(atMs)})`.execute(
    query(tx),
  );
}

/** How many freezes are not over at this moment. */
export async function countFreezes(tx: Tx, tenant: TenantId, atMs: UnixMs): Promise<number> {
  const { rows } = await sql<{ n: bigint }>`select count(*) as n from identity_freezes
    where tenant = ${tenant} and lifted_at is null and ends_at > ${new Date(atMs)}`.execute(query(tx));
  return Number(rows[0]?.n ?? 0);
}

/** The freeze as it was, when this lifted it; null when there is none, or it was lifted before. */
export async function liftFreeze(
  tx: Tx,
  tenant: TenantId,
  lift: { readonly id: string; readonly by: string; readonly atMs: UnixMs },
): Promise<Pick<FreezeRow, 'starts_at' | 'ends_at' | 'stops'> | null> {
  const { rows } = await sql<Pick<FreezeRow, 'starts_at' | 'ends_at' | 'stops'>>`update identity_freezes
    set lifted_at = ${new Date(lift.atMs)}, lifted_by = ${lift.by} where tenant = ${tenant} and id = ${lift.id} and lifted_at is null
    returning starts_at, ends_at, stops`.execute(query(tx));
  return rows[0] ?? null;
}

export async function putAcknowledgement(
  tx: Tx,
  tenant: TenantId,
  row: { readonly person: PersonId; readonly course: string; readonly atMs: UnixMs; readonly expiresAtMs: UnixMs; readonly by: string },
): Promise<void> {
  await sql`insert into identity_acknowledgements (tenant, person, course, recorded_at, expires_at, recorded_by)
    values (${tenant}, ${row.person}, ${row.course}, ${new Date(row.atMs)}, ${new Date(row.expiresAtMs)}, ${row.by})
    on conflict (tenant, person, course) do update
      set recorded_at = excluded.recorded_at, expires_at = excluded.expires_at, recorded_by = excluded.recorded_by`.execute(query(tx));
}
