// The token endpoint: client credentials, codes, refresh tokens, exchange. There is no other way to a token: no password, no implicit.
// INVARIANT: who asks is known before anything is used up; a code or a refresh token that comes a second time ends its whole family.

import { createHash, timingSafeEqual } from 'node:crypto';
import {
  type Clock,
  coversScope,
  formatScope,
  narrowScope,
  parseScope,
  type Random,
  scopeIntegrations,
  scopeOf,
  type TenantId,
  type TokenFamilyId,
  type TokenScope,
} from '#core';
import { appendEvents, type Database } from '#storage';
import type { Snapshot } from '../snapshot.ts';
import { addSecret, endFamilies, holdFamily, renewFamily, useSecret } from '../store/oauth.ts';
import { findSecret } from '../store/oauth-rows.ts';
import type { FamilyRow, SecretRow } from '../store/oauth-tables.ts';
import { formatToken, type Hasher, NO_HASH, NO_TOKEN, newToken, parseToken, sameHash } from '../workloads/tokens.ts';
import type { AccessTokens, MintedToken } from './access-tokens.ts';
import { authenticateClient, claimedClient } from './client-auth.ts';
import { clientEvent } from './clients.ts';
import { CONSENT_IDLE_DAYS, CONSENT_MAX_DAYS } from './consent.ts';
import { checkProof, isProofFault, type Proof } from './dpop.ts';
import { createExchange, EXCHANGE_GRANT } from './exchange-grant.ts';
import { isOAuthFault, type OAuthFault, oauthFault } from './fault.ts';
import { type OAuthPlace, type OAuthResource, scopeAt } from './place.ts';
import type { ClientEntry, OAuthRegistry } from './registry.ts';
import type { Replays } from './replays.ts';
import type { TokenAnswer, TokenRequest } from './token-answer.ts';

export interface TokenEndpointDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly random: Random;
  readonly hasher: Hasher;
  readonly registry: OAuthRegistry;
  readonly replays: Replays;
  readonly snapshot: Pick<Snapshot, 'workload' | 'grants'>;
  readonly tokens: AccessTokens;
  readonly place: OAuthPlace;
  /** Whether every token of this installation must be bound to a key. */
  readonly needsProof: boolean;
}

const DAY_MS = 24 * 60 * 60_000;
const VERIFIER = /^[A-Za-z0-9._~-]{43,128}$/;

export type TokenEndpoint = (request: TokenRequest) => Promise<TokenAnswer | OAuthFault>;

