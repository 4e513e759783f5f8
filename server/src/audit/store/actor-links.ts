// Rows that link pseudonyms to actors: sealed ones, and those an earlier version wrote in clear, which are moved and then gone.

import type { TenantId, Tx } from '#core';
import { query, sql } from '#storage';
import type { SealedActor } from '../actor-cipher.ts';

export interface LinkRow extends SealedActor {
  readonly tenant: TenantId;
  readonly index: string;
}

/** Pseudonyms by `tenant index`. Where an actor has several, always the same one. */
export async function findLinks(
  tx: Tx,
  wanted: readonly { readonly tenant: string; readonly index: string }[],
): Promise<ReadonlyMap<string, string>> {
  const { rows } = await sql<{ tenant: string; actor_index: string; pseudonym: string }>`
    select tenant, actor_index, min(pseudonym) as pseudonym from audit_link
    where (tenant, actor_index) in (select * from unnest(${wanted.map((key) => key.tenant)}::text[], ${wanted.map((key) => key.index)}::text[]))
    group by tenant, actor_index`.execute(query(tx));
  return new Map(rows.map((row) => [`${row.tenant} ${row.actor_index}`, row.pseudonym]));
}

const columnsOf = (links: readonly LinkRow[]) => sql`unnest(${links.map((row) => row.tenant)}::text[],
  ${links.map((row) => row.pseudonym)}::text[], ${links.map((row) => row.index)}::text[],
  ${links.map((row) => Buffer.from(row.sealed))}::bytea[]) as link (tenant, pseudonym, actor_index, sealed)`;

export async function insertLinks(tx: Tx, links: readonly LinkRow[]): Promise<void> {
  if (links.length === 0) return;
  await sql`insert into audit_link (tenant, pseudonym, actor_index, sealed) select * from ${columnsOf(links)}`.execute(query(tx));
}

/** Puts sealed links in the place of those in clear. One that was erased meanwhile stays erased. Answers the pseudonyms that were moved. */
export async function moveLinks(tx: Tx, links: readonly LinkRow[]): Promise<ReadonlySet<string>> {
  if (links.length === 0) return new Set();
  const { rows } = await sql<{ pseudonym: string }>`with gone as (
      delete from audit_actor where (tenant, pseudonym) in (select tenant, pseudonym from ${columnsOf(links)}) returning tenant, pseudonym
    )
    insert into audit_link (tenant, pseudonym, actor_index, sealed)
    select link.* from ${columnsOf(links)} join gone using (tenant, pseudonym)
    on conflict do nothing returning pseudonym`.execute(query(tx));
  return new Set(rows.map((row) => row.pseudonym));
}

export interface ClearRow {
  readonly tenant: TenantId;
  readonly actor: string;
  readonly pseudonym: string;
}

/** Links in clear of these actors. */
export async function findClear(
  tx: Tx,
  wanted: readonly { readonly tenant: string; readonly actor: string }[],
): Promise<readonly ClearRow[]> {
  const { rows } = await sql<ClearRow>`select tenant, actor, pseudonym from audit_actor
    where (tenant, actor) in (select * from unnest(${wanted.map((key) => key.tenant)}::text[], ${wanted.map((key) => key.actor)}::text[]))`.execute(
    query(tx),
  );
  return rows;
}

/** Any links in clear, of whichever tenant. */
export async function someClear(tx: Tx, limit: number): Promise<readonly ClearRow[]> {
  const { rows } = await sql<ClearRow>`select tenant, actor, pseudonym from audit_actor order by tenant, actor limit ${limit}`.execute(
    query(tx),
  );
  return rows;
}

/** The sealed links of these pseudonyms, and those in clear. */
export async function linksOf(
  tx: Tx,
  tenant: TenantId,
  pseudonyms: readonly string[],
): Promise<{ readonly sealed: readonly SealedActor[]; readonly clear: readonly ClearRow[] }> {
  const wanted = [...pseudonyms];
  const [sealed, clear] = await Promise.all([
    sql<{ pseudonym: string; sealed: Buffer }>`select pseudonym, sealed from audit_link
      where tenant = ${tenant} and pseudonym = any(${wanted}::text[])`.execute(query(tx)),
    sql<ClearRow>`select tenant, actor, pseudonym from audit_actor
      where tenant = ${tenant} and pseudonym = any(${wanted}::text[])`.execute(query(tx)),
  ]);
  return { sealed: sealed.rows, clear: clear.rows };
}

export async function pseudonymsAt(
  tx: Tx,
  tenant: TenantId,
  actor: { readonly indexes: readonly string[]; readonly names: readonly string[] },
): Promise<readonly string[]> {
  const { rows } = await sql<{ pseudonym: string }>`
    select pseudonym from audit_link where tenant = ${tenant} and actor_index = any(${[...actor.indexes]}::text[])
    union select pseudonym from audit_actor where tenant = ${tenant} and actor = any(${[...actor.names]}::text[])
    order by pseudonym`.execute(query(tx));
  return rows.map((row) => row.pseudonym);
}

/** True when there was something to remove. */
export async function deleteLinks(
  tx: Tx,
  tenant: TenantId,
  actor: { readonly indexes: readonly string[]; readonly names: readonly string[] },
): Promise<boolean> {
  // In this order and apart: one that is being moved is waited for by the first, and seen where it is by the second.
  const clear =
    await sql`delete from audit_actor where tenant = ${tenant} and actor = any(${[...actor.names]}::text[]) returning actor`.execute(
      query(tx),
    );
  const sealed =
    await sql`delete from audit_link where tenant = ${tenant} and actor_index = any(${[...actor.indexes]}::text[]) returning pseudonym`.execute(
      query(tx),
    );
  return clear.rows.length + sealed.rows.length > 0;
}

/** Removes the links that were sealed under one key: without the name that they are of, which nobody may know any more. How many. */
export async function deleteLinksOf(tx: Tx, tenant: TenantId, keyPrefixes: readonly Uint8Array[]): Promise<number> {
  const { rows } = await sql`delete from audit_link
    where tenant = ${tenant} and substring(sealed from 1 for 17) = any(${keyPrefixes.map((prefix) => Buffer.from(prefix))}::bytea[])
    returning pseudonym`.execute(query(tx));
  return rows.length;
}
