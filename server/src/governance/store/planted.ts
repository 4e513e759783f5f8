// Rows of planted values: sealed, with where they were put, how often each was seen, and where one was found. Every change is sent with its commit.

import type { TenantId, Tx } from '#core';
import { type Database, notify, query, sql } from '#storage';
import type { CanaryKind, ValueName } from '../canaries/invent.ts';
import type {
  Canary,
  CanaryFinding,
  FindingKey,
  FindingKind,
  NotedFinding,
  OnLeak,
  PlaceKind,
  Sighting,
  SightingKind,
  Way,
} from '../canaries/types.ts';

export const PLANTED_CHANNEL = 'sallyport_planted';

/** Most that are shown at once: findings are one a value and place. */
export const MAX_SHOWN = 1_000;

interface Row {
  id: string;
  kind: CanaryKind;
  place_kind: PlaceKind;
  place_name: string;
  customer: string | null;
  known_at: string[];
  on_leak: OnLeak;
  stale_days: number;
  planted_at: Date;
  planted_by: string;
  retired_at: Date | null;
}

const canaryOf = (row: Row): Canary => ({
  id: row.id,
  kind: row.kind,
  place: { kind: row.place_kind, name: row.place_name, customer: row.customer },
  knownAt: row.known_at,
  onLeak: row.on_leak,
  staleDays: row.stale_days,
  plantedAtMs: row.planted_at.getTime(),
  plantedBy: row.planted_by,
  retiredAtMs: row.retired_at?.getTime() ?? null,
});

export async function addPlanted(tx: Tx, tenant: TenantId, one: Canary, sealed: Uint8Array): Promise<void> {
  await sql`insert into governance_planted (tenant, id, kind, place_kind, place_name, customer, known_at, on_leak, stale_days, sealed,
      planted_at, planted_by)
    values (${tenant}, ${one.id}, ${one.kind}, ${one.place.kind}, ${one.place.name}, ${one.place.customer}, ${[...one.knownAt]}::text[],
      ${one.onLeak}, ${one.staleDays}, ${Buffer.from(sealed)}, ${new Date(one.plantedAtMs)}, ${one.plantedBy})`.execute(query(tx));
  await announcePlanted(tx, tenant);
}

/** Every canary of the tenant, the newest first; those that are retired behind the others. */
export async function listPlanted(tx: Tx, tenant: TenantId): Promise<readonly Canary[]> {
  const { rows } = await sql<Row>`select id, kind, place_kind, place_name, customer, known_at, on_leak, stale_days, planted_at, planted_by,
    retired_at from governance_planted where tenant = ${tenant} order by retired_at is not null, planted_at desc, id limit ${MAX_SHOWN}`.execute(
    query(tx),
  );
  return rows.map(canaryOf);
}

/** Locks it, for whoever changes it. */
export async function holdPlanted(tx: Tx, tenant: TenantId, id: string): Promise<Canary | null> {
  const { rows } = await sql<Row>`select id, kind, place_kind, place_name, customer, known_at, on_leak, stale_days, planted_at, planted_by,
    retired_at from governance_planted where tenant = ${tenant} and id = ${id} for update`.execute(query(tx));
  return rows[0] === undefined ? null : canaryOf(rows[0]);
}

