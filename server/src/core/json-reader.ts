// A small strict JSON reader of our own, for two rare needs: texts whose keys hold escapes, which V8's JSON.parse can read
// as other keys (nodejs/node issue 63785, open), and the offset of a key that is refused. Slower than native; bounded by its caller.

import type { JsonValue } from './json.ts';

export type JsonReading =
  | { readonly kind: 'value'; readonly value: JsonValue }
  | { readonly kind: 'syntax' | 'duplicate_key' | 'forbidden_key'; readonly at: number };

const SCALAR = /true|false|null|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?/y;
const NOTHING = Symbol('nothing');

interface Cursor {
  readonly text: string;
  at: number;
  failure: { readonly kind: 'syntax' | 'duplicate_key' | 'forbidden_key'; readonly at: number } | null;
}

function fail(cursor: Cursor, kind: 'syntax' | 'duplicate_key' | 'forbidden_key', at = cursor.at): typeof NOTHING {
  cursor.failure ??= { kind, at };
  return NOTHING;
}

function skipSpace(cursor: Cursor): void {
  for (; cursor.at < cursor.text.length; cursor.at += 1) {
    const unit = cursor.text.charCodeAt(cursor.at);
    if (unit !== 32 && unit !== 10 && unit !== 13 && unit !== 9) return;
  }
}

/** Takes the character if it comes next after white space. */
function take(cursor: Cursor, character: string): boolean {
  skipSpace(cursor);
  if (cursor.text[cursor.at] !== character) return false;
  cursor.at += 1;
  return true;
}

function readString(cursor: Cursor): string | typeof NOTHING {
  const start = cursor.at;
  let at = start + 1;
  while (at < cursor.text.length && cursor.text.charCodeAt(at) !== 34) at += cursor.text.charCodeAt(at) === 92 ? 2 : 1;
  cursor.at = at + 1;
  try {
    // A string on its own is no key, so the native parser may decode it.
    return JSON.parse(cursor.text.slice(start, at + 1)) as string;
  } catch {
    return fail(cursor, 'syntax', start);
  }
}

function readArray(cursor: Cursor): JsonValue | typeof NOTHING {
  const items: JsonValue[] = [];
  cursor.at += 1;
  if (take(cursor, ']')) return items;
  do {
    const item = readValue(cursor);
    if (item === NOTHING) return NOTHING;
    items.push(item);
  } while (take(cursor, ','));
  return take(cursor, ']') ? items : fail(cursor, 'syntax');
}

function readObject(cursor: Cursor): JsonValue | typeof NOTHING {
  const members: Record<string, JsonValue> = {};
  cursor.at += 1;
  if (take(cursor, '}')) return members;
  do {
    skipSpace(cursor);
    const keyAt = cursor.at;
    const key = cursor.text[keyAt] === '"' ? readString(cursor) : fail(cursor, 'syntax');
    if (key === NOTHING || !take(cursor, ':')) return fail(cursor, 'syntax');
    if (key === '__proto__') return fail(cursor, 'forbidden_key', keyAt);
    if (Object.hasOwn(members, key)) return fail(cursor, 'duplicate_key', keyAt);
    const value = readValue(cursor);
    if (value === NOTHING) return NOTHING;
    members[key] = value;
  } while (take(cursor, ','));
  return take(cursor, '}') ? members : fail(cursor, 'syntax');
}

function readValue(cursor: Cursor): JsonValue | typeof NOTHING {
  skipSpace(cursor);
  const first = cursor.text[cursor.at];
  if (first === '"') return readString(cursor);
  if (first === '[') return readArray(cursor);
  if (first === '{') return readObject(cursor);
  SCALAR.lastIndex = cursor.at;
  const scalar = SCALAR.exec(cursor.text)?.[0];
  if (scalar === undefined) return fail(cursor, 'syntax');
  cursor.at += scalar.length;
  return JSON.parse(scalar) as JsonValue;
}

/** Reads a whole text. Depth must be bounded by the caller. */
export function readJson(text: string): JsonReading {
  const cursor: Cursor = { text, at: 0, failure: null };
  const value = readValue(cursor);
  skipSpace(cursor);
  if (value === NOTHING) return cursor.failure ?? { kind: 'syntax', at: cursor.at };
  return cursor.at === text.length ? { kind: 'value', value } : { kind: 'syntax', at: cursor.at };
}
