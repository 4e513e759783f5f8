// Rows of breaches and of their steps. They are added and moved on; nothing deletes them.

import type { BreachId, JsonObject, TenantId, Tx } from '#core';
import { query, sql } from '#storage';

export const RISKS = ['unlikely', 'risk', 'high'] as const;
export type BreachRisk = (typeof RISKS)[number];

export interface BreachRow {
  readonly id: BreachId;
  readonly alert: string | null;
  readonly rule: string | null;
  readonly sealedWhat: Uint8Array;
  readonly awareAt: Date;
  readonly openedAt: Date;
  readonly openedBy: string;
  readonly scope: JsonObject | null;
  readonly sealedPeople: Uint8Array | null;
  readonly risk: BreachRisk | null;
  readonly told: readonly string[];
  readonly closedAt: Date | null;
  readonly closedBy: string | null;
}

export interface BreachStepRow {
  readonly breach: BreachId;
  readonly number: number;
  readonly kind: string;
  readonly at: Date;
  readonly by: string;
  readonly facts: JsonObject;
  readonly sealedText: Uint8Array | null;
}

const COLUMNS = sql`id, alert, rule, sealed_what as "sealedWhat", aware_at as "awareAt", opened_at as "openedAt", opened_by as "openedBy",
  scope, sealed_people as "sealedPeople", risk, told, closed_at as "closedAt", closed_by as "closedBy"`;

/** False when a breach was opened for that alert before. */
export async function insertBreach(
  tx: Tx,
  tenant: TenantId,
  row: Pick<BreachRow, 'id' | 'alert' | 'rule' | 'sealedWhat' | 'awareAt' | 'openedAt' | 'openedBy'>,
): Promise<boolean> {
  const { rows } = await sql`
    insert into governance_breaches (tenant, id, alert, rule, sealed_what, aware_at, opened_at, opened_by)
    values (${tenant}, ${row.id}, ${row.alert}, ${row.rule}, ${Buffer.from(row.sealedWhat)}, ${row.awareAt}, ${row.openedAt}, ${row.openedBy})
    on conflict do nothing returning id`.execute(query(tx));
  return rows.length === 1;
}

/** Newest first. */
export async function listBreaches(tx: Tx, tenant: TenantId): Promise<readonly BreachRow[]> {
  const { rows } = await sql<BreachRow>`
    select ${COLUMNS} from governance_breaches where tenant = ${tenant} order by opened_at desc, id desc limit 500`.execute(query(tx));
  return rows;
}

export async function findBreach(tx: Tx, tenant: TenantId, id: BreachId, lock: 'look' | 'hold' = 'look'): Promise<BreachRow | null> {
  const held = lock === 'hold' ? sql`for update` : sql``;
  const { rows } = await sql<BreachRow>`select ${COLUMNS} from governance_breaches where tenant = ${tenant} and id = ${id} ${held}`.execute(
    query(tx),
  );
  return rows[0] ?? null;
}

/** Open ones, held, in one order for every process. */
export async function holdOpenBreaches(tx: Tx, tenant: TenantId): Promise<readonly BreachRow[]> {
  const { rows } = await sql<BreachRow>`
    select ${COLUMNS} from governance_breaches where tenant = ${tenant} and closed_at is null order by id for update`.execute(query(tx));
  return rows;
}

export interface BreachChange {
  readonly awareAt?: Date;
  readonly risk?: BreachRisk;
  readonly told?: readonly string[];
  readonly scope?: { readonly facts: JsonObject; readonly sealedPeople: Uint8Array };
  readonly closed?: { readonly at: Date; readonly by: string };
}

export async function changeBreach(tx: Tx, tenant: TenantId, id: BreachId, change: BreachChange): Promise<void> {
  const { awareAt, risk, told, scope, closed } = change;
  const people = scope === undefined ? null : Buffer.from(scope.sealedPeople);
  await sql`update governance_breaches set aware_at = coalesce(${awareAt ?? null}::timestamptz, aware_at), risk = coalesce(${risk ?? null}, risk),
      told = coalesce(${told === undefined ? null : [...told]}::text[], told),
      scope = coalesce(${scope === undefined ? null : JSON.stringify(scope.facts)}::jsonb, scope), sealed_people = coalesce(${people}::bytea, sealed_people),
      closed_at = coalesce(${closed?.at ?? null}::timestamptz, closed_at), closed_by = coalesce(${closed?.by ?? null}, closed_by)
    where tenant = ${tenant} and id = ${id}`.execute(query(tx));
}

