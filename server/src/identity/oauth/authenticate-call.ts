// Who makes a call over HTTP: an API key as before, or an access token that was issued for this very route and, where it is bound,
// comes with a proof by its key.
// INVARIANT: the proof is used up before anything happens on its strength; an API key costs here what it costs without any of this.

import { type Clock, isRefusal, type PresentedAt, type Principal, type Refusal, refuse } from '#core';
import { identityCodes, refusal } from '../errors.ts';
import type { AccessTokens } from './access-tokens.ts';
import { checkProof, isProofFault } from './dpop.ts';
import type { Replays } from './replays.ts';

export type CallAuthenticator = (
  presented: string | null,
  at: PresentedAt | undefined,
  ofKey: (presented: string | null) => Principal | Refusal,
) => Principal | Refusal | Promise<Principal | Refusal>;

export interface CallAuthenticatorDeps {
  readonly clock: Clock;
  readonly tokens: AccessTokens;
  readonly replays: Replays;
  readonly needsProof: boolean;
}

export function createCallAuthenticator({ clock, tokens, replays, needsProof }: CallAuthenticatorDeps): CallAuthenticator {
  return (presented, at, ofKey) => {
    // Keys begin with `sp_`; a JWS with a JSON header always with `ey`.
    if (presented === null || !presented.startsWith('ey')) {
      const principal = ofKey(presented);
      return at?.scheme === 'dpop' && !isRefusal(principal) ? refusal('IDENTITY_TOKEN_INVALID') : principal;
    }
    const checked = tokens.check(presented);
    if (isRefusal(checked)) return checked;
    const { claims, principal } = checked;
    // A token of our own runtime has an audience that is no address, so it never gets further than this.
    if (at === undefined || !at.accepts(claims.aud)) return refusal('IDENTITY_TOKEN_AUDIENCE');
    if (claims.jkt === null) {
      // RFC 9449 section 7.1: a token without a key is not taken under the scheme that promises one.
      if (at.scheme === 'dpop') return refusal('IDENTITY_TOKEN_INVALID');
      return needsProof ? refusal('IDENTITY_DPOP_MISSING') : principal;
    }
    if (at.scheme !== 'dpop' || at.proof === null) return refusal('IDENTITY_DPOP_MISSING');
    const proof = checkProof(at.proof, { method: at.method, urls: at.urls, token: presented, now: clock.now() });
    if (isProofFault(proof)) return invalidProof(proof);
    if (proof.jkt !== claims.jkt) return invalidProof('key');
    return replays
      .isFirst({ tenant: claims.tenant, digest: proof.digest, rememberUntilMs: proof.rememberUntilMs })
      .then((isFirst) => (isFirst ? principal : refusal('IDENTITY_DPOP_REPLAYED')));
  };
}

function invalidProof(part: string): Refusal {
  return refuse('IDENTITY_DPOP_INVALID', identityCodes.IDENTITY_DPOP_INVALID.sentence, { part });
}
