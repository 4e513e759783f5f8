// Under which name the memory of a run is kept. INVARIANT: a caller who names a run of ours, or of another program, opens nothing of it.

import type { Binding, RunId, WorkloadPrincipal } from '#core';

/** `null` for a caller without a run. What callers elsewhere name is theirs alone: it is kept under their workload. */
export function runMemoryOf(call: { readonly binding: Binding; readonly principal: WorkloadPrincipal }): RunId | null {
  const { binding, principal } = call;
  if (binding.tier === 'plain') return null;
  return binding.tier === 'native' ? binding.run : (`${principal.workload}/${binding.run}` as RunId);
}
