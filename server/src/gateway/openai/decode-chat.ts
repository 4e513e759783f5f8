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
  type ProtocolSpot,
  parseStrictJson,
  type Refusal,
  refuse,
  type TextPart,
} from '#core';
import { detect } from '#dlp';
import { MAX_CHAT_BODY_BYTES, MAX_JSON_DEPTH } from '../limits.ts';

/** Where the protocol itself has a word, a name or an id; replacing it would break the request. */
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
/** A word of a protocol: letters alone hold no address, number or key. What else stands there is text like any other. */
const WORD = /^[A-Za-z_-]{1,64}$/;
/** Words a protocol has of its own: whatever somebody is called, these are no name. Another one is looked at like a name of a function. */
const OWN_WORDS: ReadonlySet<string> = new Set(
  `function text refusal json_schema json_object object string number integer array boolean null custom grammar chat
  auto none required allowed_tools default flex priority scale standard_only minimal low medium high xhigh concise detailed
  system developer user assistant tool stop length tool_calls content_filter function_call`.split(/\s+/),
);
/** Ids as programs make them. */
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** Names of functions and ids of tool calls as clients make them. */
const IDENTIFIER = /^[\w.:|-]{1,200}$/;
/** A key that needs no look: digits do not begin it and nothing in it separates words. */
const PLAIN_KEY = /^[A-Za-z_$][\w$.-]{0,99}$/;
/** Most characters of keys that need a look: they are looked at before anybody knows who asks. */
const MAX_KEY_CHARS = 32_768;
/** Numbers of the protocol itself at the top of a request; any other may be a phone or a card. */
const LENGTHS: ReadonlySet<string> = new Set(['max_tokens', 'max_completion_tokens']);
/** No model writes that much, and no phone number is that short. */
const MAX_LENGTH = 1_000_000;
/** Fewest digits of a number that can be a phone or a card. */
const LONG_NUMBER = 1_000_000;
const ROLES: Readonly<Record<string, PartRole>> = {
  system: 'system',
  developer: 'system',
  user: 'user',
  assistant: 'assistant',
  tool: 'tool_result',
  function: 'tool_result',
};
/** Fields that hold JSON schemas: their long numbers are bounds, not phones; but what is no bound may be a card. */
const SCHEMAS = new Set(['tools', 'functions', 'response_format']);
const BOUND = /^(?:minimum|maximum|exclusive(?:Min|Max)imum|multipleOf|(?:min|max)(?:Length|Items|Properties|Contains))$/;
const CARD_NUMBER = 100_000_000_000;
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
  const found: Found = { parts: [], keys: [], spots: [] };
  for (const [index, message] of messages.entries()) {
    const fault = readMessage(message as JsonValue, ['messages', index], found);
    if (fault !== null) return fault;
  }
  for (const [key, value] of Object.entries(body)) {
    if (LENGTHS.has(key) && typeof value === 'number') {
      if (!Number.isInteger(value) || value < 0 || value > MAX_LENGTH) return invalid(key);
    } else if (key === 'seed' && typeof value === 'number') {
      if (Math.abs(value) >= LONG_NUMBER) found.spots.push({ kind: 'number', path: [key], text: String(value) });
    } else if (key !== 'messages' && key !== 'model' && !isWord(key, value, [key], found))
      collect(value, [key], { role: SCHEMAS.has(key) ? 'tool_schema' : 'other', toolCallId: null }, found);
  }
  found.keys.push(...Object.keys(body).filter((key) => !PLAIN_KEY.test(key)));
  if (found.keys.reduce((sum, key) => sum + key.length, 0) > MAX_KEY_CHARS) {
    return refuse('ENFORCEMENT_REQUEST_SHAPE', 'The keys of objects hold more text than the gateway checks; put it into values.', {
      part: 'key',
    });
  }
  if (found.keys.some((key) => detect(key).some((span) => span.personal))) {
    return refuse('ENFORCEMENT_REQUEST_SHAPE', 'A key of an object is itself personal data; put it into a value.', { part: 'key' });
  }
  return {
    kind: 'model',
    integration: '',
    model,
    stream: stream === true,
    raw,
    body,
    parts: found.parts,
    spots: found.spots,
    action: 'chat',
  };
}

