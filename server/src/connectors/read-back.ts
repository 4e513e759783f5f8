// Asks an upstream afterwards whether a request with our idempotency key was done: which read to make, and what its answer says.
// Pure. INVARIANT: only an answer that speaks for itself decides; anything else leaves the question open.

import type { JsonValue, Manifest, ReadBack } from '#core';
import { searchPath } from './field-path.ts';
import type { MatchedOperation } from './match-operation.ts';

export interface ReadBackPlan {
  readonly read: MatchedOperation;
  readonly readBack: ReadBack;
}

/** The read that asks about an operation's effect, or `null` when the manifest says no way to ask. */
export function planReadBack(manifest: Manifest, operation: string, key: string): ReadBackPlan | null {
  const readBack = manifest.operations.find((each) => each.name === operation)?.readBack;
  const look = manifest.operations.find((each) => each.name === readBack?.operation);
  if (readBack === undefined || look === undefined || look.needsReview) return null;
  return { read: { operation: look, args: { [readBack.argument]: key } }, readBack };
}

/**
 * What a reply says: `done`, `not_done`, or `open` when it does not say. `body` is `undefined` for a reply without JSON.
 * @param ageS seconds since the last attempt was over: what was sent a moment ago may not be seen yet.
 */
export function judgeReadBack(
  { found, absentAfterS }: ReadBack,
  reply: { readonly status: number; readonly body: JsonValue | undefined },
  ageS: number,
): 'done' | 'not_done' | 'open' {
  const absent = absentAfterS !== null && ageS >= absentAfterS ? 'not_done' : 'open';
  if (reply.status === 404) return absent;
  if (reply.status !== 200 || reply.body === undefined) return 'open';
  if (found === null) return 'done';
  return searchPath(reply.body, found).found.some(({ value }) => value !== null && value !== false) ? 'done' : absent;
}
