// Checks a value against a small subset of JSON Schema (2020-12): type, enum, const, properties, required, additionalProperties,
// items, prefixItems, sizes, bounds, anyOf, oneOf, allOf and local $ref. Unknown keywords are ignored, `pattern` among them:
// a pattern comes from outside and could stall the process. Work is bounded; what can not be finished is a fault.

import { isObject, type JsonObject, type JsonValue } from '#core';

export interface SchemaLimits {
  readonly maxDepth: number;
  /** Schema nodes looked at, over all branches. */
  readonly maxSteps: number;
}

export const SCHEMA_LIMITS: SchemaLimits = Object.freeze({ maxDepth: 64, maxSteps: 50_000 });

export interface SchemaFault {
  readonly kind: 'schema_fault';
  /** Declared property names and indexes; an undeclared name is never repeated. */
  readonly path: readonly (string | number)[];
  /** The keyword that does not hold, `limit` when the check could not be finished, `schema` when the schema makes no sense. */
  readonly keyword: string;
}

type Path = readonly (string | number)[];

interface Check {
  readonly root: JsonValue;
  readonly limits: SchemaLimits;
  steps: number;
  depth: number;
}

/** Nested checks; far below what the stack holds. */
const MAX_NESTED = 500;

function fault(path: Path, keyword: string): SchemaFault {
  return { kind: 'schema_fault', path, keyword };
}

function own(object: JsonObject, key: string): JsonValue | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

function hasType(value: JsonValue, type: JsonValue): boolean {
  switch (type) {
    case 'null':
      return value === null;
    case 'array':
      return Array.isArray(value);
    case 'object':
      return isObject(value);
    case 'integer':
      return Number.isInteger(value);
    default:
      return (type === 'string' || type === 'number' || type === 'boolean') && typeof value === type;
  }
}

function checkType(schema: JsonObject, value: JsonValue): boolean {
  const type = own(schema, 'type');
  if (type === undefined || (value === null && own(schema, 'nullable') === true)) return true;
  return Array.isArray(type) ? type.some((one) => hasType(value, one)) : hasType(value, type);
}

function same(left: JsonValue, right: JsonValue, depth = 0): boolean {
  if (left === right) return true;
  if (depth > SCHEMA_LIMITS.maxDepth) return false;
  if (Array.isArray(left) && Array.isArray(right)) {
    return left.length === right.length && left.every((item, index) => same(item, right[index] as JsonValue, depth + 1));
  }
  if (!isObject(left) || !isObject(right)) return false;
  const keys = Object.keys(left);
  return (
    keys.length === Object.keys(right).length &&
    keys.every((key) => Object.hasOwn(right, key) && same(left[key] as JsonValue, right[key] as JsonValue, depth + 1))
  );
}

function checkValue(schema: JsonObject, value: JsonValue): string | null {
  if (!checkType(schema, value)) return 'type';
  const allowed = own(schema, 'enum');
  if (Array.isArray(allowed) && !allowed.some((one) => same(one, value))) return 'enum';
  const constant = own(schema, 'const');
  if (constant !== undefined && !same(constant, value)) return 'const';
  return null;
}

const BOUNDS: readonly (readonly [keyword: string, holds: (size: number, bound: number) => boolean])[] = [
  ['minimum', (size, bound) => size >= bound],
  ['maximum', (size, bound) => size <= bound],
  ['exclusiveMinimum', (size, bound) => size > bound],
  ['exclusiveMaximum', (size, bound) => size < bound],
];

function checkRange(schema: JsonObject, size: number, least: string, most: string): string | null {
  const minimum = own(schema, least);
  const maximum = own(schema, most);
  if (typeof minimum === 'number' && size < minimum) return least;
  return typeof maximum === 'number' && size > maximum ? most : null;
}

function checkScalar(schema: JsonObject, value: JsonValue): string | null {
  if (typeof value === 'string') return checkRange(schema, value.length, 'minLength', 'maxLength');
  if (typeof value !== 'number') return null;
  for (const [keyword, holds] of BOUNDS) {
    const bound = own(schema, keyword);
    if (typeof bound === 'number' && !holds(value, bound)) return keyword;
  }
  return null;
}

