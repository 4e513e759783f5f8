// Who a client is at the token endpoint: by a signed assertion (RFC 7523), or by its name where it is a program that can keep no secret.
// INVARIANT: an unknown client and a wrong signature are answered alike; an assertion is for us, short-lived and good for one use.

import { createLocalJWKSet, decodeJwt, type JSONWebKeySet, jwtVerify } from 'jose';
import { type Clock, parseOwnJson } from '#core';
import { onceDigest } from './access-tokens.ts';
import { type OAuthFault, oauthFault } from './fault.ts';
import type { OAuthPlace } from './place.ts';
import type { ClientEntry } from './registry.ts';
import type { Replays } from './replays.ts';

export const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
export const ASSERTION_ALGORITHMS = ['EdDSA', 'Ed25519', 'ES256', 'ES384', 'PS256', 'RS256'] as const;
const MAX_ASSERTION_CHARS = 8_192;
const MAX_LIFETIME_S = 300;
const SKEW_S = 30;

export interface ClientAuthDeps {
  readonly clock: Clock;
  readonly place: OAuthPlace;
  readonly replays: Replays;
}

/** The name a request gives; not believed yet. */
export function claimedClient(params: ReadonlyMap<string, string>): string | null {
  const named = params.get('client_id');
  if (named !== undefined) return named;
  const assertion = params.get('client_assertion');
  if (assertion === undefined || assertion.length > MAX_ASSERTION_CHARS) return null;
  try {
    return decodeJwt(assertion).sub ?? null;
  } catch {
    return null;
  }
}

/** `candidate`: whom the name, or what is redeemed, leads to. Null when it is that client. */
export async function authenticateClient(
  { clock, place, replays }: ClientAuthDeps,
  params: ReadonlyMap<string, string>,
  candidate: ClientEntry | undefined,
): Promise<OAuthFault | null> {
  const unknown = oauthFault('invalid_client', 'The client is unknown, or did not prove who it is.');
  if (candidate === undefined || claimedClient(params) !== candidate.clientId) return unknown;
  if (candidate.jwks === null) return candidate.kind === 'app' && !params.has('client_assertion') ? null : unknown;
  const assertion = params.get('client_assertion');
  if (params.get('client_assertion_type') !== ASSERTION_TYPE || assertion === undefined || assertion.length > MAX_ASSERTION_CHARS)
    return unknown;
  const nowS = Math.floor(clock.now() / 1_000);
  try {
    const { payload } = await jwtVerify(assertion, createLocalJWKSet(parseOwnJson(candidate.jwks) as unknown as JSONWebKeySet), {
      algorithms: [...ASSERTION_ALGORITHMS],
      issuer: candidate.clientId,
      subject: candidate.clientId,
      clockTolerance: SKEW_S,
      currentDate: new Date(clock.now()),
      requiredClaims: ['exp', 'jti', 'aud'],
    });
    const { exp = 0, iat, jti = '', aud } = payload;
    // One audience: an assertion that is also for somebody else could be handed on by them.
    const isForUs = typeof aud === 'string' && [place.issuer(), ...place.urls('/oauth/token')].includes(aud);
    const isShort = exp - nowS <= MAX_LIFETIME_S + SKEW_S && (iat === undefined || exp - iat <= MAX_LIFETIME_S);
    if (!isForUs || !isShort || jti.length < 8 || jti.length > 256) return unknown;
    const digest = onceDigest('assertion', candidate.clientId, jti);
    const isFirst = await replays.isFirst({ tenant: candidate.tenant, digest, rememberUntilMs: (exp + 2 * SKEW_S) * 1_000 });
    return isFirst ? null : oauthFault('invalid_client', 'The client assertion was used before; sign a new one for each request.');
  } catch (fault) {
    // jose says why; the caller only learns that it is not valid. A database that is away is another matter.
    if ((fault as { code?: unknown }).code?.toString().startsWith('ERR_J') === true || fault instanceof TypeError) return unknown;
    throw fault;
  }
}
