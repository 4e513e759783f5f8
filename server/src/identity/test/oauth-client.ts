// A client of the token endpoint as tests need it: keys, assertions and proofs made with jose, and wrong ones on purpose.

import { createHash, randomBytes } from 'node:crypto';
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
import type { PresentedAt, TenantId, WorkloadId } from '#core';
import type { Identity, IdentityDeps } from '../identity.ts';

export const ISSUER = 'http://localhost:4810';
export const GATEWAY = 'http://127.0.0.1:4800';
export const TOKEN_URL = `${ISSUER}/oauth/token`;
export const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

const RESOURCE = /^(?:\/(?:v1|(?:connect|mcp)\/([a-z0-9-]+)))?$/;

/** As main wires it, for one gateway. */
export const oauthAt = (more: Partial<NonNullable<IdentityDeps['oauth']>> = {}): NonNullable<IdentityDeps['oauth']> => ({
  place: {
    issuer: () => ISSUER,
    urls: (path) => [`${ISSUER}${path}`],
    resource: (text) => {
      const match = text.startsWith(GATEWAY) ? RESOURCE.exec(text.slice(GATEWAY.length)) : null;
      return match === null ? null : { audience: text, integration: match[1] ?? null };
    },
  },
  fetch: async () => null,
  integrations: () => ['shop', 'mail'],
  needsProof: false,
  ...more,
});

export interface Keys {
  readonly privateKey: CryptoKey;
  readonly jwk: JWK;
}

export async function newKeys(alg = 'ES256'): Promise<Keys> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  return { privateKey, jwk: await exportJWK(publicKey) };
}

let names = 0;
export const newJti = (): string => `jti-${++names}-${randomBytes(9).toString('base64url')}`;

export const ath = (token: string): string => createHash('sha256').update(token).digest('base64url');

export interface ProofParts {
  readonly method?: string;
  readonly url?: string;
  readonly token?: string | null;
  readonly iat?: number;
  readonly jti?: string;
  readonly typ?: string;
  readonly jwk?: JWK;
  readonly ath?: string;
}

export function proofBy(keys: Keys, nowMs: number, parts: ProofParts = {}): Promise<string> {
  const { method = 'POST', url = TOKEN_URL, token = null, iat = Math.floor(nowMs / 1_000), jti = newJti(), typ = 'dpop+jwt' } = parts;
  const hash = parts.ath ?? (token === null ? null : ath(token));
  const payload = { htm: method, htu: url, iat, jti, ...(hash === null ? {} : { ath: hash }) };
  return new SignJWT(payload)
    .setProtectedHeader({ typ, alg: keys.jwk.kty === 'EC' ? 'ES256' : 'EdDSA', jwk: parts.jwk ?? keys.jwk })
    .sign(keys.privateKey);
}

export interface AssertionParts {
  readonly aud?: string | string[];
  readonly exp?: number;
  readonly iss?: string;
  readonly jti?: string;
}

export function assertionBy(keys: Keys, clientId: string, nowMs: number, parts: AssertionParts = {}): Promise<string> {
  const nowS = Math.floor(nowMs / 1_000);
  return new SignJWT({ jti: parts.jti ?? newJti() })
    .setProtectedHeader({ alg: keys.jwk.kty === 'EC' ? 'ES256' : 'EdDSA' })
    .setIssuer(parts.iss ?? clientId)
    .setSubject(clientId)
    .setAudience(parts.aud ?? ISSUER)
    .setIssuedAt(nowS)
    .setExpirationTime(parts.exp ?? nowS + 60)
    .sign(keys.privateKey);
}

export interface TestClient {
  readonly tenant: TenantId;
  readonly workload: WorkloadId;
  readonly clientId: string;
  readonly keys: Keys;
  /** A token answer, or the fault. */
  token(params: Readonly<Record<string, string>>, options?: { readonly dpop?: Keys; readonly by?: Identity }): Promise<TokenReply>;
}

export interface TokenReply {
  readonly access_token?: string;
  readonly token_type?: string;
  readonly refresh_token?: string;
  readonly scope?: string;
  readonly expires_in?: number;
  readonly error?: string;
}

/** A service of this workload. */
export async function serviceOf(
  identity: Identity,
  clock: { now(): number },
  {
    tenant,
    workload,
    isBound = false,
    scope = null,
    actor = 'test',
  }: { tenant: TenantId; workload: WorkloadId; isBound?: boolean; scope?: string | null; actor?: string },
): Promise<TestClient & { readonly id: string }> {
  const keys = await newKeys();
  const made = await identity.oauth.addClient({ tenant, actor, name: 'Service', workload, jwks: keys.jwk, isBound, scope });
  const { clientId } = made;
  return {
    id: made.id,
    tenant,
    workload,
    clientId,
    keys,
    token: async (params, { dpop, by = identity } = {}) => {
      const client_assertion = await assertionBy(keys, clientId, clock.now());
      const form = { grant_type: 'client_credentials', client_assertion_type: ASSERTION_TYPE, client_assertion, ...params };
      const proof = dpop === undefined ? null : await proofBy(dpop, clock.now());
      return by.oauth.token({ params: new Map(Object.entries(form)), proof }, '127.0.0.1');
    },
  };
}

/** A request to the gateway as its surface describes it. */
export function requestTo(path: string, { proof = null, method = 'GET' }: { proof?: string | null; method?: string } = {}): PresentedAt {
  const integration = /^\/connect\/([a-z0-9-]+)/.exec(path)?.[1];
  const audiences = integration === undefined ? [GATEWAY, `${GATEWAY}/v1`] : [GATEWAY, `${GATEWAY}/connect/${integration}`];
  return {
    scheme: proof === null ? 'bearer' : 'dpop',
    proof,
    method,
    urls: [`${GATEWAY}${path}`],
    accepts: (audience) => audiences.includes(audience),
  };
}
