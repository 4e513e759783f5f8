// Sessions that a company login opened or confirmed: whose one is, and when a second factor was given.

import type { PersonId, SessionId, TenantId, Tx } from '#core';
import { query, sql } from '#storage';
import { announce } from './changes.ts';
import type { Tables } from './tables.ts';

/** In the transaction that opens it. The time may lie before the session: the provider's own login was earlier. */
export async function noteSecondFactor(tx: Tx, tenant: TenantId, id: SessionId, at: Date): Promise<void> {
  await sql`update identity_sessions set passkey_at = ${at} where tenant = ${tenant} and id = ${id} and ended_at is null`.execute(
    query<Tables>(tx),
  );
  await announce(tx, tenant, 'session', id);
}

/** Null when the session ended, ran out, or belongs to somebody who was removed. */
export async function personOfSession(tx: Tx, tenant: TenantId, id: SessionId, now: Date): Promise<PersonId | null> {
  const { rows } = await sql<{ person: PersonId }>`select s.person from identity_sessions s
    join identity_people p on p.tenant = s.tenant and p.id = s.person and p.removed_at is null
    where s.tenant = ${tenant} and s.id = ${id} and s.ended_at is null and s.expires_at > ${now}`.execute(query<Tables>(tx));
  return rows[0]?.person ?? null;
}
