// Rows of the subject index: what was looked at, and whom it carries. Hashes and references only.

import type { TenantId, Tx } from '#core';
import { query, sql } from '#storage';

export type SubjectKind = 'customer' | 'email' | 'phone' | 'run';

export interface ItemRow {
  readonly place: string;
  readonly ref: string;
  readonly mark: string;
  readonly purpose: string;
  readonly classes: readonly string[];
  readonly at: Date;
  readonly endedAt: Date | null;
}

export interface SubjectRow {
  readonly kind: SubjectKind;
  readonly blind: string;
  readonly owner: string;
  readonly isRecord: boolean;
}

export interface FoundRow extends SubjectRow {
  readonly place: string;
  readonly ref: string;
}

/** Marks of what was looked at in this place. */
export async function itemMarks(tx: Tx, tenant: TenantId, place: string): Promise<ReadonlyMap<string, string>> {
  const { rows } = await sql<{ ref: string; mark: string }>`
    select ref, mark from governance_items where tenant = ${tenant} and place = ${place}`.execute(query(tx));
  return new Map(rows.map(({ ref, mark }) => [ref, mark]));
}

export async function putItem(tx: Tx, tenant: TenantId, item: ItemRow, subjects: readonly SubjectRow[]): Promise<void> {
  const on = query(tx);
  const { place, ref, mark, purpose, classes, at, endedAt } = item;
  await sql`insert into governance_items (tenant, place, ref, mark, purpose, classes, at, ended_at)
    values (${tenant}, ${place}, ${ref}, ${mark}, ${purpose}, ${[...classes]}::text[], ${at}, ${endedAt})
    on conflict (tenant, place, ref) do update set mark = excluded.mark, purpose = excluded.purpose, classes = excluded.classes,
      at = excluded.at, ended_at = excluded.ended_at`.execute(on);
  await sql`delete from governance_subjects where tenant = ${tenant} and place = ${place} and ref = ${ref}`.execute(on);
  if (subjects.length === 0) return;
  await sql`insert into governance_subjects (tenant, kind, blind, place, ref, owner, is_record)
    select ${tenant}, found.kind, found.blind, ${place}, ${ref}, found.owner, bool_or(found.is_record)
    from jsonb_to_recordset(${JSON.stringify(subjects.map(({ isRecord, ...row }) => ({ ...row, is_record: isRecord })))}::jsonb)
      as found (kind text, blind text, owner text, is_record boolean)
    group by found.kind, found.blind, found.owner`.execute(on);
}

export async function dropItems(tx: Tx, tenant: TenantId, place: string, refs: readonly string[]): Promise<void> {
  const on = query(tx);
  const gone = [...refs];
  await sql`delete from governance_items where tenant = ${tenant} and place = ${place} and ref = any(${gone}::text[])`.execute(on);
  await sql`delete from governance_subjects where tenant = ${tenant} and place = ${place} and ref = any(${gone}::text[])`.execute(on);
}

/** Where any of these hashes stands. */
export async function findSubjects(tx: Tx, tenant: TenantId, kind: SubjectKind, blinds: readonly string[]): Promise<readonly FoundRow[]> {
  if (blinds.length === 0) return [];
  const { rows } = await sql<FoundRow>`
    select kind, blind, place, ref, owner, is_record as "isRecord" from governance_subjects
    where tenant = ${tenant} and kind = ${kind} and blind = any(${[...blinds]}::text[]) order by place, ref, owner`.execute(query(tx));
  return rows;
}

/** Addresses and numbers that records about this owner hold. */
export async function identifiersOf(tx: Tx, tenant: TenantId, owner: string): Promise<readonly { kind: SubjectKind; blind: string }[]> {
  const { rows } = await sql<{ kind: SubjectKind; blind: string }>`
    select distinct kind, blind from governance_subjects
    where tenant = ${tenant} and owner = ${owner} and is_record and kind in ('email', 'phone')`.execute(query(tx));
  return rows;
}

