// Decides, from a workflow and the journal of a run, the one thing that comes next, and the label of everything it is made of. Pure: the
// same journal always gives the same action, which is why a run goes on after a crash exactly where it was.

import { join, TRUSTED_CONSTANT } from '#core';
import type { Action } from './action.ts';
import { agentOf, opening } from './agent-turns.ts';
import { approvalOf } from './approval-step.ts';
import type { CallTarget, Step, WorkflowDefinition } from './definition.ts';
import { labelled, placedAt, wholeLabel } from './value-labels.ts';
import {
  evaluateAll,
  evaluateHere,
  give,
  isOpen,
  joined,
  labelScopeOf,
  leaveOut,
  type Progress,
  scopeOf,
  settle,
  stop,
  type Walk,
  wholeLabels,
} from './walk.ts';

export type { Action } from './action.ts';
export { withUniqueIds } from './agent-turns.ts';
export type { Phase, Progress } from './walk.ts';

export function nextAction(definition: WorkflowDefinition, progress: Progress): Action {
  if (definition.customer !== null && progress.customer === null) {
    const { read } = definition.customer;
    const scope = { input: progress.input, customer: null, steps: {} };
    const args = evaluateAll(read.with, scope, { input: progress.inputLabels, customer: labelled(TRUSTED_CONSTANT), steps: [] });
    if (args.kind === 'fault') return stop('customer');
    const { integration, operation } = read;
    return {
      kind: 'channel',
      integration,
      operation,
      args: args.values,
      argumentLabels: wholeLabels(args.labels),
      context: TRUSTED_CONSTANT,
    };
  }
  return through(startOf(progress), definition.steps) ?? { kind: 'finish' };
}

/** Every value so far with its labels, for whoever explains a run: the walk up to the next action. */
export function walkOf(definition: WorkflowDefinition, progress: Progress): Walk {
  const walk = startOf(progress);
  through(walk, definition.steps);
  return walk;
}

function startOf(progress: Progress): Walk {
  const phases = new Map(progress.journal.map((phase) => [`${phase.step}/${phase.phase}`, phase]));
  return { progress, phases, steps: {}, labels: [], context: TRUSTED_CONSTANT };
}

function through(walk: Walk, steps: readonly Step[]): Action | null {
  for (const step of steps) {
    const action = take(walk, step);
    if (action !== null) return action;
  }
  return null;
}

/** What is left to do in the step, or `null` when it has ended and its value is given. */
function take(walk: Walk, step: Step): Action | null {
  switch (step.kind) {
    case 'call':
      return callOf(walk, step, step.call);
    case 'model':
      return modelOf(walk, step);
    case 'agent':
      return agentOf(walk, step);
    case 'approval':
      return approvalOf(walk, step);
    case 'transform': {
      const made = evaluateHere(walk, step.members);
      if (made.kind === 'fault') return stop(step.id);
      const labels = Object.entries(made.labels).flatMap(([name, entries]) => placedAt(name, entries));
      const told = joined(wholeLabels(made.labels));
      give(walk, step.id, { value: made.values, labels: labels.length === 0 ? labelled(TRUSTED_CONSTANT) : labels, code: null, told });
      return null;
    }
    case 'emit': {
      if (walk.phases.has(`${step.id}/emit`)) return null;
      const made = evaluateHere(walk, step.facts);
      const isPlain =
        made.kind === 'values' && Object.values(made.values).every((fact) => typeof fact === 'number' || typeof fact === 'boolean');
      if (made.kind === 'fault' || !isPlain) return stop(step.id);
      return { kind: 'emit', step: step.id, phase: 'emit', event: step.event, facts: made.values };
    }
    case 'when': {
      const result = step.condition.evaluate(scopeOf(walk));
      if ('fault' in result || typeof result.value !== 'boolean') return stop(step.id);
      const condition = join(walk.context, wholeLabel(step.condition.labels(labelScopeOf(walk))));
      const [taken, left] = result.value ? [step.do, step.else] : [step.else, step.do];
      leaveOut(walk, left, condition);
      return through({ ...walk, context: condition }, taken);
    }
    default:
      return step satisfies never;
  }
}

function callOf(walk: Walk, step: Extract<Step, { kind: 'call' }>, call: CallTarget): Action | null {
  const args = evaluateHere(walk, call.with);
  const phase = walk.phases.get(`${step.id}/call`);
  if (args.kind === 'fault') return stop(step.id);
  const argumentLabels = wholeLabels(args.labels);
  if (!isOpen(phase)) return settle(walk, step, phase, joined(argumentLabels));
  const { integration, operation } = call;
  return {
    kind: 'call',
    step: step.id,
    phase: 'call',
    integration,
    operation,
    args: args.values,
    argumentLabels,
    context: walk.context,
    toolCallId: `${step.id}.call`,
    readsOnly: false,
    approval: phase?.approval ?? null,
  };
}

function modelOf(walk: Walk, step: Extract<Step, { kind: 'model' }>): Action | null {
  const opened = opening(walk, step.prompt);
  if (opened === null) return stop(step.id);
  const phase = walk.phases.get(`${step.id}/answer`);
  if (!isOpen(phase)) return settle(walk, step, phase, TRUSTED_CONSTANT);
  return {
    kind: 'model',
    step: step.id,
    phase: 'answer',
    model: step.prompt.model,
    messages: opened.messages,
    messageLabels: opened.labels,
    context: walk.context,
    tools: [],
    readsOnly: false,
    output: step.output,
    approval: phase?.approval ?? null,
  };
}
