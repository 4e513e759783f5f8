// The wrapped keys of every tenant, for the jobs that wrap them anew. Keys in clear never come here.
// INVARIANT: a row is changed only as it was read: one that was erased or changed meanwhile is left alone.

import type { Tx } from '#core';
import { query, sql } from '#storage';

export interface TenantKeyOfAll {
  readonly tenant: string;
  readonly version: number;
  readonly kek: string;
  readonly wrapped: Buffer;
}

export interface SubjectKeyOfAll {
  readonly tenant: string;
  readonly id: string;
  readonly subject: string;
  readonly tenantKey: number;
  readonly wrapKey: number;
  readonly epoch: number;
  readonly wrapped: Buffer;
}

/** Where a page ends, and the next one begins after. */
export type After = readonly [tenant: string, id: string];
export const START: After = ['', ''];

export async function pageOfTenantKeys(
  tx: Tx,
  after: readonly [tenant: string, version: number],
  limit: number,
): Promise<readonly TenantKeyOfAll[]> {
  const { rows } = await sql<TenantKeyOfAll>`
    select tenant, version, kek, wrapped from vault_tenant_keys
    where (tenant, version) > (${after[0]}, ${after[1]}::integer) order by tenant, version limit ${limit}`.execute(query(tx));
  return rows;
}

export async function pageOfSubjectKeys(tx: Tx, after: After, limit: number): Promise<readonly SubjectKeyOfAll[]> {
  const { rows } = await sql<SubjectKeyOfAll>`
    select tenant, id, subject, tenant_key as "tenantKey", coalesce(wrap_key, tenant_key) as "wrapKey", epoch, wrapped
    from vault_subject_keys where (tenant, id) > (${after[0]}, ${after[1]}) order by tenant, id limit ${limit}`.execute(query(tx));
  return rows;
}

interface Rewrapped {
  readonly tenant: string;
  readonly id: string;
  readonly before: Buffer;
  readonly epoch: number;
  readonly wrapKey: number;
  readonly wrapped: Buffer;
}

const column = <Row, Value>(rows: readonly Row[], of: (row: Row) => Value): Value[] => rows.map(of);

/** Gives how many there were. */
export async function rewrapSubjectKeys(tx: Tx, rows: readonly Rewrapped[]): Promise<number> {
  const done = await sql`
    update vault_subject_keys k set wrapped = v.wrapped, epoch = v.epoch, wrap_key = v.wrap_key
    from unnest(${column(rows, (row) => row.tenant)}::text[], ${column(rows, (row) => row.id)}::text[],
      ${column(rows, (row) => row.before)}::bytea[], ${column(rows, (row) => row.wrapped)}::bytea[],
      ${column(rows, (row) => row.epoch)}::integer[], ${column(rows, (row) => row.wrapKey)}::integer[])
      v (tenant, id, before, wrapped, epoch, wrap_key)
    where k.tenant = v.tenant and k.id = v.id and k.wrapped = v.before`.execute(query(tx));
  return Number(done.numAffectedRows ?? 0n);
}

export async function rewrapTenantKeys(
  tx: Tx,
  rows: readonly { tenant: string; version: number; before: Buffer; kek: string; wrapped: Buffer }[],
): Promise<number> {
  const done = await sql`
    update vault_tenant_keys k set wrapped = v.wrapped, kek = v.kek
    from unnest(${column(rows, (row) => row.tenant)}::text[], ${column(rows, (row) => row.version)}::integer[],
      ${column(rows, (row) => row.before)}::bytea[], ${column(rows, (row) => row.wrapped)}::bytea[], ${column(rows, (row) => row.kek)}::text[])
      v (tenant, version, before, wrapped, kek)
    where k.tenant = v.tenant and k.version = v.version and k.wrapped = v.before`.execute(query(tx));
  return Number(done.numAffectedRows ?? 0n);
}

/** In all, and those that are not wrapped with the newest version of their tenant's key, or not under this epoch. */
export async function countSubjectKeys(
  tx: Tx,
  epoch: number,
): Promise<{ readonly all: number; readonly otherEpoch: number; readonly olderKey: number }> {
  const { rows } = await sql<{ all: number; otherEpoch: number; olderKey: number }>`
    with newest as (select tenant, max(version) as version from vault_tenant_keys group by tenant)
    select count(*)::integer as "all", (count(*) filter (where k.epoch <> ${epoch}))::integer as "otherEpoch",
      (count(*) filter (where coalesce(k.wrap_key, k.tenant_key) < n.version))::integer as "olderKey"
    from vault_subject_keys k left join newest n on n.tenant = k.tenant`.execute(query(tx));
  return rows[0] ?? { all: 0, otherEpoch: 0, olderKey: 0 };
}

