// What the control plane shows of OAuth: the endpoints in the standard's own words, clients, and what people consented to.

import type { OAuthClientId, PersonPrincipal, Refusal, TenantId, TokenFamilyId, WorkloadId } from '#core';

export interface OAuthRequest {
  readonly params: ReadonlyMap<string, string>;
  /** The DPoP header, or null. */
  readonly proof: string | null;
}

/** A body in the form of RFC 6749, and the status it leaves with. */
export interface OAuthReply {
  readonly status: number;
  readonly body: object;
  readonly retryAfterS: number | null;
}

/** One integration of what a program asks for, in words for people. */
export interface AskedAccess {
  readonly integration: string;
  readonly kind: 'http' | 'model';
  readonly origin: string;
  /** What it may call: names and what each does (`read`, `money` ...); a model's is `model`. */
  readonly operations: readonly { readonly name: string; readonly effect: string; readonly entry: string }[];
  /** Everything the integration offers, now and later. */
  readonly isWhole: boolean;
}

export type ConsentView =
  | {
      readonly state: 'asks';
      readonly client: { readonly clientId: string; readonly name: string; readonly describedBy: string | null; readonly bound: boolean };
      readonly redirectHost: string;
      readonly resource: string;
      readonly access: readonly AskedAccess[];
      readonly withheld: readonly string[];
      readonly lastsDays: number;
    }
  | { readonly state: 'faulty'; readonly error: string; readonly description: string; readonly redirectTo: string };

export interface OAuthClientView {
  readonly id: OAuthClientId;
  readonly clientId: string;
  readonly kind: 'service' | 'app';
  readonly name: string;
  readonly workload: WorkloadId;
  readonly bound: boolean;
  readonly scope: string | null;
  readonly redirectUris: readonly string[];
  readonly createdAt: string;
  readonly endedAt: string | null;
  /** People whose consent stands. */
  readonly consents: number;
}

export interface ConsentRecordView {
  readonly id: TokenFamilyId;
  readonly client: OAuthClientId;
  readonly clientName: string;
  readonly person: string;
  readonly resource: string;
  readonly scope: string;
  readonly bound: boolean;
  readonly createdAt: string;
  readonly expiresAt: string;
}

export interface NewOAuthClient {
  readonly name: string;
  readonly workload: WorkloadId | null;
  readonly jwks: object | null;
  readonly redirectUris: readonly string[];
  readonly bound: boolean;
  readonly scope: string | null;
}

export interface OAuthPorts {
  metadata(): object;
  jwks(): object;
  /** `from`: where the request came from, counted and not kept. */
  token(request: OAuthRequest, from: string): Promise<OAuthReply>;
  revoke(request: OAuthRequest, from: string): Promise<OAuthReply>;
  ask(person: PersonPrincipal, query: string): Promise<ConsentView | Refusal>;
  decide(
    person: PersonPrincipal,
    query: string,
    decision: { readonly allow: boolean; readonly scope: readonly string[] | null },
  ): Promise<{ readonly redirectTo: string } | Refusal>;
  clients(tenant: TenantId): Promise<readonly OAuthClientView[]>;
  addClient(
    person: PersonPrincipal,
    client: NewOAuthClient,
  ): Promise<{
    readonly id: OAuthClientId;
    readonly clientId: string;
    readonly workload: WorkloadId;
    readonly tokenEndpoint: string;
    readonly issuer: string;
  }>;
  removeClient(person: PersonPrincipal, client: OAuthClientId): Promise<boolean>;
  /** One's own, or everybody's where one may see them. */
  consents(person: PersonPrincipal): Promise<readonly ConsentRecordView[]>;
  endConsent(person: PersonPrincipal, consent: TokenFamilyId): Promise<boolean>;
  /** After a signing key may have leaked: every access token made before is void. */
  replaceKeys(person: PersonPrincipal): Promise<void>;
}
