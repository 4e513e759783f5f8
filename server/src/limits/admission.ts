// Admission by key: requests per second and model tokens per minute. In memory and per process: it keeps load off, it does not keep money.

import { type Clock, type Principal, type Refusal, refuse } from '#core';
import { createBucketMap } from './token-bucket.ts';

export interface AdmissionConfig {
  readonly requestsPerMinute: number;
  readonly tokensPerMinute: number;
}

export interface AdmissionCost {
  /** 0 for anything but a model call. */
  readonly tokensEstimate: number;
  readonly model?: string;
}

export interface Admission {
  admit(principal: Principal, cost: AdmissionCost): Refusal | null;
  /** Replaces the estimate of an admitted call by what it really used. */
  correct(principal: Principal, cost: { readonly tokensEstimate: number; readonly tokensActual: number }): void;
}

/** A burst may take this many seconds' worth of requests at once. */
const REQUEST_BURST_SECONDS = 10;

function keyOf(principal: Principal): string {
  return principal.kind === 'workload' ? principal.key : principal.session;
}

export function createAdmission(clock: Clock, config: AdmissionConfig): Admission {
  const perSecond = config.requestsPerMinute / 60;
  const requests = createBucketMap({ capacity: Math.max(1, perSecond * REQUEST_BURST_SECONDS), refillPerSecond: perSecond });
  const tokens = createBucketMap({ capacity: config.tokensPerMinute, refillPerSecond: config.tokensPerMinute / 60 });

  return {
    admit(principal, { tokensEstimate }) {
      const key = keyOf(principal);
      const nowMs = clock.now();
      const tokensWaitMs = tokensEstimate === 0 ? 0 : tokens.waitMs(key, tokensEstimate, nowMs);
      if (tokensWaitMs === Number.POSITIVE_INFINITY) {
        return refuse('LIMITS_REQUEST_TOO_LARGE', 'This request alone is larger than what its key may use in a minute; send less.', {
          tokensEstimate,
          tokensPerMinute: config.tokensPerMinute,
        });
      }
      const requestsWaitMs = requests.waitMs(key, 1, nowMs);
      if (requestsWaitMs > 0) {
        return refuse('LIMITS_RATE_EXCEEDED', 'This key made too many requests; wait and go on.', {
          retryAfterMs: Math.max(requestsWaitMs, tokensWaitMs),
          requestsPerMinute: config.requestsPerMinute,
        });
      }
      if (tokensWaitMs > 0) {
        return refuse('LIMITS_TOKENS_EXCEEDED', 'This key used too many model tokens; wait and go on.', {
          retryAfterMs: tokensWaitMs,
          tokensPerMinute: config.tokensPerMinute,
        });
      }
      // Only now, when everything fits: a refused call costs nothing.
      requests.take(key, 1, nowMs);
      if (tokensEstimate > 0) tokens.take(key, tokensEstimate, nowMs);
      return null;
    },
    correct(principal, { tokensEstimate, tokensActual }) {
      if (tokensActual !== tokensEstimate) tokens.take(keyOf(principal), tokensActual - tokensEstimate, clock.now());
    },
  };
}
