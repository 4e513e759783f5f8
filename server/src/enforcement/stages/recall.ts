// What became of the same effect before: its result, or why it may not run again. Looked up under the key that makes two requests
// one effect, so that a caller who tries again gets the answer it lost, and no person is asked twice for one effect.

import type { MatchedOperation } from '#connectors';
import { canonicalJson, isEffectful, type JsonValue, type Refusal, refuse } from '#core';
import type { GuardDeps } from '../ports.ts';
import type { EffectRow } from '../store/effects.ts';
import type { Resolved } from '../types.ts';
import { effectKey } from './effect-key.ts';

/** Shops forget idempotency keys, many after a day. Older than this, whether to repeat is a person's decision. */
const REPEATABLE_MS = 12 * 60 * 60 * 1000;

/** For a call that may not run by itself: `new`, or `repeats` when its stored result is all that will be given. */
export async function recall(deps: GuardDeps, call: Resolved, matched: MatchedOperation): Promise<'new' | 'repeats' | Refusal> {
  if (!isEffectful(matched.operation.effect) || call.received.endorsement !== null || !namesItself(call)) return 'new';
  const { tenant } = call.principal;
  const held = await deps.database.inTenant(tenant, (tx) => deps.effects.find(tx, tenant, effectKey(call)));
  if (held === null) return 'new';
  const standing = standingOf(deps, call, matched, held);
  return typeof standing === 'string' ? (standing === 'stored' ? 'repeats' : 'new') : standing;
}

/** What a row says to a call that came to its key: give the stored result, repeat it safely, run it anew, or neither. */
export function standingOf(
  deps: Pick<GuardDeps, 'digest' | 'clock'>,
  call: Resolved,
  matched: MatchedOperation,
  held: EffectRow,
): 'stored' | 'resend' | 'anew' | Refusal {
  if (held.digest !== repeatDigest(deps, call, matched)) {
    return refuse('ENFORCEMENT_IDEMPOTENCY_MISMATCH', 'This idempotency key or tool call id was used for another call; use a new one.');
  }
  if (held.result !== null) return 'stored';
  const isRepeatable = matched.operation.idempotencyHeader !== null && deps.clock.now() - held.createdAtMs < REPEATABLE_MS;
  switch (held.state) {
    case 'sent':
      return refuse('ENFORCEMENT_EFFECT_IN_PROGRESS', 'The same effect is already under way.', { call: held.call });
    case 'unknown':
      if (isRepeatable) return 'resend';
      return refuse('ENFORCEMENT_OUTCOME_UNKNOWN', 'The same effect was sent before and its outcome is unknown; a person must look.', {
        call: held.call,
      });
    case 'failed':
      // Only a person's word leaves no result: it did not happen.
      return 'anew';
    case 'done':
      // The shop said so when it was asked by our key: under the same key it gives the answer that was lost.
      if (isRepeatable && held.toldBy === 'upstream') return 'resend';
      return refuse('ENFORCEMENT_RESULT_LOST', 'The same effect was done before and its answer was lost; it will not run again.', {
        call: held.call,
      });
    default:
      return held.state satisfies never;
  }
}

/** Two calls are the same effect only if customer, integration, operation and arguments are. */
export function repeatDigest(deps: Pick<GuardDeps, 'digest'>, call: Resolved, matched: MatchedOperation): string {
  return deps.digest.sha256(
    canonicalJson({
      customer: call.customer?.id ?? null,
      integration: call.integration.name,
      operation: matched.operation.name,
      arguments: matched.args as JsonValue,
    }),
  );
}

/** A call without a tool call id or a key of its caller is like no other. */
function namesItself(call: Resolved): boolean {
  return (call.binding.tier !== 'plain' && call.binding.toolCallId !== null) || call.received.idempotencyKey !== null;
}
