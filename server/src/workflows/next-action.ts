// Decides, from a workflow and the journal of a run, the one thing that comes next. Pure: the same journal always gives the same action,
// which is why a run goes on after a crash exactly where it was.

import { type ApprovalId, isArray, isJsonFault, isObject, type JsonObject, type JsonValue, parseStrictJson } from '#core';
import type { CallTarget, Expressions, OnRefusal, Prompt, Step, Tool, WorkflowDefinition } from './definition.ts';
import type { Scope } from './expressions.ts';
import { fillPrompt } from './parse-definition.ts';

/** What one phase of a step gave, opened. */
export interface Phase {
  readonly step: string;
  readonly phase: string;
  readonly outcome: 'done' | 'refused' | 'waiting';
  readonly code: string | null;
  readonly approval: ApprovalId | null;
  readonly value: JsonValue;
}

export interface Progress {
  readonly input: JsonObject;
  /** `null` until the customer is known, and for good when the workflow names none. */
  readonly customer: { readonly id: string } | null;
  readonly journal: readonly Phase[];
}

interface Place {
  readonly step: string;
  readonly phase: string;
}

export type Action =
  | (Place & {
      readonly kind: 'call';
      readonly integration: string;
      readonly operation: string;
      readonly args: JsonObject;
      /** What makes the effect the same effect when the phase runs again. */
      readonly toolCallId: string;
      /** Waits for this approval. */
      readonly approval: ApprovalId | null;
    })
  | (Place & {
      readonly kind: 'model';
      readonly model: string;
      readonly messages: readonly JsonObject[];
      readonly tools: readonly Tool[];
      readonly output: JsonValue | null;
    })
  | (Place & { readonly kind: 'refuse_tool'; readonly code: string })
  | (Place & { readonly kind: 'emit'; readonly event: string; readonly facts: JsonObject })
  | { readonly kind: 'channel'; readonly integration: string; readonly operation: string; readonly args: JsonObject }
  | { readonly kind: 'stop'; readonly step: string; readonly code: string }
  | { readonly kind: 'finish' };

/** Ids a model may give to its calls; ours hold a dot, so neither can be taken for the other. */
const CALL_ID = /^[A-Za-z0-9_-]{1,64}$/;

export function nextAction(definition: WorkflowDefinition, progress: Progress): Action {
  if (definition.customer !== null && progress.customer === null) {
    const { read } = definition.customer;
    const args = evaluateAll(read.with, { input: progress.input, customer: null, steps: {} });
    if (args.kind === 'fault') return stop('customer');
    return { kind: 'channel', integration: read.integration, operation: read.operation, args: args.values };
  }
  const phases = new Map(progress.journal.map((phase) => [`${phase.step}/${phase.phase}`, phase]));
  return through({ progress, phases, steps: {} }, definition.steps) ?? { kind: 'finish' };
}

interface Walk {
  readonly progress: Progress;
  readonly phases: ReadonlyMap<string, Phase>;
  /** What the steps so far gave, under their ids. */
  readonly steps: Record<string, JsonValue>;
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
    case 'call': {
      const phase = walk.phases.get(`${step.id}/call`);
      return isOpen(phase) ? callOf(walk, step.id, step.call, phase) : settle(walk, step, phase);
    }
    case 'model': {
      const phase = walk.phases.get(`${step.id}/answer`);
      return isOpen(phase) ? modelOf(walk, step) : settle(walk, step, phase);
    }
    case 'agent':
      return agentOf(walk, step);
    case 'transform': {
      const made = evaluateAll(step.members, scopeOf(walk));
      if (made.kind === 'fault') return stop(step.id);
      give(walk, step.id, made.values, null);
      return null;
    }
    case 'emit': {
      if (walk.phases.has(`${step.id}/emit`)) return null;
      const made = evaluateAll(step.facts, scopeOf(walk));
      const isPlain =
        made.kind === 'values' && Object.values(made.values).every((fact) => typeof fact === 'number' || typeof fact === 'boolean');
      if (made.kind === 'fault' || !isPlain) return stop(step.id);
      return { kind: 'emit', step: step.id, phase: 'emit', event: step.event, facts: made.values };
    }
    case 'when': {
      const result = step.condition.evaluate(scopeOf(walk));
      if ('fault' in result || typeof result.value !== 'boolean') return stop(step.id);
      return through(walk, result.value ? step.do : step.else);
    }
    default:
      return step satisfies never;
  }
}

const isOpen = (phase: Phase | undefined): phase is undefined | (Phase & { outcome: 'waiting' }) =>
  phase === undefined || phase.outcome === 'waiting';
const scopeOf = ({ progress, steps }: Walk): Scope => ({ input: progress.input, customer: progress.customer, steps });
const stop = (step: string): Action => ({ kind: 'stop', step, code: 'WORKFLOWS_EXPRESSION_FAULT' });

/** Later steps see `value`, `refused` and `code` of every step before them. */
function give(walk: Walk, step: string, value: JsonValue, code: string | null): void {
  walk.steps[step] = { value, refused: code !== null, code };
}

function settle(walk: Walk, step: { readonly id: string; readonly onRefusal: OnRefusal }, phase: Phase): Action | null {
  if (phase.outcome === 'refused' && step.onRefusal === 'stop')
    return { kind: 'stop', step: step.id, code: phase.code ?? 'WORKFLOWS_UNKNOWN' };
  give(walk, step.id, phase.value, phase.outcome === 'refused' ? (phase.code ?? 'WORKFLOWS_UNKNOWN') : null);
  return null;
}

function callOf(walk: Walk, step: string, call: CallTarget, phase: Phase | undefined): Action {
  const args = evaluateAll(call.with, scopeOf(walk));
  if (args.kind === 'fault') return stop(step);
  const { integration, operation } = call;
  return {
    kind: 'call',
    step,
    phase: 'call',
    integration,
    operation,
    args: args.values,
    toolCallId: `${step}.call`,
    approval: phase?.approval ?? null,
  };
}

