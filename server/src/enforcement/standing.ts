// Ends a call under way when its caller loses the right to make it: a key revoked, a person removed, an integration taken from the workload.
// It listens instead of asking now and then, so a stream ends with the change and not at its next look.
// INVARIANT: an effect that may have left is never given up for this; only its caller learns nothing more.

import { type Received, type Refusal, refuse } from '#core';
import type { GuardDeps } from './ports.ts';
import type { Identified } from './types.ts';

export interface Standing {
  /** The call with a signal that also ends when the caller loses its right. */
  readonly received: Received;
  /** Set once the right is lost. */
  readonly lost: Refusal | null;
  watch(call: Identified): void;
  end(): void;
}

/** What only ran out was right when the call began, and the call ends by itself within its own bounds. */
const RAN_OUT: ReadonlySet<string> = new Set(['IDENTITY_KEY_EXPIRED', 'IDENTITY_TOKEN_EXPIRED']);

export function openStanding(deps: GuardDeps, received: Received): Standing {
  const ending = new AbortController();
  let lost: Refusal | null = null;
  let stop: (() => void) | null = null;

  const end = (): void => {
    stop?.();
    stop = null;
  };
  const look = (call: Identified): void => {
    const cause = causeOf(deps, call);
    if (lost !== null || cause === null) return;
    lost = refuse('ENFORCEMENT_ACCESS_ENDED', 'What let the caller in was taken away while the call was under way; it was ended.', {
      cause,
    });
    end();
    ending.abort();
  };

  return {
    received: { ...received, signal: AbortSignal.any([received.signal, ending.signal]) },
    get lost() {
      return lost;
    },
    watch: (call) => {
      stop = deps.identity.onChange(() => look(call));
      // Between its check and now.
      look(call);
    },
    end,
  };
}

/** The code of what no longer stands, or null. */
function causeOf(deps: GuardDeps, { principal, integration }: Identified): string | null {
  const refusal = deps.identity.recheck(principal);
  if (refusal !== null) return RAN_OUT.has(refusal.code) ? null : refusal.code;
  const reach = deps.identity.reachOf(principal.tenant, principal.workload);
  return reach?.has(integration.name) === true ? null : 'ENFORCEMENT_INTEGRATION_UNKNOWN';
}
