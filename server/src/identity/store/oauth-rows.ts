// Reads, over all tenants, which clients and families stand and which tokens are revoked; and finds a one-time secret by its lookup part.

import type { AccessTokenId, OAuthClientId, TenantId, TokenFamilyId } from '#core';
import { type Database, query } from '#storage';
import type { ClientRow, FamilyRow, OAuthTables, SecretRow } from './oauth-tables.ts';

export const OAUTH_CHANNEL = 'sallyport_oauth';

/** `-` marks what is gone: it is dropped at once, before anything is read. */
export type OAuthChange = { readonly tenant: TenantId } & (
  | { readonly kind: 'client' | '-client'; readonly id: OAuthClientId }
  | { readonly kind: 'family' | '-family'; readonly id: TokenFamilyId }
  | { readonly kind: '-token'; readonly id: AccessTokenId }
);

const CHANGE = /^(ten_[0-9a-f-]{36}) (?:(-?client) (oac_[0-9a-f-]{36})|(-?family) (fam_[0-9a-f-]{36})|(-token) (tok_[0-9a-f-]{36}))$/;

/** Null for a payload that none of ours could be. */
export function parseOAuthChange(payload: string): OAuthChange | null {
  const match = CHANGE.exec(payload);
  if (match === null) return null;
  const kind = match[2] ?? match[4] ?? match[6];
  return { tenant: match[1], kind, id: match[3] ?? match[5] ?? match[7] } as OAuthChange;
}

export interface OAuthRows {
  readonly clients: readonly ClientRow[];
  readonly families: readonly FamilyRow[];
  readonly revoked: readonly { readonly id: AccessTokenId; readonly expires_at: Date }[];
}

export async function readOAuth(db: Database, now: Date): Promise<OAuthRows> {
  return db.asSystem('authenticator', async (tx) => {
    const on = query<OAuthTables>(tx);
    const clients = await on.selectFrom('identity_clients').selectAll().where('ended_at', 'is', null).execute();
    const families = await on
      .selectFrom('identity_token_families')
      .selectAll()
      .where('ended_at', 'is', null)
      .where('expires_at', '>', now)
      .execute();
    const revoked = await on.selectFrom('identity_revoked_tokens').select(['id', 'expires_at']).where('expires_at', '>', now).execute();
    return { clients, families, revoked };
  });
}

export async function readClient(db: Database, tenant: TenantId, id: OAuthClientId): Promise<ClientRow | null> {
  const row = await db.asSystem('authenticator', (tx) =>
    query<OAuthTables>(tx)
      .selectFrom('identity_clients')
      .selectAll()
      .where('tenant', '=', tenant)
      .where('id', '=', id)
      .where('ended_at', 'is', null)
      .executeTakeFirst(),
  );
  return row ?? null;
}

export async function readFamily(db: Database, tenant: TenantId, id: TokenFamilyId): Promise<FamilyRow | null> {
  const row = await db.asSystem('authenticator', (tx) =>
    query<OAuthTables>(tx)
      .selectFrom('identity_token_families')
      .selectAll()
      .where('tenant', '=', tenant)
      .where('id', '=', id)
      .where('ended_at', 'is', null)
      .executeTakeFirst(),
  );
  return row ?? null;
}

/** Used or not: a second use of a secret has to be noticed. */
export async function findSecret(db: Database, lookup: string): Promise<SecretRow | null> {
  const row = await db.asSystem('authenticator', (tx) =>
    query<OAuthTables>(tx).selectFrom('identity_grant_secrets').selectAll().where('lookup', '=', lookup).executeTakeFirst(),
  );
  return row ?? null;
}

/** Deletes, over all tenants, secrets and revocations that ran out before `before`. */
export async function sweepOAuth(db: Database, before: Date): Promise<number> {
  return db.asSystem('authenticator', async (tx) => {
    const on = query<OAuthTables>(tx);
    const swept = [
      await on.deleteFrom('identity_grant_secrets').where('expires_at', '<', before).executeTakeFirst(),
      await on.deleteFrom('identity_revoked_tokens').where('expires_at', '<', before).executeTakeFirst(),
    ];
    return swept.reduce((total, { numDeletedRows }) => total + Number(numDeletedRows), 0);
  });
}
