// Whether one received value is what its argument declares: type, form, size, and an identifier that has only one reading.
// Returns the value to send on; never converts a value into a different one (the caller's reading and ours must be the same).

import { type ArgumentSpec, isObject, type JsonValue, type Refusal, refuse } from '#core';

/** Bounds of lists and objects inside one argument, beside its byte limit. */
const MAX_DEPTH = 8;
const MAX_MEMBERS = 200;

// Control, format (zero-width, bidi, tags), surrogate, private-use and unassigned characters, and line separators: an identifier that
// holds one looks like another one to people and is trimmed or folded by some servers.
const UNSAFE_IN_IDENTIFIER = /\p{C}|\p{Zl}|\p{Zp}/u;
// Roles whose value decides where something goes, how much and when. A selector that names no object is a search text.
const STRICT_ROLES: ReadonlySet<string> = new Set<ArgumentSpec['role']>(['target', 'amount', 'when']);
const LONE_SURROGATE = /\p{Cs}/u;
const PLAIN_NUMBER = /^-?(?:0|[1-9]\d{0,15})(?:\.\d{1,12})?$/;
const PLAIN_INTEGER = /^-?(?:0|[1-9]\d{0,15})$/;

/** A text from the path or the query, read as the declared type; null when it is not written in that type's one plain form. */
export function readText(argument: ArgumentSpec, text: string): JsonValue | null {
  switch (argument.type) {
    case 'string':
      return text;
    case 'integer':
    case 'number': {
      const value = (argument.type === 'integer' ? PLAIN_INTEGER : PLAIN_NUMBER).test(text) ? Number(text) : Number.NaN;
      return String(value) === text && text !== '-0' ? value : null;
    }
    case 'boolean':
      return text === 'true' ? true : text === 'false' ? false : null;
    case 'array':
    case 'object':
      return null;
    default:
      return argument.type satisfies never;
  }
}

export function checkArgument(argument: ArgumentSpec, value: JsonValue): Refusal | null {
  if (!hasType(argument, value)) return wrong(argument, `must be of type ${argument.type}`);
  if (!fitsBounds(value, MAX_DEPTH, { left: MAX_MEMBERS })) return tooLarge(argument);
  if (byteLength(value) > argument.maxBytes) return tooLarge(argument);
  if (argument.enumValues !== null && !argument.enumValues.includes(value as string))
    return wrong(argument, 'is not one of the allowed values');
  if (argument.entity !== null && !namesObjects(value)) return wrong(argument, 'must hold plain identifiers');
  const strict = argument.entity !== null || argument.slot === 'path' || STRICT_ROLES.has(argument.role);
  const safe = everyString(value, (text) => isCleanText(text, { identifier: strict, normal: argument.entity !== null }));
  return safe ? null : wrong(argument, 'holds characters that can not be read in one way');
}

function wrong(argument: ArgumentSpec, what: string): Refusal {
  return refuse('CONNECTORS_ARGUMENT_INVALID', `The argument ${argument.name} ${what}.`, { argument: argument.name });
}

function tooLarge(argument: ArgumentSpec): Refusal {
  return refuse('CONNECTORS_ARGUMENT_TOO_LARGE', `The argument ${argument.name} is larger than the manifest allows.`, {
    argument: argument.name,
    maxBytes: argument.maxBytes,
  });
}

function hasType(argument: ArgumentSpec, value: JsonValue): boolean {
  switch (argument.type) {
    case 'string':
      return typeof value === 'string';
    case 'boolean':
      return typeof value === 'boolean';
    case 'number':
      return typeof value === 'number' && Number.isFinite(value) && !Object.is(value, -0);
    case 'integer':
      return typeof value === 'number' && Number.isSafeInteger(value) && !Object.is(value, -0);
    case 'array':
      return Array.isArray(value);
    case 'object':
      return isObject(value);
    default:
      return argument.type satisfies never;
  }
}

function fitsBounds(value: JsonValue, depth: number, members: { left: number }): boolean {
  if (typeof value !== 'object' || value === null) return typeof value !== 'number' || Number.isFinite(value);
  if (depth === 0) return false;
  const items = Array.isArray(value) ? value : Object.values(value);
  members.left -= items.length;
  return members.left >= 0 && items.every((item) => fitsBounds(item, depth - 1, members));
}

const encoder = new TextEncoder();

function byteLength(value: JsonValue): number {
  return encoder.encode(typeof value === 'string' ? value : JSON.stringify(value)).byteLength;
}

/** An identifier, or a flat list of them. */
function namesObjects(value: JsonValue): boolean {
  const isName = (item: JsonValue): boolean => (typeof item === 'string' ? item !== '' : Number.isSafeInteger(item));
  return Array.isArray(value) ? value.every(isName) : isName(value);
}

function everyString(value: JsonValue, holds: (text: string) => boolean): boolean {
  if (typeof value === 'string') return holds(value);
  if (typeof value !== 'object' || value === null) return true;
  if (Array.isArray(value)) return value.every((item) => everyString(item, holds));
  return Object.entries(value).every(([key, item]) => key !== '__proto__' && holds(key) && everyString(item, holds));
}

/** `normal`: it names an object, so a full-width or composed twin of another name is refused too. */
function isCleanText(text: string, form: { identifier: boolean; normal: boolean }): boolean {
  if (!form.identifier) return !LONE_SURROGATE.test(text) && !text.includes('\0');
  return !UNSAFE_IN_IDENTIFIER.test(text) && text.trim() === text && (!form.normal || text.normalize('NFKC') === text);
}
