// Reads a chat completion request: which model, whether it streams, and every text in it that must be screened and tokenised.
// Unknown fields pass through, but no string leaf does so unseen.

import {
  isArray,
  isJsonFault,
  isObject,
  type JsonObject,
  type JsonPath,
  type JsonValue,
  type ModelRequest,
  type PartRole,
  parseStrictJson,
  type Refusal,
  refuse,
  type TextPart,
} from '#core';
import { MAX_CHAT_BODY_BYTES, MAX_JSON_DEPTH } from '../limits.ts';

/** Names and ids of the protocol itself; replacing anything in them would break the request. */
const STRUCTURAL = new Set([
  'role',
  'type',
  'id',
  'tool_call_id',
  'model',
  'object',
  'finish_reason',
  'service_tier',
  'reasoning_effort',
  'tool_choice',
  'verbosity',
  'modalities',
]);
const ROLES: Readonly<Record<string, PartRole>> = {
  system: 'system',
  developer: 'system',
  user: 'user',
  assistant: 'assistant',
  tool: 'tool_result',
  function: 'tool_result',
};
/** Content parts whose words we can read. */
const READABLE_PARTS = new Set(['text', 'refusal']);

export function decodeChat(raw: Uint8Array): ModelRequest | Refusal {
  const body = parseStrictJson(raw, { maxBytes: MAX_CHAT_BODY_BYTES, maxDepth: MAX_JSON_DEPTH });
  if (isJsonFault(body)) return refuse('GATEWAY_BODY_INVALID', 'The request body is not strict JSON.', { fault: body.code, at: body.at });
  if (!isObject(body)) return invalid('body');
  const { model, messages, stream } = body;
  if (typeof model !== 'string' || model === '' || model.length > 200) return invalid('model');
  if (!isArray(messages) || messages.length === 0) return invalid('messages');
  if (stream !== undefined && stream !== null && typeof stream !== 'boolean') return invalid('stream');
  const parts: TextPart[] = [];
  for (const [index, message] of messages.entries()) {
    const fault = readMessage(message as JsonValue, ['messages', index], parts);
    if (fault !== null) return fault;
  }
  for (const [key, value] of Object.entries(body)) {
    if (key !== 'messages' && !STRUCTURAL.has(key))
      collect(value, [key], key === 'tools' || key === 'functions' ? 'tool_schema' : 'other', null, parts);
  }
  return { kind: 'model', integration: '', model, stream: stream === true, raw, body, parts, action: 'chat' };
}

function readMessage(message: JsonValue, path: JsonPath, parts: TextPart[]): Refusal | null {
  if (!isObject(message) || typeof message.role !== 'string') return invalid(path.join('.'));
  const role = ROLES[message.role];
  if (role === undefined) return invalid(`${path.join('.')}.role`);
  const toolCallId = typeof message.tool_call_id === 'string' ? message.tool_call_id : null;
  const unreadable = unreadablePart(message.content);
  if (unreadable !== null) {
    return refuse('ENFORCEMENT_REQUEST_SHAPE', 'The request holds a content part the gateway can not check; send text.', {
      part: unreadable,
    });
  }
  for (const [key, value] of Object.entries(message)) {
    if (STRUCTURAL.has(key)) continue;
    if (key === 'tool_calls') collectToolCalls(value, [...path, key], parts);
    else collect(value, [...path, key], role, toolCallId, parts);
  }
  return null;
}

/** The type of the first content part whose words we can not read (an image, audio, a file), or `null`. */
function unreadablePart(content: JsonValue | undefined): string | null {
  if (!isArray(content)) return null;
  for (const part of content) {
    const type = isObject(part) && typeof part.type === 'string' ? part.type : 'untyped';
    if (!READABLE_PARTS.has(type)) return type.slice(0, 40);
  }
  return null;
}

function collectToolCalls(calls: JsonValue, path: JsonPath, parts: TextPart[]): void {
  for (const [index, call] of (isArray(calls) ? calls : [calls]).entries()) {
    const id = isObject(call) && typeof call.id === 'string' ? call.id : null;
    collect(call, isArray(calls) ? [...path, index] : path, 'tool_arguments', id, parts);
  }
}

/** Every string leaf below `value`, except names and ids of the protocol. Function names are identifiers too. */
function collect(value: JsonValue, path: JsonPath, role: PartRole, toolCallId: string | null, parts: TextPart[]): void {
  if (typeof value === 'string') {
    if (value !== '') parts.push({ path, text: value, role, toolCallId });
  } else if (isArray(value)) {
    for (const [index, item] of value.entries()) collect(item, [...path, index], role, toolCallId, parts);
  } else if (isObject(value)) {
    const inFunction = path[path.length - 1] === 'function';
    for (const [key, item] of Object.entries(value)) {
      if (typeof item === 'string' && (STRUCTURAL.has(key) || (inFunction && key === 'name'))) continue;
      collect(item, [...path, key], role, toolCallId, parts);
    }
  }
}

function invalid(field: string): Refusal {
  return refuse('GATEWAY_REQUEST_INVALID', 'The request lacks a field this route needs or holds one in a form it does not take.', {
    field,
  });
}

/** Tools in function form, for judging the calls a model makes. */
export function declaredTools(body: JsonObject): readonly JsonObject[] {
  const tools = isArray(body.tools) ? body.tools : [];
  const functions = isArray(body.functions) ? body.functions : [];
  return [...tools.map((tool) => (isObject(tool) ? tool.function : null)), ...functions].filter(isObject);
}
