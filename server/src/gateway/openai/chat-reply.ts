// A whole chat completion: finds its words and tool calls, passes them through the guard's hooks, and changes only what changed.

import { isArray, isJsonFault, isObject, isRefusal, type JsonObject, type JsonValue, parseStrictJson, type Refusal, refuse } from '#core';
import type { OutputHooks, ToolCall } from '#enforcement';
import { MAX_JSON_DEPTH } from '../limits.ts';
import { isKey, screenOtherFields, wholeText, without } from './other-fields.ts';
import { spells } from './token-texts.ts';

/** Token texts stay only beside words that left as they came and that they spell; else they would show what was taken out, or hold words of their own. */
export function withTokens(logprobs: JsonValue | undefined, words: JsonObject, isUnchanged: boolean): { readonly logprobs?: JsonValue } {
  if (logprobs === undefined) return {};
  return { logprobs: isUnchanged && spells(logprobs, words) ? logprobs : null };
}

/** Fields that name a thing of the protocol, as long as they look like a name. */
const NAMES = new Set(['role', 'id', 'type', 'name', 'object']);
const NAME = /^[\w.:-]{1,64}$/;

/** Providers add fields of their own; whatever is a text may be shown to a person and is screened like the content. */
export function isWords(field: string, value: JsonValue | undefined): value is string {
  return typeof value === 'string' && value !== '' && !(NAMES.has(field) && NAME.test(value));
}

/** A structure we do not know may hold words anywhere in it, also cut across events; it is left out. Empty ones say nothing. So is what stands under a key that is words. */
export function isOpaque(field: string, value: JsonValue | undefined): boolean {
  if (!isKey(field)) return true;
  return typeof value === 'object' && value !== null && field !== 'tool_calls' && Object.keys(value).length > 0;
}

export function transformWhole(raw: Uint8Array, hooks: OutputHooks): Uint8Array | Refusal {
  const body = parseStrictJson(raw, { maxDepth: MAX_JSON_DEPTH });
  if (isJsonFault(body) || !isObject(body) || !isArray(body.choices)) return badShape();
  readUsage(body, hooks);
  const head = screenOtherFields(body, hooks, 'reply');
  if (isRefusal(head)) return head;
  const choices: JsonValue[] = [];
  let changed = head !== body;
  for (const choice of body.choices) {
    if (!isObject(choice) || !isObject(choice.message)) return badShape();
    const message = transformMessage(choice.message, hooks);
    if (isRefusal(message)) return message;
    const around = screenOtherFields(choice, hooks, 'whole');
    if (isRefusal(around)) return around;
    const left = { ...around, message, ...withTokens(choice.logprobs, message, message === choice.message) };
    const isSame = message === choice.message && around === choice && left.logprobs === choice.logprobs;
    changed ||= !isSame;
    choices.push(isSame ? around : left);
  }
  return changed ? Buffer.from(JSON.stringify({ ...head, choices })) : raw;
}

function transformMessage(message: JsonObject, hooks: OutputHooks): JsonObject | Refusal {
  if (holdsUnreadable(message)) return badShape();
  let result = message;
  for (const field of Object.keys(message)) {
    const value = message[field];
    if (isOpaque(field, value)) {
      result = without(result, field);
      continue;
    }
    if (!isWords(field, value)) continue;
    const released = wholeText(value, hooks);
    if (isRefusal(released)) return released;
    if (released !== value) result = { ...result, [field]: released };
  }
  if (message.tool_calls === undefined || message.tool_calls === null) return result;
  const calls = readToolCalls(message.tool_calls);
  if (calls === null) return badShape();
  const wire = message.tool_calls as readonly JsonObject[];
  const released = hooks.toolCalls(calls);
  if (isRefusal(released)) return released;
  const same = released.every((call, index) => call === calls[index]);
  return same ? result : { ...result, tool_calls: released.map((call, index) => writeToolCall(call, wire[index])) };
}

/** What a message may hold that nobody here can check and that may not be left out either: content in parts, the legacy call, speech. */
export function holdsUnreadable(message: JsonObject): boolean {
  const { content, refusal, function_call: legacy, audio } = message;
  return (
    [content, refusal].some((words) => typeof words === 'object' && words !== null) || (legacy ?? null) !== null || (audio ?? null) !== null
  );
}

function readToolCalls(value: JsonValue): readonly ToolCall[] | null {
  if (!isArray(value)) return null;
  const calls: ToolCall[] = [];
  for (const call of value) {
    if (!isObject(call) || typeof call.id !== 'string' || !isObject(call.function)) return null;
    const { name, arguments: text } = call.function;
    if (typeof name !== 'string' || typeof text !== 'string') return null;
    calls.push({ id: call.id, name, arguments: text });
  }
  return calls;
}

/** Fields of providers' own, such as signatures that must come back with the result, stay beside what we judged. */
export function writeToolCall(call: ToolCall, wire: JsonObject = {}): JsonObject {
  const own = isObject(wire.function) ? wire.function : {};
  return { ...wire, id: call.id, type: 'function', function: { ...own, name: call.name, arguments: call.arguments } };
}

export function readUsage(body: JsonObject, hooks: OutputHooks): void {
  const { usage } = body;
  if (!isObject(usage)) return;
  const count = (value: JsonValue | undefined): number =>
    typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : 0;
  hooks.usage({ inputTokens: count(usage.prompt_tokens), outputTokens: count(usage.completion_tokens) });
}

export function badShape(): Refusal {
  return refuse('GATEWAY_UPSTREAM_SHAPE', 'The model answered in a form the gateway can not check; the reply is withheld.');
}
