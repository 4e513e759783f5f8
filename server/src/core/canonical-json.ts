// One spelling for each JSON value, so that equal values have equal digests: RFC 8785 (JSON Canonicalization Scheme).
// What JSON can not hold is a bug of the caller and throws; nothing is dropped or rounded.

import type { JsonValue } from './json.ts';

/** Deeper values come from a cycle or an attack; parsed input is bounded far below. */
const MAX_DEPTH = 256;

/** Printable ASCII without quote and backslash stands for itself. */
const PLAIN = /^[ !#-[\]-~]*$/;

function canonicalString(text: string): string {
  if (PLAIN.test(text)) return `"${text}"`;
  if (!text.isWellFormed()) throw new TypeError('canonical JSON: a string holds half of a surrogate pair');
  return JSON.stringify(text);
}

/** INVARIANT: keys are ordered by UTF-16 code units (RFC 8785 section 3.2.3), which is what `<` and `sort` without arguments do. */
function sortedKeys(value: object): readonly string[] {
  const keys = Object.keys(value);
  for (let index = 1; index < keys.length; index += 1) {
    if ((keys[index - 1] as string) > (keys[index] as string)) return keys.sort();
  }
  return keys;
}

function canonicalObject(value: object, depth: number): string {
  const prototype = Object.getPrototypeOf(value) as unknown;
  if (prototype !== Object.prototype && prototype !== null) throw new TypeError('canonical JSON: only plain objects and arrays');
  let text = '';
  for (const key of sortedKeys(value)) {
    const member = canonical((value as Readonly<Record<string, unknown>>)[key], depth + 1);
    text += `${text === '' ? '' : ','}${canonicalString(key)}:${member}`;
  }
  return `{${text}}`;
}

function canonicalArray(items: readonly unknown[], depth: number): string {
  let text = '';
  for (let index = 0; index < items.length; index += 1) text += `${index === 0 ? '' : ','}${canonical(items[index], depth + 1)}`;
  return `[${text}]`;
}

function canonical(value: unknown, depth: number): string {
  if (depth > MAX_DEPTH) throw new TypeError('canonical JSON: nested too deep');
  switch (typeof value) {
    case 'string':
      return canonicalString(value);
    case 'boolean':
      return value ? 'true' : 'false';
    case 'number':
      if (!Number.isFinite(value)) throw new TypeError('canonical JSON: a number is not finite');
      return JSON.stringify(value);
    case 'object':
      if (value === null) return 'null';
      return Array.isArray(value) ? canonicalArray(value, depth) : canonicalObject(value, depth);
    default:
      throw new TypeError(`canonical JSON: a value of type ${typeof value}`);
  }
}

/** The canonical text of the value. Throws TypeError on bigint, undefined, non-finite numbers, class instances and lone surrogates. */
export function canonicalJson(value: JsonValue): string {
  return canonical(value, 0);
}