/** In all, of how many tenants, the lowest and highest version, and those not wrapped under this key file. */
export async function countTenantKeys(
  tx: Tx,
  kek: string,
): Promise<{ readonly all: number; readonly tenants: number; readonly older: number; readonly newest: number; readonly otherKek: number }> {
  const { rows } = await sql<{ all: number; tenants: number; older: number; newest: number; otherKek: number }>`
    with newest as (select tenant, max(version) as version from vault_tenant_keys group by tenant)
    select count(*)::integer as "all", count(distinct k.tenant)::integer as tenants,
      (count(*) filter (where k.version < n.version))::integer as older, coalesce(max(k.version), 0)::integer as newest,
      (count(*) filter (where k.kek <> ${kek}))::integer as "otherKek"
    from vault_tenant_keys k join newest n on n.tenant = k.tenant`.execute(query(tx));
  return rows[0] ?? { all: 0, tenants: 0, older: 0, newest: 0, otherKek: 0 };
}

export async function addTenantVersion(tx: Tx, row: TenantKeyOfAll & { readonly createdAt: Date }): Promise<void> {
  await sql`insert into vault_tenant_keys (tenant, version, kek, wrapped, created_at)
    values (${row.tenant}, ${row.version}, ${row.kek}, ${row.wrapped}, ${row.createdAt}) on conflict do nothing`.execute(query(tx));
}

/** Every version that is not its tenant's newest; none while a subject key is wrapped with one. Gives how many, or null when one is. */
export async function dropTenantVersions(tx: Tx): Promise<number | null> {
  const { rows } = await sql<{ used: boolean }>`
    select exists (select 1 from vault_subject_keys k where coalesce(k.wrap_key, k.tenant_key) <
      (select max(version) from vault_tenant_keys t where t.tenant = k.tenant)) as used`.execute(query(tx));
  if (rows[0]?.used !== false) return null;
  const done = await sql`delete from vault_tenant_keys t where version <
    (select max(version) from vault_tenant_keys n where n.tenant = t.tenant)`.execute(query(tx));
  return Number(done.numAffectedRows ?? 0n);
}

export async function putBackTenantKeys(tx: Tx, rows: readonly (TenantKeyOfAll & { readonly createdAt: Date })[]): Promise<void> {
  await sql`
    insert into vault_tenant_keys (tenant, version, kek, wrapped, created_at)
    select v.tenant, v.version, v.kek, v.wrapped, v.created_at
    from unnest(${column(rows, (row) => row.tenant)}::text[], ${column(rows, (row) => row.version)}::integer[],
      ${column(rows, (row) => row.kek)}::text[], ${column(rows, (row) => row.wrapped)}::bytea[],
      ${column(rows, (row) => row.createdAt)}::timestamptz[]) v (tenant, version, kek, wrapped, created_at)
    where exists (select 1 from vault_tenant_keys t where t.tenant = v.tenant)
    on conflict (tenant, version) do update set kek = excluded.kek, wrapped = excluded.wrapped`.execute(query(tx));
}

/** Those of these keys that are here. */
export async function putBackSubjectKeys(
  tx: Tx,
  rows: readonly { tenant: string; id: string; epoch: number; wrapKey: number; wrapped: Buffer }[],
): Promise<number> {
  const done = await sql`
    update vault_subject_keys k set wrapped = v.wrapped, epoch = v.epoch, wrap_key = v.wrap_key
    from unnest(${column(rows, (row) => row.tenant)}::text[], ${column(rows, (row) => row.id)}::text[],
      ${column(rows, (row) => row.wrapped)}::bytea[], ${column(rows, (row) => row.epoch)}::integer[],
      ${column(rows, (row) => row.wrapKey)}::integer[]) v (tenant, id, wrapped, epoch, wrap_key)
    where k.tenant = v.tenant and k.id = v.id`.execute(query(tx));
  return Number(done.numAffectedRows ?? 0n);
}

/** Subject keys that open nothing any more, because their epoch, their tenant's key or its key file is gone; tenant keys of another file go. */
export async function listUnopenable(
  tx: Tx,
  { closed, keks }: { readonly closed: number; readonly keks: readonly string[] },
): Promise<readonly { readonly tenant: string; readonly id: string }[]> {
  await sql`delete from vault_tenant_keys where kek <> all(${[...keks]}::text[])`.execute(query(tx));
  const { rows } = await sql<{ tenant: string; id: string }>`
    select tenant, id from vault_subject_keys k where k.epoch <= ${closed}
      or not exists (select 1 from vault_tenant_keys t where t.tenant = k.tenant and t.version = coalesce(k.wrap_key, k.tenant_key))`.execute(
    query(tx),
  );
  return rows;
}
