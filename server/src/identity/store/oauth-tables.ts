// The columns of the OAuth tables, for the queries of this folder.

import type { AccessTokenId, DelegationId, OAuthClientId, PersonId, TenantId, TokenFamilyId, WorkloadId } from '#core';

export interface ClientRow {
  readonly tenant: TenantId;
  readonly id: OAuthClientId;
  /** What the client calls itself: our id, or the address of its metadata document. */
  readonly client_id: string;
  readonly kind: 'service' | 'app';
  readonly name: string;
  readonly workload: WorkloadId;
  readonly jwks: string | null;
  readonly redirect_uris: string[];
  readonly binding: 'none' | 'dpop';
  readonly scope: string[] | null;
  readonly created_at: Date;
  readonly created_by: string;
  /** The delegation by which somebody of an agency registered it: it ends with that. */
  readonly made_under: DelegationId | null;
  readonly ended_at: Date | null;
}

export interface FamilyRow {
  readonly tenant: TenantId;
  readonly id: TokenFamilyId;
  readonly client: OAuthClientId;
  readonly person: PersonId;
  readonly resource: string;
  readonly scope: string[];
  readonly jkt: string | null;
  readonly created_at: Date;
  readonly expires_at: Date;
  readonly ended_at: Date | null;
  readonly end_reason: string | null;
}

export interface SecretRow {
  readonly tenant: TenantId;
  readonly lookup: string;
  readonly hash: Buffer;
  readonly pepper: string;
  readonly kind: 'code' | 'refresh';
  readonly family: TokenFamilyId;
  readonly redirect_uri: string | null;
  readonly challenge: string | null;
  readonly expires_at: Date;
  readonly used_at: Date | null;
}

export interface OAuthTables {
  identity_clients: ClientRow;
  identity_token_families: FamilyRow;
  identity_grant_secrets: SecretRow;
  identity_revoked_tokens: { readonly tenant: TenantId; readonly id: AccessTokenId; readonly expires_at: Date };
}
