// Reads JSON that we wrote ourselves and kept. Not `JSON.parse`: it may read an escaped key as another key (nodejs/node#63785),
// and our records hold keys that came from outside.

import { isObject, type JsonObject, type JsonValue } from './json.ts';
import { isJsonFault, parseStrictJson } from './strict-json.ts';

/** As large as anything we keep: a connector's reply, and room for its escapes. */
const MAX_BYTES = 64 * 1024 * 1024;

export function parseOwnJson(text: string): JsonValue {
  const value = parseStrictJson(text, { maxBytes: MAX_BYTES, maxDepth: 1_000, maxMembers: 10_000_000 });
  if (isJsonFault(value)) throw new Error(`a record of ours is damaged JSON (${value.code})`);
  return value;
}

/** A record of ours as it was found: null when it is damaged, or was cut or edited into something else. */
export function findOwnRecord(text: string): JsonObject | null {
  try {
    const value = parseOwnJson(text);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}
