// Makes access tokens, and says whether one is good now: signed by us, in time, nothing it rests on revoked.
// INVARIANT: no answer reads the database; a token never lives longer than what it was made of, and never carries more.

import { createHash, hash } from 'node:crypto';
import {
  type AccessTokenId,
  type Clock,
  isRefusal,
  type KeyId,
  narrowScope,
  newId,
  type OAuthClientId,
  type Principal,
  parseId,
  type Random,
  type Refusal,
  scopeIntegrations,
  type TokenScope,
  type WorkloadPrincipal,
} from '#core';
import { refusal } from '../errors.ts';
import type { Snapshot } from '../snapshot.ts';
import { type AccessClaims, MAX_TOKEN_LIFETIME_S, verifyToken, wireOf } from './claims.ts';
import type { OAuthRegistry } from './registry.ts';
import type { TokenKeys } from './token-keys.ts';

export interface Checked {
  readonly claims: AccessClaims;
  readonly principal: WorkloadPrincipal;
}

export type NewToken = Omit<AccessClaims, 'iat' | 'exp' | 'jti'> & {
  /** In seconds; never more than 300 from now. */
  readonly notAfter?: number;
};

export interface MintedToken {
  readonly token: string;
  readonly claims: AccessClaims;
}

export interface AccessTokens {
  mint(token: NewToken): MintedToken;
  check(text: string): Checked | Refusal;
  /** Whether what let a workload in still stands; for streams that are open, and calls that were stored. */
  recheck(principal: WorkloadPrincipal): Refusal | null;
  /** The workload of a client or a family, if it still may come in. */
  principalOf(credential: KeyId): WorkloadPrincipal | Refusal;
  isRevoked(jti: AccessTokenId): boolean;
}

/** Verified tokens that are remembered, by the hash of their text: a signature is checked once in the life of a token. */
const MAX_MEMORY = 20_000;

export interface AccessTokensDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly keys: TokenKeys;
  readonly registry: OAuthRegistry;
  readonly snapshot: Pick<Snapshot, 'principal' | 'grants'>;
  /** The workload of an API key, if it may come in. */
  readonly ofKey: (key: KeyId) => Principal | Refusal;
  readonly isUnsure: () => boolean;
}

