// Where the words of a conversation's row stand: every text and long number with its place and part, for tokenising and for giving back.
// Reads any row that is an object; the protocol's own words, names and ids stay out. INVARIANT: no other text is passed over.

import { isArray, isObject, type JsonObject, type JsonPath, type JsonValue, type PartRole } from '#core';

export interface RowLeaf {
  readonly path: JsonPath;
  readonly value: string | number;
  readonly role: PartRole;
}

/** Where the protocols have a word, a name or an id of their own; replacing it would break the conversation. */
const WORDS: ReadonlySet<string> = new Set([
  'role',
  'type',
  'model',
  'object',
  'finish_reason',
  'stop_reason',
  'tool_choice',
  'lang',
  'language',
  'media_type',
  'cache_control',
]);
const IDS: ReadonlySet<string> = new Set(['id', 'tool_call_id', 'tool_use_id', 'call_id', 'response_id']);
/** Letters alone hold no address, number or key. */
const WORD = /^[A-Za-z_-]{1,64}$/;
const IDENTIFIER = /^[\w.:|-]{1,200}$/;
/** What holds JSON schemas: long numbers in it are bounds, not phones. */
const SCHEMAS: ReadonlySet<string> = new Set(['tools', 'functions', 'response_format']);
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
/** Members of a row that this program writes beside the conversation. */
export const OWN_MEMBERS: ReadonlySet<string> = new Set(['tokens', 'written', 'irreversible']);

/** The part that what stands under a key belongs to, when the key says so. */
function roleUnder(key: string, holder: JsonObject, role: PartRole): PartRole {
  if (SCHEMAS.has(key) || key === 'input_schema' || key === 'parameters') return 'tool_schema';
  if (key === 'system') return 'system';
  if (role === 'tool_schema') return role;
  if (key === 'tool_calls' || key === 'function_call' || key === 'arguments') return 'tool_arguments';
  if (key === 'input' && holder.type === 'tool_use') return 'tool_arguments';
  if (key === 'content' && holder.type === 'tool_result') return 'tool_result';
  if (key === 'content' && typeof holder.role === 'string' && Object.hasOwn(ROLES, holder.role)) return ROLES[holder.role] as PartRole;
  return role;
}

function isStructural(key: string, value: JsonValue, holder: JsonObject, parentKey: string): boolean {
  if (typeof value !== 'string') return false;
  if (WORDS.has(key)) return WORD.test(value);
  if (IDS.has(key)) return IDENTIFIER.test(value);
  // The name of a function, declared or called; elsewhere a name is a person's.
  const isFunction = parentKey === 'function' || parentKey === 'function_call' || holder.type === 'tool_use' || 'input_schema' in holder;
  return key === 'name' && isFunction && IDENTIFIER.test(value);
}

/** Every text and long number of a row, in order of the row. The row's own id is what finds it again, so it stays. */
export function* rowLeaves(row: JsonObject): Generator<RowLeaf> {
  for (const [key, value] of Object.entries(row)) {
    if (key === 'id' || OWN_MEMBERS.has(key) || isStructural(key, value, row, '')) continue;
    yield* below(value, [key], roleUnder(key, row, 'other'), key);
  }
}

function* below(value: JsonValue, path: JsonPath, role: PartRole, key: string): Generator<RowLeaf> {
  if (typeof value === 'string') {
    if (value !== '') yield { path, value, role };
  } else if (typeof value === 'number') {
    if (role !== 'tool_schema' && Math.abs(value) >= LONG_NUMBER) yield { path, value, role };
  } else if (isArray(value)) {
    for (const [index, item] of value.entries()) yield* below(item, [...path, index], role, key);
  } else if (isObject(value)) {
    for (const [member, item] of Object.entries(value)) {
      if (!isStructural(member, item, value, key)) yield* below(item, [...path, member], roleUnder(member, value, role), member);
    }
  }
}

/** The keys of a row's objects, which no placeholder can stand for. */
export function* rowKeys(value: JsonValue): Generator<string> {
  if (isArray(value)) for (const item of value) yield* rowKeys(item);
  else if (isObject(value))
    for (const [key, item] of Object.entries(value)) {
      yield key;
      yield* rowKeys(item);
    }
}

/** RFC 6901. */
export function pointer(path: JsonPath): string {
  return path.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

/** A copy with some leaves replaced, by the pointer of each; nothing else changes. */
export function withLeaves(value: JsonValue, leaves: ReadonlyMap<string, JsonValue>, path: JsonPath = []): JsonValue {
  const replaced = leaves.get(pointer(path));
  if (replaced !== undefined && typeof value !== 'object') return replaced;
  if (isArray(value)) return value.map((item, index) => withLeaves(item, leaves, [...path, index]));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withLeaves(item, leaves, [...path, key])]));
}
