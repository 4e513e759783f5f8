// Rows of what is known about how people come in, of risk by session, and of counts; each bounded and with its retention.

import type { PersonId, Risk, SessionId, TenantId, Tx, UnixMs } from '#core';
import { query, sql } from '#storage';

export type MarkKind = 'device' | 'network' | 'country';

export interface Mark {
  readonly kind: MarkKind;
  readonly mark: string;
}

export interface PlaceRow {
  readonly country: string;
  readonly latitude: number | null;
  readonly longitude: number | null;
  readonly at: Date;
}

/** Everything that is known of one person. Holds the place, so that two processes judge one after the other. */
export async function readUsual(
  tx: Tx,
  tenant: TenantId,
  person: PersonId,
): Promise<{ readonly marks: readonly Mark[]; readonly place: PlaceRow | null }> {
  const on = query(tx);
  const places = await sql<PlaceRow>`select country, latitude, longitude, at from identity_risk_places
    where tenant = ${tenant} and person = ${person} for update`.execute(on);
  const marks = await sql<Mark>`select kind, mark from identity_risk_known where tenant = ${tenant} and person = ${person}
    order by kind, mark`.execute(on);
  return { marks: marks.rows, place: places.rows[0] ?? null };
}

/** Marks that are kept of one kind; the ones not seen for longest go. */
const MAX_MARKS = 40;

export async function keepMarks(
  tx: Tx,
  tenant: TenantId,
  { person, marks, atMs }: { readonly person: PersonId; readonly marks: readonly Mark[]; readonly atMs: UnixMs },
): Promise<void> {
  const at = new Date(atMs);
  for (const { kind, mark } of marks) {
    await sql`insert into identity_risk_known (tenant, person, kind, mark, first_at, last_at)
      values (${tenant}, ${person}, ${kind}, ${mark}, ${at}, ${at})
      on conflict (tenant, person, kind, mark) do update set last_at = excluded.last_at`.execute(query(tx));
    await sql`delete from identity_risk_known where tenant = ${tenant} and person = ${person} and kind = ${kind} and mark in (
      select mark from identity_risk_known where tenant = ${tenant} and person = ${person} and kind = ${kind}
      order by last_at desc, mark offset ${MAX_MARKS})`.execute(query(tx));
  }
}

export async function keepPlace(
  tx: Tx,
  tenant: TenantId,
  person: PersonId,
  place: { readonly country: string; readonly latitude: number | null; readonly longitude: number | null; readonly atMs: UnixMs },
): Promise<void> {
  await sql`insert into identity_risk_places (tenant, person, country, latitude, longitude, at)
    values (${tenant}, ${person}, ${place.country}, ${place.latitude}, ${place.longitude}, ${new Date(place.atMs)})
    on conflict (tenant, person) do update set country = excluded.country, latitude = excluded.latitude, longitude = excluded.longitude,
      at = excluded.at`.execute(query(tx));
}

export interface RiskRow {
  readonly tenant: TenantId;
  readonly session: SessionId;
  readonly person: PersonId;
  readonly level: Risk;
  readonly signals: readonly string[];
  readonly raised_at: Date;
  readonly cleared_at: Date | null;
  readonly cleared_by: string | null;
}

const COLUMNS = sql.raw('tenant, session, person, level, signals, raised_at, cleared_at, cleared_by');

/** As the system role `authenticator`: sessions about which something is noticed; of one when it is named. */
export async function readRisks(tx: Tx, one: { readonly tenant: TenantId; readonly session: string } | null): Promise<readonly RiskRow[]> {
  const { rows } = await sql<RiskRow>`select ${COLUMNS} from identity_risk_sessions
    where (level <> 'none' or cleared_at is not null)
      and (${one?.tenant ?? null}::text is null or (tenant = ${one?.tenant ?? ''} and session = ${one?.session ?? ''}))
    order by tenant, session`.execute(query(tx));
  return rows;
}

