// Users that an identity provider keeps here, its tokens, and when it came. Searched by keyed hashes; the rest of a user is its profile.

import type { PersonId, TenantId, Tx } from '#core';
import { type Database, query, sql } from '#storage';
import type { Tables } from './tables.ts';

export interface ScimUserRow {
  readonly person: PersonId;
  readonly user_name: Buffer;
  readonly external_id: Buffer | null;
  readonly active: boolean;
  readonly removed_here: boolean;
  readonly version: bigint;
  readonly created_at: Date;
  readonly changed_at: Date;
}

export async function insertScimUser(
  tx: Tx,
  tenant: TenantId,
  row: Omit<ScimUserRow, 'removed_here' | 'version' | 'changed_at'>,
): Promise<void> {
  await sql`insert into identity_scim_users (tenant, person, user_name, external_id, active, version, created_at, changed_at)
    values (${tenant}, ${row.person}, ${row.user_name}, ${row.external_id}, ${row.active}, 1, ${row.created_at}, ${row.created_at})`.execute(
    query<Tables>(tx),
  );
}

/** Oldest first; narrowed where asked. */
export async function listScimUsers(
  tx: Tx,
  tenant: TenantId,
  which: { readonly person?: PersonId; readonly userName?: Buffer; readonly externalId?: Buffer } = {},
): Promise<readonly ScimUserRow[]> {
  const { person = null, userName = null, externalId = null } = which;
  const { rows } = await sql<ScimUserRow>`select person, user_name, external_id, active, removed_here, version::int8 as version,
      created_at, changed_at from identity_scim_users
    where tenant = ${tenant} and (${person}::text is null or person = ${person})
      and (${userName}::bytea is null or user_name = ${userName}) and (${externalId}::bytea is null or external_id = ${externalId})
    order by created_at, person`.execute(query<Tables>(tx));
  return rows.map((row) => ({ ...row, version: BigInt(row.version) }));
}

/** Against two changes of one user at the same moment; null when there is no such user. */
export async function lockScimUser(tx: Tx, tenant: TenantId, person: PersonId): Promise<ScimUserRow | null> {
  await sql`select 1 from identity_scim_users where tenant = ${tenant} and person = ${person} for update`.execute(query<Tables>(tx));
  return (await listScimUsers(tx, tenant, { person }))[0] ?? null;
}

export async function changeScimUser(
  tx: Tx,
  tenant: TenantId,
  row: Pick<ScimUserRow, 'person' | 'user_name' | 'external_id' | 'active' | 'removed_here'>,
  at: Date,
): Promise<void> {
  await sql`update identity_scim_users set user_name = ${row.user_name}, external_id = ${row.external_id}, active = ${row.active},
      removed_here = ${row.removed_here}, version = version + 1, changed_at = ${at}
    where tenant = ${tenant} and person = ${row.person}`.execute(query<Tables>(tx));
}

/** Somebody here removed the person; the provider is told that the user is not active. */
export async function markRemovedHere(tx: Tx, tenant: TenantId, person: PersonId, at: Date): Promise<void> {
  await sql`update identity_scim_users set active = false, removed_here = true, version = version + 1, changed_at = ${at}
    where tenant = ${tenant} and person = ${person}`.execute(query<Tables>(tx));
}

export async function dropScimUser(tx: Tx, tenant: TenantId, person: PersonId): Promise<boolean> {
  const gone = await sql`delete from identity_scim_users where tenant = ${tenant} and person = ${person}`.execute(query<Tables>(tx));
  return gone.numAffectedRows === 1n;
}

/** Takes back that somebody was removed. What ended with it stays ended. */
export async function bringBack(tx: Tx, tenant: TenantId, person: PersonId): Promise<boolean> {
  const back =
    await sql`update identity_people set removed_at = null where tenant = ${tenant} and id = ${person} and removed_at is not null`.execute(
      query<Tables>(tx),
    );
  return back.numAffectedRows === 1n;
}

export interface ScimTokenRow {
  readonly tenant: TenantId;
  readonly lookup: string;
  readonly hash: Buffer;
  readonly pepper: string;
  readonly created_at: Date;
  readonly expires_at: Date | null;
  readonly used_at: Date | null;
  /** Who was shown it. */
  readonly made_by: string | null;
}