export async function addBreachStep(tx: Tx, tenant: TenantId, step: Omit<BreachStepRow, 'number'>): Promise<number> {
  const text = step.sealedText === null ? null : Buffer.from(step.sealedText);
  const { rows } = await sql<{ number: number }>`
    insert into governance_breach_steps (tenant, breach, number, kind, at, by, facts, sealed_text)
    select ${tenant}, ${step.breach}, coalesce(max(number), 0) + 1, ${step.kind}, ${step.at}, ${step.by}, ${JSON.stringify(step.facts)}::jsonb, ${text}::bytea
    from governance_breach_steps where tenant = ${tenant} and breach = ${step.breach} returning number`.execute(query(tx));
  return rows[0]?.number ?? 0;
}

export async function listBreachSteps(tx: Tx, tenant: TenantId, breaches: readonly string[]): Promise<readonly BreachStepRow[]> {
  const { rows } = await sql<BreachStepRow>`
    select breach, number, kind, at, by, facts, sealed_text as "sealedText" from governance_breach_steps
    where tenant = ${tenant} and breach = any(${[...breaches]}::text[]) order by breach, number`.execute(query(tx));
  return rows;
}

export interface AffectedRow {
  /** The run, or the dataset. */
  readonly root: string;
  /** Keyed hash of whose it is; of the address where nobody said whose that is. */
  readonly person: string;
  readonly isCustomer: boolean;
  readonly classes: readonly string[];
}

/** Whom runs knew of; `by` is what is compared: the run itself, or the dataset rows belong to. */
export async function peopleOf(tx: Tx, tenant: TenantId, by: 'run' | 'dataset', roots: readonly string[]): Promise<readonly AffectedRow[]> {
  if (roots.length === 0) return [];
  const which =
    by === 'run'
      ? sql`item.place in ('runs', 'known_values') and item.ref = any(${[...roots]}::text[])`
      : sql`item.place = 'datasets' and item.purpose = any(${[...roots]}::text[])`;
  const root = by === 'run' ? sql`item.ref` : sql`item.purpose`;
  const { rows } = await sql<AffectedRow>`
    with found as (
      select ${root} as root, item.classes, stands.kind, stands.blind, stands.owner from governance_items item
      join governance_subjects stands on stands.tenant = ${tenant} and stands.place = item.place and stands.ref = item.ref
      where item.tenant = ${tenant} and ${which} and stands.kind <> 'run'),
    -- An address that is nobody's here may be somebody's by the records about them.
    owned as (
      select found.root, found.classes, coalesce(nullif(found.owner, ''),
        (select min(record.owner) from governance_subjects record where record.tenant = ${tenant} and record.kind = found.kind
          and record.blind = found.blind and record.is_record and record.owner <> '')) as owner, found.blind
      from found)
    select root, coalesce(owner, blind) as person, bool_or(owner is not null) as "isCustomer",
      array(select distinct unnest(array_agg(classes_of.class))) as classes
    from owned left join lateral unnest(owned.classes) as classes_of (class) on true
    group by root, coalesce(owner, blind)`.execute(query(tx));
  return rows.map((row) => ({ ...row, classes: row.classes.filter((name) => name !== null) }));
}

/** Things in which an owner stands, to find out who it is. */
export async function itemsOfOwners(
  tx: Tx,
  tenant: TenantId,
  owners: readonly string[],
): Promise<readonly { readonly place: string; readonly ref: string; readonly owner: string }[]> {
  const { rows } = await sql<{ place: string; ref: string; owner: string }>`
    select place, ref, owner from (
      select place, ref, owner, row_number() over (partition by owner order by (place = 'known_values') desc, place, ref) as at
      from governance_subjects where tenant = ${tenant} and kind = 'customer' and owner = any(${[...owners]}::text[])) as ranked
    where at <= 3`.execute(query(tx));
  return rows;
}

/** Whom requests are about, by their ids; those whose person was erased are left out. */
export async function subjectsOfRequests(tx: Tx, tenant: TenantId, ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const { rows } = await sql<{ id: string; subject: string }>`
    select id, subject from governance_requests where tenant = ${tenant} and id = any(${[...ids]}::text[]) and subject is not null`.execute(
    query(tx),
  );
  return new Map(rows.map(({ id, subject }) => [id, subject]));
}
