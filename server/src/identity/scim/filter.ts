// Reads SCIM filters and judges resources by them. The grammar is scim2-parse-filter's; texts, depth, case and types are ours, because
// that parser mistakes backslashes, recurses without bound, and compares "Alex" and "alex" as different people.

import { parse } from 'scim2-parse-filter';
import { type Attribute, attributeOf, type ResourceKind, withoutSchema } from './attributes.ts';
import { type ScimFault, scimFault } from './scim-error.ts';
import type { ScimObject, ScimValue } from './values.ts';

type Literal = string | number | boolean | null;
type Compare = 'eq' | 'ne' | 'co' | 'sw' | 'ew' | 'gt' | 'lt' | 'ge' | 'le';

export type Filter =
  | { readonly op: 'and' | 'or'; readonly filters: readonly Filter[] }
  | { readonly op: 'not'; readonly filter: Filter }
  | { readonly op: '[]'; readonly path: readonly Attribute[] | null; readonly filter: Filter }
  | { readonly op: 'pr'; readonly path: readonly Attribute[] | null }
  | { readonly op: Compare; readonly path: readonly Attribute[] | null; readonly value: Literal };

/** Longer than any that identity providers send; theirs name one user or group. */
const MAX_CHARS = 2_000;
const MAX_DEPTH = 16;
const QUOTED = /"(?:[^"\\]|\\.)*"/g;

const fault = (): ScimFault => scimFault(400, 'invalidFilter', 'The filter is not one of RFC 7644, or is too long or too deep.');

/** `within`: the sub-attributes of a multi-valued attribute, for what stands in brackets. */
export function parseFilter(kind: ResourceKind, text: string, within?: Attribute): Filter | ScimFault {
  if (text.length > MAX_CHARS || depthOf(text) > MAX_DEPTH) return fault();
  const literals: string[] = [];
  // Quoted texts are taken out before the parser sees them, and put back after.
  const bare = text.replace(QUOTED, (quoted) => `"${literals.push(unquote(quoted)) - 1}"`);
  try {
    return convert(parse(bare) as Parsed, { literals, of: within?.sub ?? kind.attributes, kind });
  } catch {
    return fault();
  }
}

function depthOf(text: string): number {
  let deepest = 0;
  let depth = 0;
  const bare = text.replace(QUOTED, '');
  for (const char of bare) {
    if (char === '(' || char === '[') deepest = Math.max(deepest, ++depth);
    else if (char === ')' || char === ']') depth -= 1;
  }
  return deepest + (bare.match(/\bnot\b/gi)?.length ?? 0);
}

/** A JSON text; one with a lone backslash, as `DOMAIN\name` is often sent, means that backslash. */
function unquote(quoted: string): string {
  try {
    return JSON.parse(quoted) as string;
  } catch {
    return quoted.slice(1, -1).replaceAll('\\"', '"');
  }
}

interface Parsed {
  readonly op: string;
  readonly attrPath?: string;
  readonly compValue?: Literal;
  readonly filters?: readonly Parsed[];
  readonly filter?: Parsed;
  readonly valFilter?: Parsed;
}
interface Reading {
  readonly literals: readonly string[];
  readonly of: readonly Attribute[];
  readonly kind: ResourceKind;
}

function convert(parsed: Parsed, reading: Reading): Filter {
  const { op } = parsed;
  if (op === 'and' || op === 'or') return { op, filters: (parsed.filters ?? []).map((one) => convert(one, reading)) };
  if (op === 'not') return { op, filter: convert(parsed.filter as Parsed, reading) };
  const path = pathOf(parsed.attrPath ?? '', reading);
  if (op === '[]') {
    const inside = { ...reading, of: path?.[0]?.sub ?? [] };
    return { op, path, filter: convert(parsed.valFilter as Parsed, inside) };
  }
  if (op === 'pr') return { op, path };
  const value = parsed.compValue ?? null;
  const literal = typeof value === 'string' ? (reading.literals[Number(value)] ?? null) : value;
  return { op: op as Compare, path, value: literal };
}

