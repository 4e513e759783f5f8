// What an approved version may reach, from its graph: each step reaches what it names, and the workflow the union of its steps.
// INVARIANT: what `uses` declares and no step names is not reached. Pure.

import { operationKey, type Reach, type Segment, type StepReach } from '#core';
import type { Step, WorkflowDefinition } from './definition.ts';

/** The read that names the customer is made before the first step; no step can have this id. */
export const CUSTOMER_STEP = '(customer)';

export function segmentOf(definition: WorkflowDefinition, version: string): Segment {
  const steps = new Map<string, StepReach>();
  const { customer } = definition;
  if (customer !== null) steps.set(CUSTOMER_STEP, reachOf('call', [customer.read], null, definition));
  for (const step of flatten(definition.steps)) steps.set(step.id, stepReach(step, definition));
  const { dataUse } = definition;
  const uses = dataUse.length === 0 ? {} : { dataUse };
  const each = new Map([...steps].map(([id, step]) => [id, Object.freeze({ ...step, ...uses })]));
  return Object.freeze({ workflow: definition.name, version, steps: each, ...uses, ...union([...steps.values()]) });
}

function stepReach(step: Step, definition: WorkflowDefinition): StepReach {
  switch (step.kind) {
    case 'call':
      return reachOf(step.kind, [step.call], null, definition);
    case 'model':
      return reachOf(step.kind, [], step.prompt.model, definition);
    case 'agent':
      return reachOf(step.kind, step.tools, step.prompt.model, definition);
    case 'transform':
    case 'emit':
    case 'approval':
    case 'when':
      return reachOf(step.kind, [], null, definition);
    default:
      return step satisfies never;
  }
}

function reachOf(
  kind: string,
  calls: readonly { readonly integration: string; readonly operation: string }[],
  model: string | null,
  { models }: WorkflowDefinition,
): StepReach {
  const provider = model === null ? undefined : models.get(model);
  return Object.freeze({
    kind,
    integrations: new Set([...calls.map((call) => call.integration), ...(provider === undefined ? [] : [provider])]),
    operations: new Set(calls.map((call) => operationKey(call.integration, call.operation))),
    models: new Set(model === null ? [] : [model]),
  });
}

/** Steps inside branches stand beside the others: a step's id is its own in the whole workflow. */
function flatten(steps: readonly Step[]): readonly Step[] {
  return steps.flatMap((step) => (step.kind === 'when' ? [step, ...flatten(step.do), ...flatten(step.else)] : [step]));
}

function union(reaches: readonly Reach[]): Reach {
  return {
    integrations: new Set(reaches.flatMap((reach) => [...reach.integrations])),
    operations: new Set(reaches.flatMap((reach) => [...reach.operations])),
    models: new Set(reaches.flatMap((reach) => [...reach.models])),
  };
}