export function createTokenEndpoint(deps: TokenEndpointDeps): TokenEndpoint {
  const { db, clock, random, hasher, registry, replays, snapshot, tokens, place } = deps;
  const now = (): Date => new Date(clock.now());

  /** Null without a proof; a proof that is there must be right. */
  const proven = (proof: string | null): Proof | null | OAuthFault => {
    if (proof === null) return null;
    const checked = checkProof(proof, { method: 'POST', urls: place.urls('/oauth/token'), token: null, now: clock.now() });
    return isProofFault(checked) ? oauthFault('invalid_dpop_proof', `The DPoP proof is not one for this request (${checked}).`) : checked;
  };
  const usedUp = async (tenant: TenantId, proof: Proof | null): Promise<OAuthFault | null> => {
    const isFirst = proof === null || (await replays.isFirst({ tenant, digest: proof.digest, rememberUntilMs: proof.rememberUntilMs }));
    return isFirst ? null : oauthFault('invalid_dpop_proof', 'The DPoP proof was used before.');
  };
  const needsKey = (client: ClientEntry, proof: Proof | null): OAuthFault | null =>
    proof === null && (client.isBound || deps.needsProof)
      ? oauthFault('invalid_dpop_proof', 'Tokens of this client are bound to a key: send a DPoP proof.')
      : null;

  const tell = (tenant: TenantId, client: ClientEntry, grant: string, { claims }: MintedToken) => {
    const facts = { grant, client: client.id, integrations: [...scopeIntegrations(claims.scope)], bound: claims.jkt !== null };
    return clientEvent(deps, { tenant, actor: claims.sub, type: 'token.issued', subject: claims.jti, facts, sealed: null });
  };
  const answerOf = ({ token, claims }: MintedToken): TokenAnswer => ({
    access_token: token,
    token_type: claims.jkt === null ? 'Bearer' : 'DPoP',
    expires_in: claims.exp - claims.iat,
    scope: formatScope(claims.scope),
  });

  /** The token given out, once it is recorded that it was. */
  const answered = async (client: ClientEntry, grant: string, minted: MintedToken): Promise<TokenAnswer> => {
    await db.inTenant(client.tenant, (tx) => appendEvents(tx, [tell(client.tenant, client, grant, minted)]));
    return answerOf(minted);
  };

  async function clientCredentials({ params }: TokenRequest, proof: Proof | null): Promise<TokenAnswer | OAuthFault> {
    const client = registry.service(claimedClient(params) ?? '');
    const refused = await authenticateClient(deps, params, client);
    if (refused !== null || client === undefined) return refused ?? oauthFault('invalid_client', 'The client is unknown.');
    const { tenant, workload } = client;
    const unbound = needsKey(client, proof) ?? (await usedUp(tenant, proof));
    if (unbound !== null) return unbound;
    const resource = place.resource(params.get('resource') ?? '');
    if (resource === null)
      return oauthFault('invalid_target', 'resource is required: the address of the protected resource, as its metadata names it.');
    const reached = snapshot.workload(workload);
    if (reached === undefined || reached.tenant !== tenant) return oauthFault('unauthorized_client', 'The workload of the client is gone.');
    const all = scopeOf([...reached.integrations]) ?? [];
    const most = client.scope === null ? all : narrowScope(all, client.scope);
    const scope = chosenScope(scopeAt(most, resource), params.get('scope'));
    if (isOAuthFault(scope)) return scope;
    const minted = tokens.mint({
      ...subjectOf(client, resource),
      scope,
      sid: client.id,
      person: null,
      jkt: proof?.jkt ?? null,
      wf: reached.workflow,
    });
    return answered(client, 'client_credentials', minted);
  }

  const subjectOf = (client: ClientEntry, resource: OAuthResource) => ({
    iss: place.issuer(),
    aud: resource.audience,
    sub: client.workload,
    tenant: client.tenant,
    client_id: client.clientId,
    also: [],
    anc: [],
    wfv: null,
    run: null,
    step: null,
    act: null,
  });

  /** A code or a refresh token, and the client it belongs to; it still has to prove who it is. */
  async function secretOf(kind: 'code' | 'refresh', text: string | undefined): Promise<SecretRow | null> {
    const mark = kind === 'code' ? 'spc' : 'spr';
    const token = parseToken(mark, text ?? null);
    const row = token === null ? null : await findSecret(db, token.lookup);
    const isRight = sameHash(row?.hash ?? NO_HASH, hasher.hash(mark, token ?? NO_TOKEN));
    return row !== null && isRight && row.kind === kind && row.pepper === hasher.pepperId ? row : null;
  }

  const exchange = createExchange({ ...deps, needsKey, usedUp, answered: (client, minted) => answered(client, 'token_exchange', minted) });

  const gone = (what: string): OAuthFault =>
    oauthFault('invalid_grant', `The ${what} is not valid: it was used, has expired, or never was.`);

  async function redeem(request: TokenRequest, proof: Proof | null, kind: 'code' | 'refresh'): Promise<TokenAnswer | OAuthFault> {
    const { params } = request;
    const what = kind === 'code' ? 'code' : 'refresh token';
    const secret = await secretOf(kind, params.get(kind === 'code' ? 'code' : 'refresh_token'));
    if (secret === null) return gone(what);
    const { tenant, family: id } = secret;
    const seen = await db.inTenant(tenant, (tx) => holdFamily(tx, tenant, id));
    const client = seen === null ? undefined : registry.client(seen.client);
    const refused = await authenticateClient(deps, params, client);
    if (refused !== null || client === undefined || seen === null) return refused ?? gone(what);
    const fault = (kind === 'code' ? checkCode(secret, params) : null) ?? checkResource(place, seen, params) ?? needsKey(client, proof);
    if (fault !== null) return fault;
    if (seen.jkt !== null && proof?.jkt !== seen.jkt) return oauthFault('invalid_dpop_proof', 'The refresh token is bound to another key.');
    const asked = chosenScope(scopeOf(seen.scope) ?? [], params.get('scope'));
    if (isOAuthFault(asked)) return asked;
    const replayed = await usedUp(tenant, proof);
    if (replayed !== null) return replayed;
    const redeemed = await spend(secret, seen, { client, jkt: proof?.jkt ?? null, scope: asked });
    await registry.refresh({
      tenant,
      kind: isOAuthFault(redeemed) && redeemed.error === 'invalid_grant' && redeemed.ended ? '-family' : 'family',
      id,
    });
    return redeemed;
  }

  type Ended = OAuthFault & { readonly ended: boolean };

  /** In one transaction: the secret is used up, the family goes on, the next refresh token stands. Or all of it ends. */
  async function spend(
    secret: SecretRow,
    seen: FamilyRow,
    { client, jkt, scope }: { readonly client: ClientEntry; readonly jkt: string | null; readonly scope: TokenScope },
  ): Promise<TokenAnswer | Ended> {
    const { tenant, family: id, kind } = secret;
    const what = kind === 'code' ? 'code' : 'refresh token';
    const end = (isEnded: boolean): Ended => ({ ...gone(what), ended: isEnded });
    return db.inTenant(tenant, async (tx): Promise<TokenAnswer | Ended> => {
      const family = await holdFamily(tx, tenant, id);
      const isLive = family !== null && family.ended_at === null && family.expires_at.getTime() > clock.now();
      if (secret.expires_at.getTime() <= clock.now() && secret.used_at === null) return end(false);
      if (!(await useSecret(tx, tenant, secret.lookup, now()))) {
        const ended = await endFamilies(tx, tenant, { id }, { at: now(), reason: 'reused' });
        const facts = { client: client.id, reason: 'reused' };
        const told = clientEvent(deps, { tenant, actor: client.workload, type: 'consent.ended', subject: id, facts, sealed: null });
        if (ended.length > 0) await appendEvents(tx, [told]);
        return end(true);
      }
      if (!isLive || snapshot.grants(tenant, seen.person, clock.now()).length === 0) return end(false);
      const lastMs = family.created_at.getTime() + CONSENT_MAX_DAYS * DAY_MS;
      const expiresAt = new Date(Math.min(clock.now() + CONSENT_IDLE_DAYS * DAY_MS, lastMs));
      await renewFamily(tx, tenant, id, { expiresAt, jkt: family.jkt ?? jkt });
      const next = newToken(random);
      const row = { lookup: next.lookup, hash: hasher.hash('spr', next), pepper: hasher.pepperId, kind: 'refresh', family: id } as const;
      await addSecret(tx, tenant, { ...row, redirect_uri: null, challenge: null, expires_at: expiresAt });
      const resource = place.resource(family.resource) ?? { audience: family.resource, integration: null };
      const minted = tokens.mint({
        ...subjectOf(client, resource),
        scope,
        sid: id satisfies TokenFamilyId,
        person: family.person,
        act: { sub: family.person },
        jkt,
        wf: null,
        notAfter: Math.floor(expiresAt.getTime() / 1_000),
      });
      await appendEvents(tx, [tell(tenant, client, kind === 'code' ? 'authorization_code' : 'refresh_token', minted)]);
      return { ...answerOf(minted), refresh_token: formatToken('spr', next) };
    });
  }

  return async (request) => {
    if (registry.isLost()) return oauthFault('temporarily_unavailable', 'Revocations can not be heard right now; try again shortly.', 503);
    const proof = proven(request.proof);
    if (isOAuthFault(proof)) return proof;
    switch (request.params.get('grant_type')) {
      case 'client_credentials':
        return clientCredentials(request, proof);
      case 'authorization_code':
        return redeem(request, proof, 'code');
      case 'refresh_token':
        return redeem(request, proof, 'refresh');
      case EXCHANGE_GRANT:
        return exchange(request.params, proof);
      default:
        return oauthFault('unsupported_grant_type', 'Use client_credentials, authorization_code, refresh_token or token-exchange.');
    }
  };
}

