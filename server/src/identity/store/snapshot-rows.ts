// Reads, over all tenants, what is needed to let somebody in: live keys and sessions, workloads, revisions.

import type { KeyId, PersonId, SessionId, TenantId, Tx, UnixMs, WorkloadId } from '#core';
import { type Database, query, sql } from '#storage';
import { type EffectiveRow, effectiveRows } from './effective-rows.ts';
import type { Tables } from './tables.ts';

export type KeyRow = Pick<Tables['identity_keys'], 'tenant' | 'id' | 'workload' | 'lookup' | 'hash' | 'pepper' | 'expires_at' | 'made_by'>;
export type SessionRow = Pick<
  Tables['identity_sessions'],
  | 'tenant'
  | 'id'
  | 'person'
  | 'kind'
  | 'method'
  | 'device'
  | 'managed'
  | 'bound_key'
  | 'passkey_at'
  | 'seen_at'
  | 'lookup'
  | 'hash'
  | 'pepper'
  | 'created_at'
  | 'expires_at'
> & { readonly has_passkey: boolean };
export type WorkloadRow = Pick<
  Tables['identity_workloads'],
  'tenant' | 'id' | 'workflow' | 'integrations' | 'public_key' | 'removed' | 'owner'
>;

export interface AllRows {
  readonly revisions: readonly { readonly tenant: TenantId; readonly revision: bigint }[];
  readonly workloads: readonly WorkloadRow[];
  readonly keys: readonly KeyRow[];
  readonly sessions: readonly SessionRow[];
  readonly grants: readonly EffectiveRow[];
}

/** Everything about one person that other processes keep in mind. */
export interface PersonRows {
  readonly sessions: readonly SessionRow[];
  readonly grants: readonly EffectiveRow[];
}

const KEY = ['tenant', 'id', 'workload', 'lookup', 'hash', 'pepper', 'expires_at', 'made_by'] as const;
const SESSION = [
  'session.tenant',
  'session.id',
  'session.person',
  'session.kind',
  'session.lookup',
  'session.hash',
  'session.pepper',
  'session.method',
  'session.device',
  'session.managed',
  'session.bound_key',
  'session.passkey_at',
  'session.seen_at',
  'session.created_at',
  'session.expires_at',
] as const;
const HAS_PASSKEY = sql<boolean>`exists (select from identity_passkeys as passkey
  where passkey.tenant = session.tenant and passkey.person = session.person and passkey.removed_at is null)`;
const WORKLOAD = ['tenant', 'id', 'workflow', 'integrations', 'public_key', 'owner', 'removed'] as const;

/** Revisions are read first: what changes while the rest is read is announced with a higher one and read again. */
export async function readAll(db: Database, nowMs: UnixMs): Promise<AllRows> {
  const now = new Date(nowMs);
  return db.asSystem('authenticator', async (tx) => {
    const on = query<Tables>(tx);
    const revisions = await on.selectFrom('identity_tenants').select(['tenant', 'revision']).execute();
    const workloads = await on.selectFrom('identity_workloads').select(WORKLOAD).execute();
    const keys = await on.selectFrom('identity_keys').select(KEY).where('revoked_at', 'is', null).where('expires_at', '>', now).execute();
    const sessions = await liveSessions(tx).where('session.expires_at', '>', now).execute();
    const grants = await effectiveRows(tx, { nowMs });
    return { revisions, workloads, keys, sessions, grants };
  });
}

export async function readKey(db: Database, tenant: TenantId, id: KeyId): Promise<KeyRow | null> {
  const row = await db.asSystem('authenticator', (tx) =>
    query<Tables>(tx)
      .selectFrom('identity_keys')
      .select(KEY)
      .where('tenant', '=', tenant)
      .where('id', '=', id)
      .where('revoked_at', 'is', null)
      .executeTakeFirst(),
  );
  return row ?? null;
}

export async function readSession(db: Database, tenant: TenantId, id: SessionId): Promise<SessionRow | null> {
  const row = await db.asSystem('authenticator', (tx) =>
    liveSessions(tx).where('session.tenant', '=', tenant).where('session.id', '=', id).executeTakeFirst(),
  );
  return row ?? null;
}

/** Nobody who was removed has one. */
export async function readPerson(db: Database, tenant: TenantId, person: PersonId, nowMs: UnixMs): Promise<PersonRows> {
  return db.asSystem('authenticator', async (tx) => {
    const sessions = await liveSessions(tx).where('session.tenant', '=', tenant).where('session.person', '=', person).execute();
    return { sessions, grants: await effectiveRows(tx, { tenant, person, nowMs }) };
  });
}

function liveSessions(tx: Tx) {
  return query<Tables>(tx)
    .selectFrom('identity_sessions as session')
    .innerJoin('identity_people as person', (join) =>
      join.onRef('person.tenant', '=', 'session.tenant').onRef('person.id', '=', 'session.person'),
    )
    .select(SESSION)
    .select(HAS_PASSKEY.as('has_passkey'))
    .where('session.ended_at', 'is', null)
    .where('person.removed_at', 'is', null);
}

export async function readWorkload(db: Database, tenant: TenantId, id: WorkloadId): Promise<WorkloadRow | null> {
  const row = await db.asSystem('authenticator', (tx) =>
    query<Tables>(tx)
      .selectFrom('identity_workloads')
      .select(WORKLOAD)
      .where('tenant', '=', tenant)
      .where('id', '=', id)
      .executeTakeFirst(),
  );
  return row ?? null;
}