/** Things of nobody in particular in which addresses of customers other than this one stand, as `<place> <ref>`. */
export async function sharedItems(
  tx: Tx,
  tenant: TenantId,
  refs: readonly string[],
  mine: { readonly owner: string; readonly names: readonly string[] },
): Promise<ReadonlySet<string>> {
  const { rows } = await sql<{ item: string }>`
    select distinct stands.place || ' ' || stands.ref as item from governance_subjects stands
    join governance_subjects record on record.tenant = ${tenant} and record.kind = stands.kind and record.blind = stands.blind
      and record.is_record and record.owner <> '' and record.owner <> ${mine.owner}
    where stands.tenant = ${tenant} and stands.ref = any(${[...refs]}::text[]) and stands.owner = '' and stands.kind in ('email', 'phone')
      and not (stands.blind = any(${[...mine.names]}::text[]))`.execute(query(tx));
  return new Set(rows.map(({ item }) => item));
}

/** How many things there are that no erasure of the shop takes now: they are in use. */
export async function countItems(tx: Tx, tenant: TenantId, places: readonly string[]): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::integer as count from governance_items where tenant = ${tenant} and place = any(${[...places]}::text[])`.execute(
    query(tx),
  );
  return rows[0]?.count ?? 0;
}

export async function readItems(tx: Tx, tenant: TenantId, place: string, refs: readonly string[]): Promise<readonly ItemRow[]> {
  const { rows } = await sql<ItemRow>`
    select place, ref, mark, purpose, classes, at, ended_at as "endedAt" from governance_items
    where tenant = ${tenant} and place = ${place} and ref = any(${[...refs]}::text[]) order by at, ref`.execute(query(tx));
  return rows;
}

/** Things of a place whose purpose ended, oldest first. */
export async function endedItems(
  tx: Tx,
  tenant: TenantId,
  {
    place,
    beforeMs,
    limit,
    after = null,
  }: {
    readonly place: string;
    readonly beforeMs: number;
    readonly limit: number;
    /** The last one of the page before. */
    readonly after?: Pick<ItemRow, 'ref' | 'endedAt'> | null;
  },
): Promise<readonly ItemRow[]> {
  const { rows } = await sql<ItemRow>`
    select place, ref, mark, purpose, classes, at, ended_at as "endedAt" from governance_items
    where tenant = ${tenant} and place = ${place} and ended_at <= ${new Date(beforeMs)}
      and (${after === null} or (ended_at, ref) > (${after?.endedAt ?? null}::timestamptz, ${after?.ref ?? null}::text)) order by ended_at, ref limit ${limit}`.execute(
    query(tx),
  );
  return rows;
}

/** By each of these hashes: everything that records say the same person is known by. A shared address stands for all who have it. */
export async function sameNames(tx: Tx, tenant: TenantId, blinds: readonly string[]): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const { rows } = await sql<{ asked: string; name: string }>`
    with people (asked, owner) as (
      select given.blind, given.blind from unnest(${[...blinds]}::text[]) as given (blind)
      union select blind, owner from governance_subjects
        where tenant = ${tenant} and blind = any(${[...blinds]}::text[]) and is_record and owner <> '' and kind in ('email', 'phone'))
    select asked, owner as name from people
    union select people.asked, said.blind from people join governance_subjects said
      on said.tenant = ${tenant} and said.owner = people.owner and said.is_record and said.kind in ('email', 'phone')`.execute(query(tx));
  return new Map([...Map.groupBy(rows, ({ asked }) => asked)].map(([asked, own]) => [asked, new Set(own.map(({ name }) => name))]));
}

/** Keyed hashes of everybody a thing carries, and the run or stored call it came of, by the thing's reference. */
export async function subjectsOfItems(
  tx: Tx,
  tenant: TenantId,
  place: string,
  refs: readonly string[],
): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const { rows } = await sql<{ ref: string; blind: string; owner: string }>`
    with recursive linked (root, place, ref) as (
      select given.ref, ${place}::text, given.ref from unnest(${[...refs]}::text[]) as given (ref)
      union select linked.root, cause.place, cause.ref from linked
        join governance_subjects link
          on link.tenant = ${tenant} and link.place = linked.place and link.ref = linked.ref and link.kind = 'run'
        join governance_items cause
          on cause.tenant = ${tenant} and cause.ref = link.blind and cause.place in ('runs', 'approvals', 'known_values'))
    select distinct linked.root as ref, found.blind, found.owner from linked join governance_subjects found
      on found.tenant = ${tenant} and found.place = linked.place and found.ref = linked.ref`.execute(query(tx));
  const found = new Map<string, Set<string>>();
  for (const { ref, blind, owner } of rows) {
    const known = found.get(ref) ?? new Set();
    for (const hash of [blind, owner]) if (hash !== '') known.add(hash);
    found.set(ref, known);
  }
  return found;
}
