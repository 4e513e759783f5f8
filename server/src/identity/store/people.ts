// Writes people, sign-in links and sessions. Single use is one update that only one caller can win.

import type { PersonId, SessionId, SignInMethod, TenantId, Tx, UnixMs } from '#core';
import { type Database, query, sql } from '#storage';
import { announce } from './changes.ts';
import { type EffectiveRow, effectiveRows } from './effective-rows.ts';
import type { Tables } from './tables.ts';

export async function addPerson(
  tx: Tx,
  tenant: TenantId,
  person: { readonly id: PersonId; readonly role: 'owner' | 'member'; readonly name: string | null; readonly createdAt: Date },
): Promise<void> {
  const { id, role, name, createdAt } = person;
  await query<Tables>(tx)
    .insertInto('identity_people')
    .values({ tenant, id, role, name, created_at: createdAt, removed_at: null })
    .execute();
}

export interface PersonRecord {
  readonly id: PersonId;
  /** Owner of the installation from its beginning. */
  readonly isFirst: boolean;
  readonly name: string | null;
  readonly addedAt: Date;
  readonly removedAt: Date | null;
  /** When a browser session of theirs was opened last. */
  readonly signedInAt: Date | null;
  /** One that was not removed. */
  readonly hasPasskey: boolean;
}

/** Also those who were removed: what they decided still names them. */
export async function listPeople(tx: Tx, tenant: TenantId): Promise<readonly PersonRecord[]> {
  const rows = await query<Tables>(tx)
    .selectFrom('identity_people as person')
    .leftJoin('identity_sessions as session', (join) =>
      join.onRef('session.tenant', '=', 'person.tenant').onRef('session.person', '=', 'person.id').on('session.kind', '=', 'browser'),
    )
    .where('person.tenant', '=', tenant)
    .select(['person.id', 'person.role', 'person.name', 'person.created_at', 'person.removed_at'])
    .select((row) => row.fn.max('session.created_at').as('signed_in_at'))
    .select(
      sql<boolean>`exists (select 1 from identity_passkeys as key where key.tenant = ${tenant} and key.person = person.id and key.removed_at is null)`.as(
        'has_passkey',
      ),
    )
    .groupBy(['person.id', 'person.role', 'person.name', 'person.created_at', 'person.removed_at'])
    .orderBy('person.created_at')
    .orderBy('person.role', 'desc')
    .execute();
  return rows.map((row) => ({
    id: row.id,
    isFirst: row.role === 'owner',
    name: row.name,
    addedAt: row.created_at,
    removedAt: row.removed_at,
    signedInAt: row.signed_in_at ?? null,
    hasPasskey: row.has_passkey,
  }));
}

/** Everybody who may decide now. */
export async function activePeople(tx: Tx, tenant: TenantId): Promise<readonly PersonId[]> {
  const rows = await query<Tables>(tx)
    .selectFrom('identity_people')
    .select('id')
    .where('tenant', '=', tenant)
    .where('removed_at', 'is', null)
    .execute();
  return rows.map(({ id }) => id);
}

/** Holds the person's row against a removal until the transaction ends; false when there is no such person any more. */
export async function holdPerson(tx: Tx, tenant: TenantId, id: PersonId): Promise<boolean> {
  const row = await query<Tables>(tx)
    .selectFrom('identity_people')
    .select('id')
    .where('tenant', '=', tenant)
    .where('id', '=', id)
    .where('removed_at', 'is', null)
    .forShare()
    .executeTakeFirst();
  return row !== undefined;
}

/** Takes the person out, with their links and their places in groups. That an owner stays is the caller's to know. */
export async function removePerson(tx: Tx, tenant: TenantId, id: PersonId, at: Date): Promise<boolean> {
  const removed = await query<Tables>(tx)
    .updateTable('identity_people')
    .set({ removed_at: at })
    .where('tenant', '=', tenant)
    .where('id', '=', id)
    .where('removed_at', 'is', null)
    .executeTakeFirst();
  if (removed.numUpdatedRows !== 1n) return false;
  await query<Tables>(tx).deleteFrom('identity_links').where('tenant', '=', tenant).where('person', '=', id).execute();
  await query<Tables>(tx).deleteFrom('identity_group_members').where('tenant', '=', tenant).where('person', '=', id).execute();
  await announce(tx, tenant, '-person', id);
  return true;
}

