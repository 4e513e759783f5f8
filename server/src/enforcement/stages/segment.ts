// Whether the call stays inside the segment of its workflow: what the approved graph names, for calls of our runtime step by step.
// A key of a workflow that was never published here has no graph; its own list of integrations is all there is.

import { isRefusal, operationKey, type Reach, type Refusal, refuse } from '#core';
import type { GuardDeps } from '../ports.ts';
import type { Identified, Labelled } from '../types.ts';
import { removedOperation } from './narrow.ts';

export async function withinSegment(deps: Pick<GuardDeps, 'segments'>, call: Labelled): Promise<Labelled | Refusal> {
  const named = call.matched?.operation.name;
  if (named !== undefined && call.principal.removed?.operations.has(operationKey(call.integration.name, named)) === true) {
    return removedOperation(call.integration.name, named);
  }
  const reach = await reachOf(deps, call);
  if (isRefusal(reach)) return reach;
  if (reach === null) return call;
  const { integration, matched } = call;
  const { request } = call.received;
  const { workflow, step } = call.holder;
  const evidence = { workflow, step, integration: integration.name };
  if (!reach.integrations.has(integration.name)) return outside(evidence);
  if (request.kind === 'model') return reach.models.has(request.model) ? call : outside({ ...evidence, model: request.model });
  const operation = matched?.operation.name ?? '';
  return reach.operations.has(operationKey(integration.name, operation)) ? call : outside({ ...evidence, operation });
}

/** `null` for a workload of the whole tenant, and for a workflow nobody published here. */
async function reachOf({ segments }: Pick<GuardDeps, 'segments'>, call: Identified): Promise<Reach | Refusal | null> {
  const { workflow, version, step } = call.holder;
  if (workflow === null) return call.binding.tier === 'native' ? outside({ workflow, step, integration: call.integration.name }) : null;
  const segment = await segments.of(call.principal.tenant, workflow, version);
  if (segment === null || isRefusal(segment) || step === null) return segment;
  return segment.steps.get(step) ?? outside({ workflow, step, integration: call.integration.name });
}

const outside = (evidence: Readonly<Record<string, string | null>>): Refusal =>
  refuse('ENFORCEMENT_OUTSIDE_SEGMENT', 'The approved version of this workflow does not reach that; nothing was sent.', evidence);