/** Those before it work until `overlapUntil`, and no longer than they would have. */
export async function addScimToken(
  tx: Tx,
  row: Omit<ScimTokenRow, 'expires_at' | 'used_at'>,
  overlapUntil: Date,
): Promise<{ readonly replaced: number }> {
  const on = query<Tables>(tx);
  await sql`delete from identity_scim_tokens where tenant = ${row.tenant} and expires_at <= ${row.created_at}`.execute(on);
  const older = await sql`update identity_scim_tokens set expires_at = least(coalesce(expires_at, ${overlapUntil}), ${overlapUntil})
    where tenant = ${row.tenant}`.execute(on);
  await sql`insert into identity_scim_tokens (tenant, lookup, hash, pepper, created_at, made_by)
    values (${row.tenant}, ${row.lookup}, ${row.hash}, ${row.pepper}, ${row.created_at}, ${row.made_by ?? null})`.execute(on);
  return { replaced: Number(older.numAffectedRows ?? 0n) };
}

export async function findScimToken(db: Pick<Database, 'asSystem'>, lookup: string): Promise<ScimTokenRow | null> {
  return db.asSystem('authenticator', async (tx) => {
    const { rows } = await sql<ScimTokenRow>`select * from identity_scim_tokens where lookup = ${lookup}`.execute(query<Tables>(tx));
    return rows[0] ?? null;
  });
}

/** Newest first. */
export async function listScimTokens(tx: Tx, tenant: TenantId): Promise<readonly (ScimTokenRow & { readonly maker_left: boolean })[]> {
  const { rows } = await sql<ScimTokenRow & { maker_left: boolean }>`select t.*, exists (select 1 from identity_people p
      where p.tenant = t.tenant and p.id = t.made_by and p.removed_at is not null) as maker_left
    from identity_scim_tokens t where t.tenant = ${tenant} order by t.created_at desc, t.lookup`.execute(query<Tables>(tx));
  return rows;
}

/** How many of those that work this person was shown. */
export async function countScimTokensOf(tx: Tx, tenant: TenantId, person: PersonId, at: Date): Promise<number> {
  const { rows } = await sql<{ count: number }>`select count(*)::int as count from identity_scim_tokens
    where tenant = ${tenant} and made_by = ${person} and (expires_at is null or expires_at > ${at})`.execute(query<Tables>(tx));
  return rows[0]?.count ?? 0;
}

export async function dropScimTokens(tx: Tx, tenant: TenantId): Promise<number> {
  const gone = await sql`delete from identity_scim_tokens where tenant = ${tenant}`.execute(query<Tables>(tx));
  return Number(gone.numAffectedRows ?? 0n);
}

export interface SyncRow {
  readonly request_at: Date;
  readonly change_at: Date | null;
  readonly failed_at: Date | null;
  readonly failure: string | null;
}

/** A request of the provider and what became of it. */
export async function noteSync(
  tx: Tx,
  tenant: TenantId,
  told: { readonly lookup: string; readonly at: Date; readonly isChange: boolean; readonly failure: string | null },
): Promise<void> {
  const { at, failure } = told;
  const changed = told.isChange && failure === null ? at : null;
  const failed = failure === null ? null : at;
  const on = query<Tables>(tx);
  await sql`update identity_scim_tokens set used_at = ${at} where tenant = ${tenant} and lookup = ${told.lookup}`.execute(on);
  await sql`insert into identity_scim_sync as known (tenant, request_at, change_at, failed_at, failure)
    values (${tenant}, ${at}, ${changed}, ${failed}, ${failure})
    on conflict (tenant) do update set request_at = excluded.request_at, change_at = coalesce(excluded.change_at, known.change_at),
      failed_at = coalesce(excluded.failed_at, known.failed_at), failure = coalesce(excluded.failure, known.failure)`.execute(on);
}

export async function readSync(tx: Tx, tenant: TenantId): Promise<SyncRow | null> {
  const { rows } = await sql<SyncRow>`select request_at, change_at, failed_at, failure from identity_scim_sync
    where tenant = ${tenant}`.execute(query<Tables>(tx));
  return rows[0] ?? null;
}
