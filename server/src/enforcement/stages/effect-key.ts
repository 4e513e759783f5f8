// Names an effect, so that the same one asked for twice happens once.

import type { Identified } from '../types.ts';

/**
 * What makes two requests the same effect: a tool call of a workload's run, the caller's own key, an approval, or else only this call.
 * The caller's names come before an approval: asked for twice and approved twice, it is still one effect.
 */
export function effectKey(call: Identified): string {
  const { received, binding, principal } = call;
  if (binding.tier !== 'plain' && binding.toolCallId !== null) return `run:${principal.workload}:${binding.run}:${binding.toolCallId}`;
  if (received.idempotencyKey !== null) return `key:${principal.workload}:${received.idempotencyKey}`;
  if (received.endorsement !== null) return `approval:${received.endorsement.approval}`;
  return `call:${received.call}`;
}
