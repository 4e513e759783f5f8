// Gives a token back (RFC 7009). What it rests on is ended in every process at once.
// INVARIANT: only the client a token belongs to can end it; of a bound token that client also shows the key, or proves itself otherwise:
// whoever merely found the token can not use its end against its owner.

import { type Clock, isRefusal, parseId, type Random, type TenantId, type TokenFamilyId } from '#core';
import { appendEvents, type Database } from '#storage';
import { endFamilies, holdFamily, revokeToken } from '../store/oauth.ts';
import { findSecret } from '../store/oauth-rows.ts';
import { type Hasher, parseToken, sameHash } from '../workloads/tokens.ts';
import type { AccessTokens } from './access-tokens.ts';
import type { AccessClaims } from './claims.ts';
import { authenticateClient } from './client-auth.ts';
import { clientEvent } from './clients.ts';
import { checkProof, isProofFault } from './dpop.ts';
import { type OAuthFault, oauthFault } from './fault.ts';
import type { OAuthPlace } from './place.ts';
import type { ClientEntry, OAuthRegistry } from './registry.ts';
import type { Replays } from './replays.ts';
import type { TokenRequest } from './token-answer.ts';

export interface RevokeDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly random: Random;
  readonly hasher: Hasher;
  readonly registry: OAuthRegistry;
  readonly replays: Replays;
  readonly tokens: AccessTokens;
  readonly place: OAuthPlace;
}

/** Null when it is done, or there was nothing to do: an unknown token is no fault (RFC 7009 section 2.2). */
export function createRevocation(deps: RevokeDeps): (request: TokenRequest) => Promise<OAuthFault | null> {
  const { db, clock, hasher, registry, replays, tokens, place } = deps;

  async function admit(request: TokenRequest, client: ClientEntry | undefined, jkt: string | null): Promise<OAuthFault | null> {
    const refused = await authenticateClient(deps, request.params, client);
    if (refused !== null || client === undefined) return refused ?? oauthFault('invalid_client', 'The client is unknown.');
    if (jkt === null || client.jwks !== null) return null;
    const missing = oauthFault('invalid_dpop_proof', 'The token is bound to a key: send a DPoP proof by that key.');
    if (request.proof === null) return missing;
    const urls = place.urls('/oauth/revoke');
    const proof = checkProof(request.proof, { method: 'POST', urls, token: null, now: clock.now() });
    if (isProofFault(proof) || proof.jkt !== jkt) return missing;
    const isFirst = await replays.isFirst({ tenant: client.tenant, digest: proof.digest, rememberUntilMs: proof.rememberUntilMs });
    return isFirst ? null : oauthFault('invalid_dpop_proof', 'The DPoP proof was used before.');
  }

  async function endFamily(tenant: TenantId, id: TokenFamilyId, client: ClientEntry): Promise<null> {
    await db.inTenant(tenant, async (tx) => {
      const ended = await endFamilies(tx, tenant, { id }, { at: new Date(clock.now()), reason: 'revoked' });
      const facts = { client: client.id, reason: 'revoked' };
      const told = clientEvent(deps, { tenant, actor: client.workload, type: 'consent.ended', subject: id, facts, sealed: null });
      if (ended.length > 0) await appendEvents(tx, [told]);
    });
    await registry.refresh({ tenant, kind: '-family', id });
    return null;
  }

  async function endToken({ tenant, jti, exp, sub }: AccessClaims): Promise<null> {
    const facts = {};
    await db.inTenant(tenant, async (tx) => {
      const isNew = await revokeToken(tx, tenant, { id: jti, expiresAt: new Date(exp * 1_000) });
      if (isNew)
        await appendEvents(tx, [clientEvent(deps, { tenant, actor: sub, type: 'token.revoked', subject: jti, facts, sealed: null })]);
    });
    await registry.refresh({ tenant, kind: '-token', id: jti });
    return null;
  }

  return async (request) => {
    const text = request.params.get('token');
    if (text === undefined) return oauthFault('invalid_request', 'token is missing.');
    const refresh = parseToken('spr', text);
    if (refresh !== null) {
      const row = await findSecret(db, refresh.lookup);
      if (row === null || row.kind !== 'refresh' || !sameHash(row.hash, hasher.hash('spr', refresh))) return null;
      const family = await db.inTenant(row.tenant, (tx) => holdFamily(tx, row.tenant, row.family));
      const client = family === null ? undefined : registry.client(family.client);
      return (await admit(request, client, family?.jkt ?? null)) ?? endFamily(row.tenant, row.family, client as ClientEntry);
    }
    const checked = tokens.check(text);
    if (isRefusal(checked))
      return checked.code === 'IDENTITY_FEED_LOST' ? oauthFault('temporarily_unavailable', 'Try again shortly.', 503) : null;
    const { claims } = checked;
    const family = parseId('fam', claims.sid);
    const client = registry.client((family === null ? claims.sid : registry.family(family)?.client) as never);
    return (await admit(request, client, claims.jkt)) ?? endToken(claims);
  };
}
