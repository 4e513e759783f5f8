// One leaf of a body in place of another; nothing else of it changes.

import { isArray, type JsonObject, type JsonPath, type JsonValue } from '#core';

/** A copy of `value` with the leaf at `path` replaced; everything off the path is shared. */
export function replaceAt(value: JsonValue, path: JsonPath, leaf: JsonValue): JsonValue {
  const [step, ...rest] = path;
  if (step === undefined) return leaf;
  if (isArray(value)) return value.map((item, index) => (index === step ? replaceAt(item, rest, leaf) : item));
  const object = value as JsonObject;
  return { ...object, [step]: replaceAt(object[step] as JsonValue, rest, leaf) };
}