/** How many are watched for; the lock keeps two who plant at once from planting too many. */
export async function countPlanted(tx: Tx, tenant: TenantId): Promise<number> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`planted/${tenant}`}, 0))`.execute(query(tx));
  const { rows } = await sql<{ count: number }>`select count(*)::int as count from governance_planted
    where tenant = ${tenant} and retired_at is null`.execute(query(tx));
  return rows[0]?.count ?? 0;
}

export async function retirePlanted(tx: Tx, tenant: TenantId, id: string, at: Date): Promise<void> {
  await sql`update governance_planted set retired_at = ${at}, sealed = null where tenant = ${tenant} and id = ${id}
    and retired_at is null`.execute(query(tx));
  await announcePlanted(tx, tenant);
}

export async function setKnownAt(tx: Tx, tenant: TenantId, id: string, knownAt: readonly string[]): Promise<void> {
  await sql`update governance_planted set known_at = ${[...knownAt]}::text[] where tenant = ${tenant} and id = ${id}`.execute(query(tx));
  await announcePlanted(tx, tenant);
}

export async function announcePlanted(tx: Tx, tenant: TenantId): Promise<void> {
  await notify(tx, PLANTED_CHANNEL, tenant);
}

/** Tenants that have planted anything that is watched for. */
export function readPlantingTenants(db: Pick<Database, 'asSystem'>): Promise<readonly TenantId[]> {
  return db.asSystem('authenticator', async (tx) => {
    const { rows } = await sql<{ tenant: TenantId }>`select distinct tenant from governance_planted where retired_at is null`.execute(
      query(tx),
    );
    return rows.map(({ tenant }) => tenant);
  });
}

/** Those that are watched for, with what is sealed. */
export async function readWatched(tx: Tx, tenant: TenantId): Promise<readonly { readonly canary: Canary; readonly sealed: Uint8Array }[]> {
  const { rows } = await sql<Row & { sealed: Buffer }>`select id, kind, place_kind, place_name, customer, known_at, on_leak, stale_days,
    planted_at, planted_by, retired_at, sealed from governance_planted
    where tenant = ${tenant} and retired_at is null order by id`.execute(query(tx));
  return rows.map((row) => ({ canary: canaryOf(row), sealed: row.sealed }));
}

export async function addSightings(tx: Tx, tenant: TenantId, seen: readonly Sighting[]): Promise<void> {
  for (const { canary, what, at, count, lastAtMs } of seen)
    await sql`insert into governance_planted_sightings as held (tenant, canary, what, at_place, count, last_at)
      values (${tenant}, ${canary}, ${what}, ${at}, ${count}, ${new Date(lastAtMs)})
      on conflict (tenant, canary, what, at_place) do update set count = held.count + excluded.count,
        last_at = greatest(held.last_at, excluded.last_at)`.execute(query(tx));
}

export async function readSightings(tx: Tx, tenant: TenantId): Promise<readonly Sighting[]> {
  const { rows } = await sql<{ canary: string; what: SightingKind; at_place: string; count: string; last_at: Date }>`
    select canary, what, at_place, count::text, last_at from governance_planted_sightings where tenant = ${tenant}
    order by last_at desc limit ${MAX_SHOWN}`.execute(query(tx));
  return rows.map(({ canary, what, at_place, count, last_at }) => ({
    ...{ canary, what, at: at_place },
    count: Number(count),
    lastAtMs: last_at.getTime(),
  }));
}

/** Those that are new, or that somebody had closed: what is open already is counted up. */
export async function addPlantedFindings(tx: Tx, tenant: TenantId, found: readonly NotedFinding[]): Promise<readonly NotedFinding[]> {
  const fresh: NotedFinding[] = [];
  for (const one of found) {
    const { rows } = await sql<{ is_fresh: boolean }>`with before as (
        select closed_at from governance_planted_findings where tenant = ${tenant} and canary = ${one.canary} and value = ${one.value}
          and kind = ${one.kind} and way = ${one.way} and at_place = ${one.at} for update
      ), written as (
        insert into governance_planted_findings as held
          (tenant, canary, value, kind, way, at_place, refused, count, first_at, last_at)
        values (${tenant}, ${one.canary}, ${one.value}, ${one.kind}, ${one.way}, ${one.at}, ${one.refused}, ${one.count},
          ${new Date(one.firstAtMs)}, ${new Date(one.lastAtMs)})
        on conflict (tenant, canary, value, kind, way, at_place) do update set count = held.count + excluded.count,
          last_at = greatest(held.last_at, excluded.last_at), refused = held.refused and excluded.refused, closed_at = null, closed_by = null
        returning (xmax = 0) as is_new
      )
      select (written.is_new or exists (select 1 from before where closed_at is not null)) as is_fresh from written`.execute(query(tx));
    if (rows[0]?.is_fresh === true) fresh.push(one);
  }
  return fresh;
}

export async function readPlantedFindings(tx: Tx, tenant: TenantId): Promise<readonly CanaryFinding[]> {
  const { rows } = await sql<{
    canary: string;
    value: ValueName;
    kind: FindingKind;
    way: Way;
    at_place: string;
    refused: boolean;
    count: string;
    first_at: Date;
    last_at: Date;
    closed_at: Date | null;
  }>`select canary, value, kind, way, at_place, refused, count::text, first_at, last_at, closed_at from governance_planted_findings
    where tenant = ${tenant} order by closed_at is not null, last_at desc, canary, value limit ${MAX_SHOWN}`.execute(query(tx));
  return rows.map(({ at_place, count, first_at, last_at, closed_at, ...row }) => ({
    ...row,
    at: at_place,
    count: Number(count),
    firstAtMs: first_at.getTime(),
    lastAtMs: last_at.getTime(),
    closedAtMs: closed_at?.getTime() ?? null,
  }));
}

/** Closes every open finding of a canary; the keys of those that were open. */
export async function closePlantedFindings(
  tx: Tx,
  tenant: TenantId,
  canary: string,
  { at, by }: { readonly at: Date; readonly by: string },
): Promise<readonly FindingKey[]> {
  const { rows } = await sql<{ value: ValueName; kind: FindingKind; way: Way; at_place: string }>`update governance_planted_findings
    set closed_at = ${at}, closed_by = ${by} where tenant = ${tenant} and canary = ${canary} and closed_at is null
    returning value, kind, way, at_place`.execute(query(tx));
  return rows.map(({ at_place, ...row }) => ({ canary, ...row, at: at_place }));
}

/** Canaries that nobody saw protected for as long as they say, and that were not told yet. Marks them as told. */
export async function takeStale(tx: Tx, tenant: TenantId, now: Date): Promise<readonly { readonly id: string; readonly since: Date }[]> {
  const { rows } = await sql<{ id: string; since: Date }>`with seen as (
      select one.id, greatest(one.planted_at, (select max(last_at) from governance_planted_sightings s
        where s.tenant = ${tenant} and s.canary = one.id and s.what in ('protected', 'clear'))) as since
      from governance_planted one where one.tenant = ${tenant} and one.retired_at is null
    )
    update governance_planted held set stale_told_at = ${now} from seen
    where held.tenant = ${tenant} and held.id = seen.id and seen.since < ${now}::timestamptz - make_interval(days => held.stale_days)
      and (held.stale_told_at is null or held.stale_told_at < seen.since)
    returning held.id, seen.since`.execute(query(tx));
  return rows;
}