export function createAccessTokens({ clock, random, keys, registry, snapshot, ofKey, isUnsure }: AccessTokensDeps): AccessTokens {
  const memory = new Map<string, AccessClaims>();

  const verified = (text: string): AccessClaims | null => {
    const name = hash('sha256', text, 'base64');
    const known = memory.get(name);
    // A key that was taken out makes what it signed void, remembered or not.
    if (known !== undefined && keys.byHeader(text.slice(0, text.indexOf('.'))) !== undefined) return known;
    const claims = verifyToken(keys, text);
    if (claims === null) return null;
    if (memory.size >= MAX_MEMORY) memory.delete(memory.keys().next().value as string);
    memory.set(name, claims);
    return claims;
  };

  /** What a credential stands for now: its workload, and the most its tokens may carry. */
  const standing = (credential: string): { principal: WorkloadPrincipal; most: TokenScope | null; isBound: boolean } | null => {
    const nowMs = clock.now();
    const family = parseId('fam', credential);
    const held = family === null ? undefined : registry.family(family);
    if (family !== null && (held === undefined || held.expiresAtMs <= nowMs)) return null;
    const client = registry.client(held?.client ?? (credential as OAuthClientId));
    if (client === undefined) {
      const key = parseId('key', credential);
      const principal = key === null ? null : ofKey(key);
      return principal?.kind === 'workload' ? { principal, most: null, isBound: false } : null;
    }
    const { tenant } = client;
    const principal = snapshot.principal({ id: credential as KeyId, tenant, workload: client.workload });
    if (principal === null) return null;
    // An app reaches what the person consented to and nothing of its own; without any access of theirs the person gives none.
    if (held !== undefined && (held.tenant !== tenant || snapshot.grants(tenant, held.person, nowMs).length === 0)) return null;
    if (held === undefined) return { principal, most: client.scope, isBound: client.isBound };
    const most = client.scope === null ? held.scope : narrowScope(client.scope, held.scope);
    return { principal: { ...principal, integrations: scopeIntegrations(most) }, most, isBound: client.isBound };
  };

  const principalWith = (claims: AccessClaims): WorkloadPrincipal | Refusal => {
    if (claims.exp * 1_000 <= clock.now()) return refusal('IDENTITY_TOKEN_EXPIRED');
    if (registry.isRevoked(claims.jti) || claims.anc.some(registry.isRevoked)) return refusal('IDENTITY_TOKEN_REVOKED');
    const own = standing(claims.sid);
    if (own === null || own.principal.tenant !== claims.tenant || own.principal.workload !== claims.sub)
      return refusal('IDENTITY_TOKEN_REVOKED');
    let scope = own.most === null ? claims.scope : narrowScope(own.most, claims.scope);
    for (const other of claims.also) {
      const further = standing(other);
      if (further === null || further.principal.tenant !== claims.tenant) return refusal('IDENTITY_TOKEN_REVOKED');
      if (further.most !== null) scope = narrowScope(further.most, scope);
    }
    const isUnbound = own.isBound && claims.jkt === null;
    if (isUnbound) return refusal('IDENTITY_DPOP_MISSING');
    const { integrations } = own.principal;
    const reached = new Set([...scopeIntegrations(scope)].filter((name) => integrations.has(name)));
    const { jti, run, step, act, person, jkt } = claims;
    const behind = [...claims.anc, ...claims.also];
    const restsOn = behind.length === 0 ? {} : { restsOn: behind };
    const token = { jti, scope, run, step, act, person, cnf: jkt, expiresAtMs: claims.exp * 1_000, ...restsOn };
    return Object.freeze({ ...own.principal, workflow: own.principal.workflow ?? claims.wf, integrations: reached, token });
  };

  /** A token that was revoked, or a credential that no longer stands. */
  const isGone = (behind: string): boolean => {
    const token = parseId('tok', behind);
    return token === null ? standing(behind) === null : registry.isRevoked(token);
  };

  return {
    mint({ notAfter, ...token }) {
      const iat = Math.floor(clock.now() / 1_000);
      const exp = Math.min(iat + MAX_TOKEN_LIFETIME_S, notAfter ?? Number.POSITIVE_INFINITY);
      const claims = { ...token, iat, exp, jti: newId('tok', clock, random) };
      return { token: keys.sign(wireOf(claims)), claims };
    },

    check(text) {
      const claims = verified(text);
      if (isUnsure() || registry.isLost()) return refusal('IDENTITY_FEED_LOST');
      if (claims === null) return refusal('IDENTITY_TOKEN_INVALID');
      const principal = principalWith(claims);
      return isRefusal(principal) ? principal : { claims, principal };
    },

    recheck(principal) {
      if (isUnsure() || registry.isLost()) return refusal('IDENTITY_FEED_LOST');
      const { token } = principal;
      if (token !== undefined && [token.jti, ...(token.restsOn ?? [])].some(isGone)) return refusal('IDENTITY_TOKEN_REVOKED');
      const now = standing(principal.key);
      if (now === null || now.principal.workload !== principal.workload)
        return refusal(token === undefined ? 'IDENTITY_KEY_UNKNOWN' : 'IDENTITY_TOKEN_REVOKED');
      // Last: what ran out may go on to its end, what was taken away may not.
      return token !== undefined && token.expiresAtMs <= clock.now() ? refusal('IDENTITY_TOKEN_EXPIRED') : null;
    },

    principalOf(credential) {
      if (isUnsure() || registry.isLost()) return refusal('IDENTITY_FEED_LOST');
      return standing(credential)?.principal ?? refusal('IDENTITY_TOKEN_REVOKED');
    },

    isRevoked: registry.isRevoked,
  };
}

/** The digest under which a signed text that may be used once is remembered. */
export function onceDigest(kind: string, ...parts: readonly string[]): Uint8Array {
  return createHash('sha256')
    .update(JSON.stringify([kind, ...parts]))
    .digest();
}