function checkArray(check: Check, schema: JsonObject, value: readonly JsonValue[], path: Path): SchemaFault | null {
  const size = checkRange(schema, value.length, 'minItems', 'maxItems');
  if (size !== null) return fault(path, size);
  const first = own(schema, 'prefixItems');
  const prefix = Array.isArray(first) ? first : [];
  const items = own(schema, 'items');
  for (const [index, item] of value.entries()) {
    const itemSchema = prefix[index] ?? (Array.isArray(items) ? items[index] : items);
    if (itemSchema === undefined) continue;
    const found = checkNode(check, itemSchema, item, [...path, index]);
    if (found !== null) return found;
  }
  return null;
}

function checkObject(check: Check, schema: JsonObject, value: JsonObject, path: Path): SchemaFault | null {
  const keys = Object.keys(value);
  const size = checkRange(schema, keys.length, 'minProperties', 'maxProperties');
  if (size !== null) return fault(path, size);
  const required = own(schema, 'required');
  if (Array.isArray(required)) {
    for (const name of required) if (typeof name === 'string' && !Object.hasOwn(value, name)) return fault([...path, name], 'required');
  }
  const declared = own(schema, 'properties');
  const properties: JsonObject = isObject(declared) ? declared : {};
  const additional = own(schema, 'additionalProperties');
  for (const key of keys) {
    const property = own(properties, key);
    const found =
      property !== undefined
        ? checkNode(check, property, value[key] as JsonValue, [...path, key])
        : additional === undefined
          ? null
          : checkNode(check, additional, value[key] as JsonValue, [...path, '*']);
    if (found !== null) return additional === false && property === undefined ? fault(path, 'additionalProperties') : found;
  }
  return null;
}

/** Local references only: `#`, `#/$defs/name`, `#/definitions/name` and deeper. */
function resolve(check: Check, reference: string): JsonValue | undefined {
  if (reference !== '#' && !reference.startsWith('#/')) return undefined;
  let node: JsonValue | undefined = check.root;
  for (const part of reference.split('/').slice(1)) {
    const name = part.replaceAll('~1', '/').replaceAll('~0', '~');
    node = isObject(node) ? own(node, name) : Array.isArray(node) ? (node as readonly JsonValue[])[Number(name)] : undefined;
  }
  return node;
}

function checkBranches(check: Check, schema: JsonObject, value: JsonValue, path: Path): SchemaFault | null {
  const all = own(schema, 'allOf');
  for (const branch of Array.isArray(all) ? all : []) {
    const found = checkNode(check, branch, value, path);
    if (found !== null) return found;
  }
  for (const keyword of ['anyOf', 'oneOf'] as const) {
    const branches = own(schema, keyword);
    if (!Array.isArray(branches)) continue;
    let holding = 0;
    for (const branch of branches) {
      const found = checkNode(check, branch, value, path);
      if (found?.keyword === 'limit') return found;
      if (found === null) holding += 1;
      if (keyword === 'anyOf' && holding > 0) break;
    }
    if (keyword === 'anyOf' ? holding === 0 : holding !== 1) return fault(path, keyword);
  }
  return null;
}

function checkNode(check: Check, schema: JsonValue, value: JsonValue, path: Path): SchemaFault | null {
  check.steps += 1;
  if (check.steps > check.limits.maxSteps || path.length > check.limits.maxDepth || check.depth > MAX_NESTED) return fault(path, 'limit');
  check.depth += 1;
  const found = checkKeywords(check, schema, value, path);
  check.depth -= 1;
  return found;
}

function checkKeywords(check: Check, schema: JsonValue, value: JsonValue, path: Path): SchemaFault | null {
  if (schema === true) return null;
  if (!isObject(schema)) return fault(path, schema === false ? 'false' : 'schema');
  const reference = own(schema, '$ref');
  if (typeof reference === 'string') {
    const target = resolve(check, reference);
    // A reference that leads nowhere declares nothing that could be checked: refused.
    const found = target === undefined ? fault(path, '$ref') : checkNode(check, target, value, path);
    if (found !== null) return found;
  }
  const keyword = checkValue(schema, value) ?? checkScalar(schema, value);
  if (keyword !== null) return fault(path, keyword);
  const inside = Array.isArray(value)
    ? checkArray(check, schema, value, path)
    : isObject(value)
      ? checkObject(check, schema, value, path)
      : null;
  return inside ?? checkBranches(check, schema, value, path);
}

/** The first thing in `value` that the schema does not allow, or null. Never throws. */
export function validateSchema(schema: JsonValue, value: JsonValue, limits: Partial<SchemaLimits> = {}): SchemaFault | null {
  return checkNode({ root: schema, limits: { ...SCHEMA_LIMITS, ...limits }, steps: 0, depth: 0 }, schema, value, []);
}