interface Found {
  readonly parts: TextPart[];
  /** Keys that are more than plain names. */
  readonly keys: string[];
  readonly spots: ProtocolSpot[];
}

type Place = Pick<TextPart, 'role' | 'toolCallId'>;

/** A word of the protocol, noted where it is none of those it has for sure. Below `metadata` the caller's own records stand. */
function isWord(key: string, value: JsonValue, path: JsonPath, { spots }: Found): boolean {
  if (!STRUCTURAL.has(key) || typeof value !== 'string' || !WORD.test(value) || path[0] === 'metadata') return false;
  if (!OWN_WORDS.has(value)) spots.push({ kind: IDS.has(key) ? 'id' : 'name', path, text: value });
  return true;
}

const IDS: ReadonlySet<string> = new Set(['id', 'tool_call_id']);

/** A name or an id in the form of one, noted as such. */
function isIdentifier(value: JsonValue, kind: 'id' | 'name', path: JsonPath, { spots }: Found): boolean {
  if (typeof value !== 'string' || !IDENTIFIER.test(value)) return false;
  if (!UUID.test(value)) spots.push({ kind, path, text: value });
  return true;
}

function readMessage(message: JsonValue, path: JsonPath, found: Found): Refusal | null {
  if (!isObject(message) || typeof message.role !== 'string') return invalid(path.join('.'));
  if (isObject(message.content)) return invalid(`${path.join('.')}.content`);
  const role = Object.hasOwn(ROLES, message.role) ? ROLES[message.role] : undefined;
  if (role === undefined) return invalid(`${path.join('.')}.role`);
  const toolCallId = typeof message.tool_call_id === 'string' ? message.tool_call_id : null;
  const unreadable = unreadablePart(message.content);
  if (unreadable !== null) {
    return refuse('ENFORCEMENT_REQUEST_SHAPE', 'The request holds a content part the gateway can not check; send text.', {
      part: unreadable,
    });
  }
  for (const [key, value] of Object.entries(message)) {
    if (key === 'role' || isWord(key, value, [...path, key], found)) continue;
    if (IDS.has(key) && isIdentifier(value, 'id', [...path, key], found)) continue;
    if (key === 'tool_calls') collectToolCalls(value, [...path, key], found);
    else collect(value, [...path, key], { role, toolCallId }, found);
  }
  found.keys.push(...Object.keys(message).filter((key) => !PLAIN_KEY.test(key)));
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

function collectToolCalls(calls: JsonValue, path: JsonPath, found: Found): void {
  for (const [index, call] of (isArray(calls) ? calls : [calls]).entries()) {
    const id = isObject(call) && typeof call.id === 'string' ? call.id : null;
    const place: Place = { role: 'tool_arguments', toolCallId: id };
    const at = isArray(calls) ? [...path, index] : path;
    collect(call, at, place, found, id !== null && isIdentifier(id, 'id', [...at, 'id'], found) ? 'id' : null);
  }
}

/** Every string and long number below `value`, except words and names of the protocol and the one key left out. */
function collect(value: JsonValue, path: JsonPath, place: Place, found: Found, leftOut: string | null = null): void {
  if (typeof value === 'string') {
    if (value !== '') found.parts.push({ path, text: value, ...place });
  } else if (typeof value === 'number') {
    const isBound = place.role === 'tool_schema' && BOUND.test(String(path[path.length - 1]));
    if (!isBound && Math.abs(value) >= (place.role === 'tool_schema' ? CARD_NUMBER : LONG_NUMBER))
      found.parts.push({ path, text: String(value), ...place });
  } else if (isArray(value)) {
    for (const [index, item] of value.entries()) collect(item, [...path, index], place, found);
  } else if (isObject(value)) {
    const inFunction = path[path.length - 1] === 'function';
    for (const [key, item] of Object.entries(value)) {
      if (!PLAIN_KEY.test(key)) found.keys.push(key);
      if (key === leftOut || isWord(key, item, [...path, key], found)) continue;
      if (inFunction && key === 'name' && isIdentifier(item, 'name', [...path, key], found)) continue;
      collect(item, [...path, key], place, found);
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