function chosenScope(most: TokenScope, text: string | undefined): TokenScope | OAuthFault {
  const asked = text === undefined ? most : parseScope(text);
  if (asked === null || asked.length === 0 || !coversScope(most, asked))
    return oauthFault(
      'invalid_scope',
      'The scope is more than may be granted here, or not in the form integration or integration:operation.',
    );
  return narrowScope(most, asked);
}

/** RFC 7636 section 4.6, and RFC 6749 section 4.1.3 where the client still says where it was answered. */
function checkCode(secret: SecretRow, params: ReadonlyMap<string, string>): OAuthFault | null {
  const verifier = params.get('code_verifier') ?? '';
  const challenge = Buffer.from(createHash('sha256').update(verifier).digest('base64url'));
  const expected = Buffer.from(secret.challenge ?? '');
  if (!VERIFIER.test(verifier) || challenge.byteLength !== expected.byteLength || !timingSafeEqual(challenge, expected))
    return oauthFault('invalid_grant', 'code_verifier does not belong to the code_challenge.');
  const redirect = params.get('redirect_uri');
  return redirect === undefined || redirect === secret.redirect_uri ? null : oauthFault('invalid_grant', 'redirect_uri is another one.');
}

function checkResource(place: OAuthPlace, family: FamilyRow, params: ReadonlyMap<string, string>): OAuthFault | null {
  const named = params.get('resource');
  if (named === undefined || place.resource(named)?.audience === family.resource) return null;
  return oauthFault('invalid_target', 'Access was granted to another resource.');
}
