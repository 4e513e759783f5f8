// The exchange of a token for one with less (RFC 8693): who may ask, what they hand in, and what `exchange.ts` makes of it.
// INVARIANT: the new token belongs to whoever proved to be its client; both tokens were good at that moment, and bound ones were proven.

import { isRefusal, parseId, parseScope, type RunId, type TenantId } from '#core';
import type { AccessTokens, MintedToken } from './access-tokens.ts';
import { authenticateClient, type ClientAuthDeps } from './client-auth.ts';
import type { Proof } from './dpop.ts';
import { exchanged, STEP_NAME } from './exchange.ts';
import { isOAuthFault, type OAuthFault, oauthFault } from './fault.ts';
import type { ClientEntry, OAuthRegistry } from './registry.ts';
import type { TokenAnswer } from './token-answer.ts';

export const EXCHANGE_GRANT = 'urn:ietf:params:oauth:grant-type:token-exchange';
export const ACCESS_TOKEN_TYPE = 'urn:ietf:params:oauth:token-type:access_token';

type Params = ReadonlyMap<string, string>;

export interface ExchangeDeps extends ClientAuthDeps {
  readonly registry: Pick<OAuthRegistry, 'client' | 'family'>;
  readonly tokens: AccessTokens;
  needsKey(client: ClientEntry, proof: Proof | null): OAuthFault | null;
  usedUp(tenant: TenantId, proof: Proof | null): Promise<OAuthFault | null>;
  /** Records that the token was issued, and gives it out. */
  answered(client: ClientEntry, minted: MintedToken): Promise<TokenAnswer>;
}

export function createExchange(deps: ExchangeDeps): (params: Params, proof: Proof | null) => Promise<TokenAnswer | OAuthFault> {
  const { registry, tokens, place, needsKey, usedUp, answered } = deps;

  const checkedToken = (params: Params, which: 'subject' | 'actor') => {
    if (params.get(`${which}_token_type`) !== ACCESS_TOKEN_TYPE)
      return oauthFault('invalid_request', `${which}_token_type is ${ACCESS_TOKEN_TYPE}.`);
    const checked = tokens.check(params.get(`${which}_token`) ?? '');
    return isRefusal(checked) ? oauthFault('invalid_grant', `The ${which} token is not good (${checked.code}).`) : checked;
  };

  return async (params, proof) => {
    const subject = checkedToken(params, 'subject');
    const actor = params.has('actor_token') ? checkedToken(params, 'actor') : null;
    if (isOAuthFault(subject)) return subject;
    if (isOAuthFault(actor)) return actor;
    // The new token is the actor's; without one, the client only narrows its own.
    const holder = (actor ?? subject).claims;
    const family = parseId('fam', holder.sid);
    const client = registry.client((family === null ? holder.sid : registry.family(family)?.client) as never);
    const refused = await authenticateClient(deps, params, client);
    if (refused !== null || client === undefined) return refused ?? oauthFault('invalid_client', 'The client is unknown.');
    const unbound = needsKey(client, proof) ?? (await usedUp(subject.claims.tenant, proof));
    if (unbound !== null) return unbound;
    const requested = params.get('requested_token_type') ?? ACCESS_TOKEN_TYPE;
    if (requested !== ACCESS_TOKEN_TYPE) return oauthFault('invalid_request', 'Only access tokens are issued.');
    const named = params.get('resource');
    const resource = named === undefined ? null : place.resource(named);
    if (named !== undefined && resource === null) return oauthFault('invalid_target', 'There is no such resource here.');
    const text = params.get('scope');
    const scope = text === undefined ? null : parseScope(text);
    if (text !== undefined && scope === null)
      return oauthFault('invalid_scope', 'scope holds integration or integration:operation, divided by spaces.');
    const run = parseId('run', params.get('run')) as RunId | null;
    const step = params.get('step') ?? null;
    if ((params.has('run') && run === null) || (step !== null && !STEP_NAME.test(step)))
      return oauthFault('invalid_request', 'run is the id of a run, step the name of a step.');
    if (actor !== null && actor.claims.jkt !== null && proof?.jkt !== actor.claims.jkt)
      return oauthFault('invalid_dpop_proof', 'The actor token is bound to another key.');
    // What was narrowed since the tokens were made counts: the principals hold what is left of their scopes.
    const left = { ...subject.claims, scope: subject.principal.token?.scope ?? [] };
    const by = actor === null ? null : { ...actor.claims, scope: actor.principal.token?.scope ?? [] };
    const made = exchanged({ subject: left, actor: by, resource, scope, run, step, jkt: proof?.jkt ?? null });
    if (isOAuthFault(made)) return made;
    return { ...(await answered(client, tokens.mint(made))), issued_token_type: ACCESS_TOKEN_TYPE };
  };
}
