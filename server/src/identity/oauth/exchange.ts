// What a token becomes when it is exchanged for one with less (RFC 8693): pure, so that it can be tried a hundred thousand times.
// INVARIANT: never more scope, never a longer life, never another tenant, never a shorter chain of who acts for whom.

import { type AccessTokenId, type Actor, coversScope, narrowScope, type RunId, type TokenScope } from '#core';
import type { NewToken } from './access-tokens.ts';
import { type AccessClaims, chainOf, MAX_ACT_DEPTH } from './claims.ts';
import { type OAuthFault, oauthFault } from './fault.ts';
import { type OAuthResource, scopeAt } from './place.ts';

export interface ExchangeInput {
  readonly subject: AccessClaims;
  /** Of whoever will act with the new token; null when it is the subject's own client. */
  readonly actor: AccessClaims | null;
  readonly resource: OAuthResource | null;
  /** Null: all that is held. */
  readonly scope: TokenScope | null;
  readonly run: RunId | null;
  readonly step: string | null;
  /** The key the new token is bound to. */
  readonly jkt: string | null;
}

/** A step's name as workflows write it. */
export const STEP_NAME = /^[a-z0-9][a-z0-9._-]{0,63}$/;

export function exchanged({ subject, actor, resource, scope, run, step, jkt }: ExchangeInput): NewToken | OAuthFault {
  if (actor !== null && actor.tenant !== subject.tenant) return oauthFault('invalid_request', 'The two tokens are of different tenants.');
  // Once said, where a token acts stays said.
  if (subject.run !== null && run !== null && run !== subject.run)
    return oauthFault('invalid_request', 'The token belongs to another run.');
  if (subject.step !== null && step !== null && step !== subject.step)
    return oauthFault('invalid_request', 'The token belongs to another step.');
  // Narrower than the gateway as a whole is one integration; nothing is narrower than that.
  const aud = resource?.audience ?? subject.aud;
  const isOutside = [subject, actor ?? subject].some((token) => aud !== token.aud && !aud.startsWith(`${token.aud}/`));
  if (isOutside) return oauthFault('invalid_target', 'The new resource lies outside of that of a token.');
  if (subject.jkt !== null && jkt !== subject.jkt) return oauthFault('invalid_dpop_proof', 'The token is bound to another key.');

  const both = actor === null ? subject.scope : narrowScope(actor.scope, subject.scope);
  const held = resource === null ? both : scopeAt(both, resource);
  if (scope !== null && !coversScope(held, scope))
    return oauthFault('invalid_scope', 'The scope asked for is more than the tokens hold together.');
  const granted = scope === null ? held : narrowScope(held, scope);
  if (granted.length === 0) return oauthFault('invalid_scope', 'Nothing is left of the scope.');

  const act = chain(subject, actor, { run, step });
  const ancestors: readonly AccessTokenId[] = [...subject.anc, subject.jti, ...(actor === null ? [] : [...actor.anc, actor.jti])];
  if (chainOf(act).length > MAX_ACT_DEPTH || ancestors.length > MAX_ACT_DEPTH)
    return oauthFault('invalid_request', 'The chain of who acts for whom is too long.');
  const holder = actor ?? subject;
  return {
    iss: subject.iss,
    aud,
    sub: holder.sub,
    tenant: subject.tenant,
    client_id: holder.client_id,
    scope: granted,
    sid: holder.sid,
    also: [...new Set([...subject.also, ...(actor === null ? [] : [subject.sid, ...actor.also])])],
    anc: ancestors,
    person: subject.person ?? actor?.person ?? null,
    wf: holder.wf,
    wfv: holder.wfv,
    run: run ?? subject.run,
    step: step ?? subject.step,
    act,
    jkt,
    notAfter: Math.min(subject.exp, actor?.exp ?? subject.exp),
  };
}

/** Step, run, the actor, and behind them whoever the subject acted for already. */
function chain(subject: AccessClaims, actor: AccessClaims | null, { run, step }: Pick<ExchangeInput, 'run' | 'step'>): Actor | null {
  let act: Actor | null = subject.act;
  const behind = (sub: string): void => {
    act = act === null ? { sub } : { sub, act };
  };
  if (act === null) behind(subject.person ?? subject.sub);
  if (actor !== null) behind(actor.sub);
  if (run !== null && subject.run === null) behind(run);
  if (step !== null && subject.step === null) behind(`step:${step}`);
  return act;
}