export async function holdRisk(tx: Tx, tenant: TenantId, session: SessionId): Promise<RiskRow | null> {
  const { rows } = await sql<RiskRow>`select ${COLUMNS} from identity_risk_sessions
    where tenant = ${tenant} and session = ${session} for update`.execute(query(tx));
  return rows[0] ?? null;
}

export async function putRisk(
  tx: Tx,
  row: {
    readonly tenant: TenantId;
    readonly session: SessionId;
    readonly person: PersonId;
    readonly level: Risk;
    readonly signals: readonly string[];
    readonly raisedAtMs: UnixMs;
    readonly cleared: { readonly atMs: UnixMs; readonly by: string } | null;
  },
): Promise<void> {
  const clearedAt = row.cleared === null ? null : new Date(row.cleared.atMs);
  await sql`insert into identity_risk_sessions (tenant, session, person, level, signals, raised_at, cleared_at, cleared_by)
    values (${row.tenant}, ${row.session}, ${row.person}, ${row.level}, ${[...row.signals]}::text[], ${new Date(row.raisedAtMs)}, ${clearedAt},
      ${row.cleared?.by ?? null})
    on conflict (tenant, session) do update set level = excluded.level, signals = excluded.signals, raised_at = excluded.raised_at,
      cleared_at = excluded.cleared_at, cleared_by = excluded.cleared_by`.execute(query(tx));
}

export type CountKind = 'denied' | 'read';

/** Adds to the minute's count of a person. */
export async function addCount(
  tx: Tx,
  tenant: TenantId,
  { person, kind, atMs, by }: { readonly person: PersonId; readonly kind: CountKind; readonly atMs: UnixMs; readonly by: number },
): Promise<void> {
  await sql`insert into identity_risk_counts as held (tenant, person, kind, minute, counted)
    values (${tenant}, ${person}, ${kind}, date_trunc('minute', ${new Date(atMs)}::timestamptz), ${by})
    on conflict (tenant, person, kind, minute) do update set counted = held.counted + excluded.counted`.execute(query(tx));
}

/** Counted since a moment, and the busiest hour of the month before it. */
export async function readCounts(
  tx: Tx,
  tenant: TenantId,
  { person, kind, sinceMs }: { readonly person: PersonId; readonly kind: CountKind; readonly sinceMs: UnixMs },
): Promise<{ readonly since: number; readonly busiestHour: number }> {
  const since = new Date(sinceMs);
  const { rows } = await sql<{ since: bigint; busiest: bigint }>`
    select (select coalesce(sum(counted), 0)::bigint from identity_risk_counts
        where tenant = ${tenant} and person = ${person} and kind = ${kind} and minute > ${since}) as since,
      (select coalesce(max(hourly), 0)::bigint from (select sum(counted) as hourly from identity_risk_counts
        where tenant = ${tenant} and person = ${person} and kind = ${kind} and minute <= ${since} and minute > ${since}::timestamptz - interval '30 days'
        group by date_trunc('hour', minute)) by_hour) as busiest`.execute(query(tx));
  return { since: Number(rows[0]?.since ?? 0), busiestHour: Number(rows[0]?.busiest ?? 0) };
}

/** As the system role `authenticator`: forgets what is too old to say anything. How many rows. */
export async function sweepRisk(tx: Tx, nowMs: UnixMs): Promise<number> {
  const days = (count: number): Date => new Date(nowMs - count * 86_400_000);
  const removed = [
    await sql`delete from identity_risk_counts where minute < ${days(31)} returning 1`.execute(query(tx)),
    await sql`delete from identity_risk_counts where kind = 'denied' and minute < ${days(1)} returning 1`.execute(query(tx)),
    await sql`delete from identity_risk_known where last_at < ${days(180)} returning 1`.execute(query(tx)),
    await sql`delete from identity_risk_places where at < ${days(30)} returning 1`.execute(query(tx)),
    await sql`delete from identity_risk_sessions where raised_at < ${days(30)} returning 1`.execute(query(tx)),
  ];
  return removed.reduce((sum, { rows }) => sum + rows.length, 0);
}