/** People with a grant of this kind, direct or by a group; each once, the first one first. */
export async function holdersOf(
  tx: Tx,
  tenant: TenantId,
  isHeld: (row: EffectiveRow) => boolean,
  nowMs: UnixMs,
): Promise<readonly PersonId[]> {
  const rows = await effectiveRows(tx, { tenant, nowMs });
  return [...new Set(rows.filter(isHeld).map(({ person }) => person))].sort();
}

export async function findTenantByName(db: Database, name: string): Promise<TenantId | null> {
  const row = await db.asSystem('authenticator', (tx) =>
    query<Tables>(tx).selectFrom('identity_tenants').select('tenant').where('name', '=', name).executeTakeFirst(),
  );
  return row?.tenant ?? null;
}

export interface LinkRecord {
  readonly lookup: string;
  readonly hash: Buffer;
  readonly pepper: string;
  readonly person: PersonId;
  readonly expiresAt: Date;
}

/** Earlier links of the person that were not used become void. */
export async function replaceLinks(tx: Tx, tenant: TenantId, link: LinkRecord): Promise<void> {
  const { lookup, hash, pepper, person, expiresAt } = link;
  await query<Tables>(tx)
    .deleteFrom('identity_links')
    .where('tenant', '=', tenant)
    .where('person', '=', person)
    .where('used_at', 'is', null)
    .execute();
  await query<Tables>(tx)
    .insertInto('identity_links')
    .values({ tenant, lookup, hash, pepper, person, expires_at: expiresAt, used_at: null })
    .execute();
}

/** Where a link belongs and its hash; says nothing about whether it is still good. */
export async function findLink(db: Database, lookup: string): Promise<{ tenant: TenantId; hash: Buffer; pepper: string } | null> {
  const row = await db.asSystem('authenticator', (tx) =>
    query<Tables>(tx).selectFrom('identity_links').select(['tenant', 'hash', 'pepper']).where('lookup', '=', lookup).executeTakeFirst(),
  );
  return row ?? null;
}

/** The person the link signs in, for the one caller that uses it up; null for everybody else. */
export async function useLink(tx: Tx, tenant: TenantId, lookup: string, now: Date): Promise<PersonId | null> {
  const used = await query<Tables>(tx)
    .updateTable('identity_links')
    .set({ used_at: now })
    .where('tenant', '=', tenant)
    .where('lookup', '=', lookup)
    .where('used_at', 'is', null)
    .where('expires_at', '>', now)
    .returning('person')
    .executeTakeFirst();
  return used?.person ?? null;
}

export interface SessionRecord {
  readonly id: SessionId;
  readonly person: PersonId;
  readonly kind: 'browser' | 'cli';
  readonly method: SignInMethod;
  /** What the machine of a command line, or a browser, calls itself. */
  readonly label: string;
  readonly device: string | null;
  readonly boundKey: string | null;
  readonly passkeyAt: Date | null;
  readonly lookup: string;
  readonly hash: Buffer;
  readonly pepper: string;
  readonly createdAt: Date;
  readonly expiresAt: Date;
}

export async function addSession(tx: Tx, tenant: TenantId, session: SessionRecord): Promise<void> {
  const { id, person, kind, method, label, device, lookup, hash, pepper } = session;
  const times = {
    created_at: session.createdAt,
    expires_at: session.expiresAt,
    passkey_at: session.passkeyAt,
    seen_at: null,
    ended_at: null,
    managed: null,
  };
  await query<Tables>(tx)
    .insertInto('identity_sessions')
    .values({ tenant, id, person, kind, method, label, device, bound_key: session.boundKey, lookup, hash, pepper, ...times })
    .execute();
  await announce(tx, tenant, 'session', id);
}

/** Ids of the sessions that were still open. */
export async function endSessions(
  tx: Tx,
  tenant: TenantId,
  which: { readonly id: SessionId } | { readonly person: PersonId; readonly label?: string; readonly boundKey?: string },
  at: Date,
): Promise<readonly SessionId[]> {
  let open = query<Tables>(tx)
    .updateTable('identity_sessions')
    .set({ ended_at: at })
    .where('tenant', '=', tenant)
    .where('ended_at', 'is', null);
  if ('id' in which) open = open.where('id', '=', which.id);
  else {
    open = open.where('person', '=', which.person);
    if (which.label !== undefined) open = open.where('kind', '=', 'cli').where('label', '=', which.label);
    if (which.boundKey !== undefined) open = open.where('bound_key', '=', which.boundKey);
  }
  const ended = await open.returning('id').execute();
  for (const { id } of ended) await announce(tx, tenant, '-session', id);
  return ended.map(({ id }) => id);
}
