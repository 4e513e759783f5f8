// Clients, families (what a person consented to), their one-time secrets, and revoked access tokens. Each change is sent with its commit.

import type { AccessTokenId, OAuthClientId, PersonId, TenantId, TokenFamilyId, Tx } from '#core';
import { notify, query } from '#storage';
import { OAUTH_CHANNEL } from './oauth-rows.ts';
import type { ClientRow, FamilyRow, OAuthTables, SecretRow } from './oauth-tables.ts';

export interface NewClient extends Omit<ClientRow, 'tenant' | 'ended_at'> {}

export async function addClient(tx: Tx, tenant: TenantId, client: NewClient): Promise<void> {
  await query<OAuthTables>(tx)
    .insertInto('identity_clients')
    .values({ tenant, ...client, ended_at: null })
    .execute();
  await notify(tx, OAUTH_CHANNEL, `${tenant} client ${client.id}`);
}

/** What an app says of itself now: its old keys prove nothing any more. */
export async function redescribeClient(
  tx: Tx,
  tenant: TenantId,
  { id, ...said }: Pick<ClientRow, 'id' | 'name' | 'jwks' | 'redirect_uris'>,
): Promise<void> {
  await query<OAuthTables>(tx).updateTable('identity_clients').set(said).where('tenant', '=', tenant).where('id', '=', id).execute();
  await notify(tx, OAUTH_CHANNEL, `${tenant} client ${id}`);
}

/** False when there is no such live client. Ends its families too. */
export async function endClient(tx: Tx, tenant: TenantId, id: OAuthClientId, at: Date): Promise<boolean> {
  const ended = await query<OAuthTables>(tx)
    .updateTable('identity_clients')
    .set({ ended_at: at })
    .where('tenant', '=', tenant)
    .where('id', '=', id)
    .where('ended_at', 'is', null)
    .executeTakeFirst();
  if (ended.numUpdatedRows === 0n) return false;
  await notify(tx, OAUTH_CHANNEL, `${tenant} -client ${id}`);
  await endFamilies(tx, tenant, { client: id }, { at, reason: 'client_removed' });
  return true;
}

export async function listClients(tx: Tx, tenant: TenantId): Promise<readonly ClientRow[]> {
  return query<OAuthTables>(tx).selectFrom('identity_clients').selectAll().where('tenant', '=', tenant).orderBy('id').execute();
}

export async function findClientByName(tx: Tx, tenant: TenantId, clientId: string): Promise<ClientRow | null> {
  const row = await query<OAuthTables>(tx)
    .selectFrom('identity_clients')
    .selectAll()
    .where('tenant', '=', tenant)
    .where('client_id', '=', clientId)
    .where('ended_at', 'is', null)
    .executeTakeFirst();
  return row ?? null;
}

export async function addFamily(tx: Tx, tenant: TenantId, family: Omit<FamilyRow, 'tenant' | 'ended_at' | 'end_reason'>): Promise<void> {
  await query<OAuthTables>(tx)
    .insertInto('identity_token_families')
    .values({ tenant, ...family, ended_at: null, end_reason: null })
    .execute();
  await notify(tx, OAUTH_CHANNEL, `${tenant} family ${family.id}`);
}

/** The families that ended by this, each heard of by every process. */
export async function endFamilies(
  tx: Tx,
  tenant: TenantId,
  which: { readonly id: TokenFamilyId } | { readonly client: OAuthClientId } | { readonly person: PersonId },
  { at, reason }: { readonly at: Date; readonly reason: string },
): Promise<readonly TokenFamilyId[]> {
  let open = query<OAuthTables>(tx)
    .updateTable('identity_token_families')
    .set({ ended_at: at, end_reason: reason })
    .where('tenant', '=', tenant)
    .where('ended_at', 'is', null);
  if ('id' in which) open = open.where('id', '=', which.id);
  else if ('client' in which) open = open.where('client', '=', which.client);
  else open = open.where('person', '=', which.person);
  const ended = await open.returning('id').execute();
  for (const { id } of ended) await notify(tx, OAUTH_CHANNEL, `${tenant} -family ${id}`);
  return ended.map(({ id }) => id);
}

/** Live again for longer, and bound to a key where the client showed one. */
export async function renewFamily(
  tx: Tx,
  tenant: TenantId,
  id: TokenFamilyId,
  { expiresAt, jkt }: { readonly expiresAt: Date; readonly jkt: string | null },
): Promise<void> {
  await query<OAuthTables>(tx)
    .updateTable('identity_token_families')
    .set({ expires_at: expiresAt, jkt })
    .where('tenant', '=', tenant)
    .where('id', '=', id)
    .where('ended_at', 'is', null)
    .execute();
  await notify(tx, OAUTH_CHANNEL, `${tenant} family ${id}`);
}

/** The family as it stands, held until the transaction ends: two redemptions of it follow each other. */
export async function holdFamily(tx: Tx, tenant: TenantId, id: TokenFamilyId): Promise<FamilyRow | null> {
  const row = await query<OAuthTables>(tx)
    .selectFrom('identity_token_families')
    .selectAll()
    .where('tenant', '=', tenant)
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst();
  return row ?? null;
}

export async function listFamilies(tx: Tx, tenant: TenantId): Promise<readonly FamilyRow[]> {
  return query<OAuthTables>(tx)
    .selectFrom('identity_token_families')
    .selectAll()
    .where('tenant', '=', tenant)
    .where('ended_at', 'is', null)
    .orderBy('id')
    .execute();
}

export async function addSecret(tx: Tx, tenant: TenantId, secret: Omit<SecretRow, 'tenant' | 'used_at'>): Promise<void> {
  await query<OAuthTables>(tx)
    .insertInto('identity_grant_secrets')
    .values({ tenant, ...secret, used_at: null })
    .execute();
}

/** True for whoever uses it first. */
export async function useSecret(tx: Tx, tenant: TenantId, lookup: string, at: Date): Promise<boolean> {
  const used = await query<OAuthTables>(tx)
    .updateTable('identity_grant_secrets')
    .set({ used_at: at })
    .where('tenant', '=', tenant)
    .where('lookup', '=', lookup)
    .where('used_at', 'is', null)
    .executeTakeFirst();
  return used.numUpdatedRows > 0n;
}

export async function revokeToken(tx: Tx, tenant: TenantId, { id, expiresAt }: { id: AccessTokenId; expiresAt: Date }): Promise<boolean> {
  const added = await query<OAuthTables>(tx)
    .insertInto('identity_revoked_tokens')
    .values({ tenant, id, expires_at: expiresAt })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  await notify(tx, OAUTH_CHANNEL, `${tenant} -token ${id}`);
  return (added.numInsertedOrUpdatedRows ?? 0n) > 0n;
}
