// What somebody of an agency made in a client's tenant and could go on using by themselves: keys and clients, by the delegation they were
// made under. They end with it. Rows are the client's.

import type { DelegationId, KeyId, OAuthClientId, PersonId, TenantId, Tx } from '#core';
import { type Database, query, sql } from '#storage';
import { announce } from './changes.ts';
import { endClient } from './oauth.ts';

/** Until when the delegation lives, held against its end until the transaction ends; null when it is over. */
export async function liveUntil(tx: Tx, tenant: TenantId, id: DelegationId, at: Date): Promise<Date | null> {
  const { rows } = await sql<{ expires_at: Date }>`select expires_at from identity_delegations
    where tenant = ${tenant} and id = ${id} and accepted_at is not null and ended_at is null and expires_at > ${at} for share`.execute(
    query(tx),
  );
  return rows[0]?.expires_at ?? null;
}

export interface MadeUnder {
  readonly id: DelegationId;
  /** Only what this person made. */
  readonly person?: PersonId;
}

export async function endKeysUnder(tx: Tx, tenant: TenantId, { id, person }: MadeUnder, at: Date): Promise<readonly KeyId[]> {
  const { rows } = await sql<{ id: KeyId }>`update identity_keys set revoked_at = ${at}
    where tenant = ${tenant} and made_under = ${id} and revoked_at is null and (${person ?? null}::text is null or made_by = ${person ?? null})
    returning id`.execute(query(tx));
  for (const key of rows) await announce(tx, tenant, '-key', key.id);
  return rows.map((key) => key.id);
}

export async function endClientsUnder(tx: Tx, tenant: TenantId, { id, person }: MadeUnder, at: Date): Promise<readonly OAuthClientId[]> {
  const { rows } = await sql<{ id: OAuthClientId }>`select id from identity_clients
    where tenant = ${tenant} and made_under = ${id} and ended_at is null and (${person ?? null}::text is null or created_by = ${person ?? null})`.execute(
    query(tx),
  );
  for (const client of rows) await endClient(tx, tenant, client.id, at);
  return rows.map((client) => client.id);
}

/** None outlives what it was made under. */
export async function shortenKeysUnder(tx: Tx, tenant: TenantId, id: DelegationId, until: Date): Promise<void> {
  const { rows } = await sql<{ id: KeyId }>`update identity_keys set expires_at = ${until}
    where tenant = ${tenant} and made_under = ${id} and revoked_at is null and expires_at > ${until} returning id`.execute(query(tx));
  for (const key of rows) await announce(tx, tenant, 'key', key.id);
}

export interface MadeByStaff {
  readonly tenant: TenantId;
  readonly delegation: DelegationId;
  readonly agency: TenantId;
  readonly person: PersonId;
}

/** Whose keys and clients still work, over all tenants; so many of those that come after this one. */
export function madeByStaff(db: Pick<Database, 'asSystem'>, after: MadeByStaff | null, limit: number): Promise<readonly MadeByStaff[]> {
  const { tenant = '', delegation = '', person = '' } = after ?? {};
  return db.asSystem('authenticator', async (tx) => {
    const { rows } = await sql<MadeByStaff>`select distinct d.tenant, d.id as delegation, d.agency, made.person from (
        select tenant, made_under, made_by as person from identity_keys where made_under is not null and revoked_at is null
        union all
        select tenant, made_under, created_by from identity_clients where made_under is not null and ended_at is null
      ) made join identity_delegations d on d.tenant = made.tenant and d.id = made.made_under
      where (d.tenant, d.id, made.person) > (${tenant}, ${delegation}, ${person})
      order by 1, 2, 4 limit ${limit}`.execute(query(tx));
    return rows;
  });
}
