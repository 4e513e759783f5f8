// Reads what an identity provider sends for an attribute into our form of it. "False" is false; what is not of the type is refused.
// INVARIANT: only names of the table of attributes come out, on objects made here.

import { type Attribute, attributeOf, type ResourceKind, withoutSchema } from './attributes.ts';
import { isScimFault, type ScimFault, scimFault } from './scim-error.ts';

/** A value as we keep it; `undefined` is unassigned. */
export type ScimValue = string | boolean | ScimObject | readonly ScimObject[] | undefined;
export interface ScimObject {
  [name: string]: ScimValue;
}

/** Values of one attribute in one request; a large directory sends its groups in parts. */
export const MAX_VALUES = 5_000;
const CONTROL = /\p{Cc}/u;

const invalid = (attribute: Attribute, why: string): ScimFault => scimFault(400, 'invalidValue', `The attribute ${attribute.name} ${why}.`);

/** null, an empty text and an empty list are all "unassigned" (RFC 7643 section 2.5). */
export function readValue(attribute: Attribute, value: unknown): ScimValue | ScimFault {
  if (value === null || value === undefined) return undefined;
  if (attribute.multi) return readMany(attribute, value);
  switch (attribute.type) {
    case 'complex':
      return readComplex(attribute, value);
    case 'boolean':
      return readBoolean(attribute, value);
    case 'string':
    case 'dateTime':
      return readText(attribute, value);
    default:
      attribute.type satisfies never;
      return invalid(attribute, 'can not be read');
  }
}

function readText(attribute: Attribute, value: unknown): string | undefined | ScimFault {
  if (typeof value !== 'string') return invalid(attribute, 'is not a text');
  const text = value.normalize('NFC').trim();
  if (text === '') return undefined;
  if (text.length > attribute.maxChars) return invalid(attribute, `is longer than ${attribute.maxChars} characters`);
  return CONTROL.test(text) || !text.isWellFormed() ? invalid(attribute, 'holds characters that no text has') : text;
}

/** Entra sends booleans as texts. */
function readBoolean(attribute: Attribute, value: unknown): boolean | ScimFault {
  if (typeof value === 'boolean') return value;
  const text = typeof value === 'string' ? value.trim().toLowerCase() : '';
  return text === 'true' ? true : text === 'false' ? false : invalid(attribute, 'is neither true nor false');
}

export function readComplex(attribute: Attribute, value: unknown): ScimObject | undefined | ScimFault {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return invalid(attribute, 'is not an object');
  const result: ScimObject = {};
  for (const [name, part] of Object.entries(value)) {
    const sub = attributeOf(attribute.sub, name);
    if (sub === null) continue;
    const read = readValue(sub, part);
    if (isScimFault(read)) return read;
    if (read !== undefined) result[sub.name] = read;
  }
  return Object.keys(result).length === 0 ? undefined : result;
}

function readMany(attribute: Attribute, value: unknown): readonly ScimObject[] | undefined | ScimFault {
  const given: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (given.length > MAX_VALUES) return scimFault(413, 'tooMany', `The attribute ${attribute.name} has more than ${MAX_VALUES} values.`);
  const items: ScimObject[] = [];
  for (const one of given) {
    const read = readComplex(attribute, typeof one === 'string' ? { value: one } : one);
    if (isScimFault(read)) return read;
    // A value without a value is nothing: Entra sends `{ "type": "work" }` for what it wants to be empty.
    if (read !== undefined && typeof read.value === 'string') items.push(read);
  }
  const result = united(attribute, [], items);
  return result.length === 0 ? undefined : onePrimary(result);
}

/** What makes two values of one attribute the same one: the value, for addresses without regard to case. */
export function keyOf(attribute: Attribute, item: ScimObject): string {
  const value = String(item.value ?? '');
  const exact = attributeOf(attribute.sub, 'value')?.caseExact === true;
  return exact ? value : value.toLowerCase();
}

/** The list with these added; what has the same value is replaced. One pass, however long both are. */
export function united(attribute: Attribute, list: readonly ScimObject[], added: readonly ScimObject[]): readonly ScimObject[] {
  const byKey = new Map(list.map((item) => [keyOf(attribute, item), item]));
  for (const item of added) {
    const key = keyOf(attribute, item);
    byKey.set(key, { ...byKey.get(key), ...item });
  }
  return [...byKey.values()];
}

/** At most one value is the primary one: the last that says so (RFC 7643 section 2.4). */
export function onePrimary(list: readonly ScimObject[]): readonly ScimObject[] {
  const last = list.findLastIndex((item) => item.primary === true);
  return last < 0 ? list : list.map((item, index) => (item.primary === true && index !== last ? { ...item, primary: false } : item));
}

/** A whole resource as POST and PUT send it. What we do not keep is left out, as RFC 7644 section 3.3 says. */
export function readResource(kind: ResourceKind, body: unknown): ScimObject | ScimFault {
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    return scimFault(400, 'invalidSyntax', 'The body is one JSON object.');
  const result: ScimObject = {};
  for (const [name, value] of Object.entries(body)) {
    const plain = withoutSchema(kind, name);
    const attribute = plain === null ? null : attributeOf(kind.attributes, plain);
    if (attribute === null || attribute.readOnly) continue;
    const read = readValue(attribute, value);
    if (isScimFault(read)) return read;
    if (read !== undefined) result[attribute.name] = read;
  }
  return checkRequired(kind, result);
}

export function checkRequired(kind: ResourceKind, resource: ScimObject): ScimObject | ScimFault {
  const missing = kind.attributes.find((one) => one.required && !one.readOnly && resource[one.name] === undefined);
  return missing === undefined ? resource : scimFault(400, 'invalidValue', `The attribute ${missing.name} is required.`);
}
