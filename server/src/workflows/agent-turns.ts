// A model with tools, turn by turn: it speaks (`t0`), each call it asks for runs (`t0.c0`, `t0.c1`), and it speaks again, until it asks
// for none. Everything it was told is in everything it says, so its words carry the join of it all.

import {
  isArray,
  isJsonFault,
  isObject,
  type JsonObject,
  type JsonValue,
  join,
  joinAll,
  type Label,
  parseStrictJson,
  TRUSTED_CONSTANT,
} from '#core';
import type { Action } from './action.ts';
import type { Prompt, Step } from './definition.ts';
import { MAX_CALLS } from './definition-schema.ts';
import { fillPrompt } from './parse-definition.ts';
import { labelled, wholeLabel } from './value-labels.ts';
import { evaluateHere, give, isOpen, joined, type Phase, settle, stop, type Walk, wholeLabels } from './walk.ts';

type AgentStep = Extract<Step, { kind: 'agent' }>;

/** Ids a model may give to its calls; ours hold a dot, so neither can be taken for the other. */
const CALL_ID = /^[A-Za-z0-9_-]{1,64}$/;

export interface Conversation {
  readonly messages: readonly JsonObject[];
  /** One label a message. */
  readonly labels: readonly Label[];
}

/** Instructions as they are, then the prompt with its slots filled: texts as they are, everything else as JSON. */
export function opening(walk: Walk, prompt: Prompt): Conversation | null {
  const data = evaluateHere(walk, prompt.data);
  if (data.kind === 'fault') return null;
  const texts = Object.entries(data.values).map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)]);
  return {
    messages: [
      { role: 'system', content: prompt.system },
      { role: 'user', content: fillPrompt(prompt.prompt, Object.fromEntries(texts)) },
    ],
    labels: [TRUSTED_CONSTANT, joined(wholeLabels(data.labels))],
  };
}

export function agentOf(walk: Walk, step: AgentStep): Action | null {
  const opened = opening(walk, step.prompt);
  if (opened === null) return stop(step.id);
  const said: JsonObject[] = [...opened.messages];
  const labels: Label[] = [...opened.labels];
  const done: JsonObject[] = [];
  const end = (text: string, ended: 'answered' | 'turns'): null => {
    const told = joinAll(labels);
    give(walk, step.id, { value: { text, calls: done, ended }, labels: labelled(told), code: null, told });
    return null;
  };
  for (let turn = 0; turn < step.maxTurns; turn += 1) {
    const spoken = walk.phases.get(`${step.id}/t${turn}`);
    if (isOpen(spoken)) {
      const { model } = step.prompt;
      const heard = { messages: said, messageLabels: labels, context: walk.context };
      return {
        kind: 'model',
        step: step.id,
        phase: `t${turn}`,
        model,
        ...heard,
        tools: step.tools,
        readsOnly: step.decides,
        output: null,
        approval: spoken?.approval ?? null,
      };
    }
    if (spoken.outcome === 'refused') return settle(walk, step, spoken, joinAll(labels));
    labels.push(wholeLabel(spoken.labels));
    const message = spoken.value as JsonObject;
    const calls = (isArray(message.tool_calls) ? message.tool_calls : []) as readonly JsonObject[];
    const text = typeof message.content === 'string' ? message.content : '';
    if (calls.length === 0) return end(text, 'answered');
    said.push({ role: 'assistant', content: text, tool_calls: calls });
    for (const [nth, call] of calls.entries()) {
      const phase = `t${turn}.c${nth}`;
      const result = walk.phases.get(`${step.id}/${phase}`);
      if (isOpen(result)) return toolCall(walk, step, { phase, call, before: done.length, spoken, waiting: result });
      done.push({ tool: toolName(call), refused: result.outcome === 'refused', code: result.code });
      const content = result.outcome === 'refused' ? { error: { code: result.code } } : result.value;
      said.push({ role: 'tool', tool_call_id: call.id as string, content: JSON.stringify(content) });
      labels.push(join(wholeLabel(result.labels), wholeLabel(spoken.labels)));
    }
  }
  // A model that still wants tools after its last turn gets no more; what it did stands, and it said nothing.
  return end('', 'turns');
}

function toolName(call: JsonObject): string {
  return isObject(call.function) && typeof call.function.name === 'string' ? call.function.name : '';
}

interface Wanted {
  readonly phase: string;
  readonly call: JsonObject;
  readonly before: number;
  readonly spoken: Phase;
  readonly waiting: Phase | undefined;
}

function toolCall(walk: Walk, step: AgentStep, { phase, call, before, spoken, waiting }: Wanted): Action {
  const label = join(wholeLabel(spoken.labels), walk.context);
  const place = { step: step.id, phase };
  const tool = step.tools.find((candidate) => candidate.name === toolName(call));
  if (before >= step.maxCalls) return { kind: 'refuse_tool', ...place, code: 'WORKFLOWS_TOOL_BUDGET_SPENT', label };
  const args = isObject(call.function) ? parseArguments(call.function.arguments) : null;
  const isAllowed = tool !== undefined && args !== null && Object.keys(args).every((name) => tool.arguments?.includes(name) ?? true);
  if (!isAllowed) return { kind: 'refuse_tool', ...place, code: 'WORKFLOWS_TOOL_UNKNOWN', label };
  const { integration, operation } = tool;
  const argumentLabels = Object.fromEntries(Object.keys(args).map((name) => [name, label]));
  // The model also chose to make the call at all.
  const heard = { args, argumentLabels, context: label, toolCallId: call.id as string, readsOnly: step.decides };
  return { kind: 'call', ...place, integration, operation, ...heard, approval: waiting?.approval ?? null };
}

function parseArguments(text: JsonValue | undefined): JsonObject | null {
  const value = typeof text === 'string' ? parseStrictJson(text) : null;
  return value !== null && !isJsonFault(value) && isObject(value) ? value : null;
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
      isObject(value) && isArray(value.tool_calls) ? value.tool_calls.filter(isObject).map((call) => call.id) : [],
    ),
  );
  // Each call is a move of its own: a message without end must not make a run without end.
  const calls = (message.tool_calls as readonly JsonObject[]).slice(0, MAX_CALLS).map((call, nth) => {
    const own =
      typeof call.id === 'string' && CALL_ID.test(call.id) && !taken.has(call.id) ? call.id : `${place.step}.${place.phase}.${nth}`;
    taken.add(own);
    return { ...call, id: own };
  });
  return { ...message, tool_calls: calls };
}