/** Null for an attribute we do not keep: nothing has it. */
function pathOf(text: string, { of, kind }: Reading): readonly Attribute[] | null {
  const plain = withoutSchema(kind, text);
  if (plain === null) return null;
  const path: Attribute[] = [];
  let level = of;
  for (const name of plain.split('.')) {
    const found = attributeOf(level, name);
    if (found === null) return null;
    path.push(found);
    level = found.sub;
  }
  // `emails eq "x"` means the value of an e-mail (RFC 7644 section 3.4.2.2).
  const value = path.at(-1)?.multi === true ? attributeOf(level, 'value') : null;
  return value === null ? path : [...path, value];
}

export function matches(filter: Filter, resource: ScimObject): boolean {
  switch (filter.op) {
    case 'and':
      return filter.filters.every((one) => matches(one, resource));
    case 'or':
      return filter.filters.some((one) => matches(one, resource));
    case 'not':
      return !matches(filter.filter, resource);
    case '[]':
      return filter.path !== null && itemsAt(filter.path, resource).some((item) => matches(filter.filter, item));
    case 'pr':
      return filter.path !== null && valuesAt(filter.path, resource).length > 0;
    case 'ne':
      return !matches({ ...filter, op: 'eq' }, resource);
    default: {
      const { op, path, value } = filter;
      if (path === null) return false;
      const found = valuesAt(path, resource);
      if (value === null) return op === 'eq' && found.length === 0;
      return found.some((one) => compares(op, path.at(-1) as Attribute, one, value));
    }
  }
}

function itemsAt(path: readonly Attribute[], resource: ScimObject): readonly ScimObject[] {
  // The path of a bracket ends in `value` when it names a list; the list itself is meant here.
  const value = resource[path[0]?.name ?? ''];
  return Array.isArray(value) ? (value as readonly ScimObject[]) : [];
}

function valuesAt(path: readonly Attribute[], resource: ScimObject): readonly (string | boolean)[] {
  let found: readonly ScimValue[] = [resource];
  for (const { name } of path) {
    found = found.flatMap((one): readonly ScimValue[] => {
      if (typeof one !== 'object' || Array.isArray(one)) return [];
      const next = (one as ScimObject)[name];
      return Array.isArray(next) ? (next as readonly ScimObject[]) : [next];
    });
  }
  return found.filter((one): one is string | boolean => typeof one === 'string' || typeof one === 'boolean');
}

function compares(op: Exclude<Compare, 'ne'>, attribute: Attribute, found: string | boolean, wanted: Literal): boolean {
  if (typeof found === 'boolean') return op === 'eq' && String(wanted).toLowerCase() === String(found);
  const fold = (text: string): string => (attribute.caseExact ? text : text.toLowerCase());
  const [left, right] = [fold(found.normalize('NFC')), fold(String(wanted).normalize('NFC'))];
  switch (op) {
    case 'eq':
      return left === right;
    case 'co':
      return left.includes(right);
    case 'sw':
      return left.startsWith(right);
    case 'ew':
      return left.endsWith(right);
    case 'gt':
      return left > right;
    case 'lt':
      return left < right;
    case 'ge':
      return left >= right;
    case 'le':
      return left <= right;
    default:
      op satisfies never;
      return false;
  }
}

/** The text that an attribute must equal for the filter to hold, so that one row can be looked up; null when it is not so simple. */
export function mustEqual(filter: Filter, name: string): string | null {
  if (filter.op === 'and') return filter.filters.map((one) => mustEqual(one, name)).find((found) => found !== null) ?? null;
  if (filter.op !== 'eq' || typeof filter.value !== 'string' || filter.path?.length !== 1) return null;
  return filter.path[0]?.name === name ? filter.value : null;
}
