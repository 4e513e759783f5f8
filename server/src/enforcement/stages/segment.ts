// Whether the call stays inside the segment of its workflow: what the approved graph names, for calls of our runtime step by step.
// A key of a workflow that was never published here has no graph; its own list of integrations is all there is.

import { isRefusal, operationKey, type Reach, type Refusal, refuse } from '#core';
import type { GuardDeps } from '../ports.ts';
import type { Identified, Labelled } from '../types.ts';
import { removedOperation } from './narrow.ts';

/** Before anything of the request is looked at: the integration, and the model. */
export async function enterSegment(deps: Pick<GuardDeps, 'segments'>, call: Identified): Promise<Identified | Refusal> {
  const reach = await reachOf(deps, call);
  if (isRefusal(reach)) return reach;
  if (reach === null) return call;
  const { integration } = call;
  const { request } = call.received;
  if (!reach.integrations.has(integration.name)) return outside(call, {});
  if (request.kind === 'model' && !reach.models.has(request.model)) return outside(call, { model: request.model });
  return { ...call, reach };
}

/** Once it is known which operation it is. */
export function withinSegment(call: Labelled): Labelled | Refusal {
  if (call.matched === null) return call;
  const { integration, principal, reach } = call;
  const { name } = call.matched.operation;
  const key = operationKey(integration.name, name);
  if (principal.removed?.operations.has(key) === true) return removedOperation(integration.name, name);
  return reach === null || reach.operations.has(key) ? call : outside(call, { operation: name });
}

/** `null` for a workload of the whole tenant, and for a workflow nobody published here. */
async function reachOf({ segments }: Pick<GuardDeps, 'segments'>, call: Identified): Promise<Reach | Refusal | null> {
  const { workflow, version, step } = call.holder;
  if (workflow === null) return call.binding.tier === 'native' ? outside(call, {}) : null;
  const segment = await segments.of(call.principal.tenant, workflow, version);
  if (segment === null || isRefusal(segment) || step === null) return segment;
  return segment.steps.get(step) ?? outside(call, {});
}

function outside({ holder, integration }: Identified, named: Readonly<Record<string, string>>): Refusal {
  const evidence = { workflow: holder.workflow, step: holder.step, integration: integration.name, ...named };
  return refuse('ENFORCEMENT_OUTSIDE_SEGMENT', 'The approved version of this workflow does not reach that; nothing was sent.', evidence);
}
