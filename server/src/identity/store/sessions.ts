// What happens to open sessions between their begin and their end: a passkey is used in them, they are seen, they are looked at.

import type { PersonId, SessionId, SignInMethod, TenantId, Tx } from '#core';
import { query, sql } from '#storage';
import { announce } from './changes.ts';

/** Notes that a passkey was used in it just now; a session that began with a recovery code is an ordinary one from then on. */
export async function stampSession(tx: Tx, tenant: TenantId, id: SessionId, at: Date): Promise<void> {
  const { rows } = await sql`update identity_sessions set passkey_at = ${at}, seen_at = ${at},
      method = case when method = 'recovery' then 'passkey' else method end
    where tenant = ${tenant} and id = ${id} and ended_at is null returning id`.execute(query(tx));
  if (rows.length === 1) await announce(tx, tenant, 'session', id);
}

/** False when it is newer already, or over. */
export async function touchSession(tx: Tx, tenant: TenantId, id: SessionId, at: Date): Promise<boolean> {
  const { rows } = await sql`update identity_sessions set seen_at = ${at}
    where tenant = ${tenant} and id = ${id} and ended_at is null and coalesce(seen_at, created_at) < ${at} returning id`.execute(query(tx));
  if (rows.length === 1) await announce(tx, tenant, 'session', id);
  return rows.length === 1;
}

export interface OpenSession {
  readonly id: SessionId;
  readonly person: PersonId;
  readonly kind: 'browser' | 'cli';
  /** What the browser or machine calls itself. */
  readonly label: string;
  readonly method: SignInMethod;
  readonly device: string | null;
  readonly isBound: boolean;
  readonly openedAt: Date;
  readonly seenAt: Date | null;
  readonly passkeyAt: Date | null;
  readonly expiresAt: Date;
}

/** Newest first; those of one person, or everybody's. */
export async function openSessions(tx: Tx, tenant: TenantId, person: PersonId | null, now: Date): Promise<readonly OpenSession[]> {
  const { rows } = await sql<OpenSession>`select id, person, kind, label, device, bound_key is not null as "isBound",
      case when kind = 'cli' then 'cli' else method end as method, created_at as "openedAt", seen_at as "seenAt",
      passkey_at as "passkeyAt", expires_at as "expiresAt"
    from identity_sessions
    where tenant = ${tenant} and ended_at is null and expires_at > ${now} and (${person}::text is null or person = ${person})
    order by created_at desc, id limit 500`.execute(query(tx));
  return rows;
}