function modelOf(walk: Walk, step: Extract<Step, { kind: 'model' }>): Action {
  const messages = opening(walk, step.prompt);
  if (messages === null) return stop(step.id);
  return { kind: 'model', step: step.id, phase: 'answer', model: step.prompt.model, messages, tools: [], output: step.output };
}

/** Instructions as they are, then the prompt with its slots filled: texts as they are, everything else as JSON. */
function opening(walk: Walk, prompt: Prompt): readonly JsonObject[] | null {
  const data = evaluateAll(prompt.data, scopeOf(walk));
  if (data.kind === 'fault') return null;
  const texts = Object.entries(data.values).map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)]);
  return [
    { role: 'system', content: prompt.system },
    { role: 'user', content: fillPrompt(prompt.prompt, Object.fromEntries(texts)) },
  ];
}

/** Turn by turn: the model speaks (`t0`), each call it asks for runs (`t0.c0`, `t0.c1`), and it speaks again, until it asks for none. */
function agentOf(walk: Walk, step: Extract<Step, { kind: 'agent' }>): Action | null {
  const messages = opening(walk, step.prompt);
  if (messages === null) return stop(step.id);
  const said: JsonObject[] = [...messages];
  const done: JsonObject[] = [];
  for (let turn = 0; turn < step.maxTurns; turn += 1) {
    const spoken = walk.phases.get(`${step.id}/t${turn}`);
    if (isOpen(spoken)) {
      return { kind: 'model', step: step.id, phase: `t${turn}`, model: step.prompt.model, messages: said, tools: step.tools, output: null };
    }
    if (spoken.outcome === 'refused') return settle(walk, step, spoken);
    const message = spoken.value as JsonObject;
    const calls = (isArray(message.tool_calls) ? message.tool_calls : []) as readonly JsonObject[];
    const text = typeof message.content === 'string' ? message.content : '';
    if (calls.length === 0) {
      give(walk, step.id, { text, calls: done, ended: 'answered' }, null);
      return null;
    }
    said.push({ role: 'assistant', content: text, tool_calls: calls });
    for (const [nth, call] of calls.entries()) {
      const phase = `t${turn}.c${nth}`;
      const result = walk.phases.get(`${step.id}/${phase}`);
      if (isOpen(result)) return toolCall(step, phase, call, done.length, result);
      done.push({ tool: toolName(call), refused: result.outcome === 'refused', code: result.code });
      const content = result.outcome === 'refused' ? { error: { code: result.code } } : result.value;
      said.push({ role: 'tool', tool_call_id: call.id as string, content: JSON.stringify(content) });
    }
  }
  // A model that still wants tools after its last turn gets no more; what it did stands, and it said nothing.
  give(walk, step.id, { text: '', calls: done, ended: 'turns' }, null);
  return null;
}

function toolName(call: JsonObject): string {
  return isObject(call.function) && typeof call.function.name === 'string' ? call.function.name : '';
}

function toolCall(
  step: Extract<Step, { kind: 'agent' }>,
  phase: string,
  call: JsonObject,
  before: number,
  waiting: Phase | undefined,
): Action {
  const place = { step: step.id, phase };
  const tool = step.tools.find((candidate) => candidate.name === toolName(call));
  if (before >= step.maxCalls) return { kind: 'refuse_tool', ...place, code: 'WORKFLOWS_TOOL_BUDGET_SPENT' };
  const args = isObject(call.function) ? parseArguments(call.function.arguments) : null;
  const isAllowed = tool !== undefined && args !== null && Object.keys(args).every((name) => tool.arguments?.includes(name) ?? true);
  if (!isAllowed) return { kind: 'refuse_tool', ...place, code: 'WORKFLOWS_TOOL_UNKNOWN' };
  const { integration, operation } = tool;
  return { kind: 'call', ...place, integration, operation, args, toolCallId: call.id as string, approval: waiting?.approval ?? null };
}

function parseArguments(text: JsonValue | undefined): JsonObject | null {
  const value = typeof text === 'string' ? parseStrictJson(text) : null;
  return value !== null && !isJsonFault(value) && isObject(value) ? value : null;
}

type Evaluated = { readonly kind: 'values'; readonly values: JsonObject } | { readonly kind: 'fault' };

function evaluateAll(expressions: Expressions, scope: Scope): Evaluated {
  const values: Record<string, JsonValue> = {};
  for (const [name, expression] of Object.entries(expressions)) {
    const result = expression.evaluate(scope);
    if ('fault' in result) return { kind: 'fault' };
    values[name] = result.value;
  }
  return { kind: 'values', values };
}

/**
 * The model's calls under ids that are unique in the run: its own where it can be kept, so that it knows its work again; else one of ours.
 * INVARIANT: an id names one call of one run, because effects are recognised by it.
 */
export function withUniqueIds(
  message: JsonObject,
  place: { readonly step: string; readonly phase: string },
  journal: readonly Phase[],
): JsonObject {
  if (!isArray(message.tool_calls)) return message;
  const taken = new Set(
    journal.flatMap(({ value }) =>
      isObject(value) && isArray(value.tool_calls) ? value.tool_calls.map((call) => (call as JsonObject).id) : [],
    ),
  );
  const calls = (message.tool_calls as readonly JsonObject[]).map((call, nth) => {
    const own =
      typeof call.id === 'string' && CALL_ID.test(call.id) && !taken.has(call.id) ? call.id : `${place.step}.${place.phase}.${nth}`;
    taken.add(own);
    return { ...call, id: own };
  });
  return { ...message, tool_calls: calls };
}
