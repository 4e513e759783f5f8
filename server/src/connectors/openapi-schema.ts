// Reads what a draft needs of an OpenAPI 3 (or Swagger 2) document: operations, parameters, and the fields of bodies and replies.
// The document is a stranger's: references are followed within it only, so deep and no deeper, and nothing of it is executed or fetched.

import { isArray, isObject, type JsonObject, type JsonValue } from '#core';

export interface SchemaField {
  readonly path: string;
  readonly type: string;
  readonly required: boolean;
}

const MAX_REFERENCES = 32;
const MAX_DEPTH = 8;
const MAX_FIELDS = 400;
/** Schemas looked at for one body or reply: a document whose parts name each other could ask for any number. */
const MAX_STEPS = 10_000;
const MAX_PARTS = 100;
const NAME = /^[A-Za-z0-9_@$-]{1,64}$/;

export function isOpenApi(value: JsonValue): value is JsonObject {
  return isObject(value) && (typeof value.openapi === 'string' || typeof value.swagger === 'string') && isObject(value.paths);
}

/** The object itself, or what its `$ref` leads to within the document; null where that leads nowhere. */
export function resolve(document: JsonObject, value: JsonValue | undefined): JsonObject | null {
  let here: JsonValue | undefined = value;
  for (let count = 0; count < MAX_REFERENCES; count += 1) {
    if (!isObject(here)) return null;
    if (typeof here.$ref !== 'string') return here;
    if (!here.$ref.startsWith('#/')) return null;
    let found: JsonValue | undefined = document;
    for (const part of here.$ref.slice(2).split('/')) {
      const key = part.replaceAll('~1', '/').replaceAll('~0', '~');
      found = isObject(found) && Object.hasOwn(found, key) ? found[key] : undefined;
    }
    here = found;
  }
  return null;
}

const list = (value: JsonValue | undefined): readonly JsonValue[] => (isArray(value) ? value : []);

function typeOf(schema: JsonObject): string {
  const named = isArray(schema.type) ? schema.type.find((type) => type !== 'null') : schema.type;
  if (typeof named === 'string') return named;
  return isObject(schema.properties) ? 'object' : schema.items === undefined ? 'string' : 'array';
}

/** The parts a schema is made of: itself, all of `allOf`, and the first of `oneOf` or `anyOf` that says something. */
function partsOf(document: JsonObject, schema: JsonObject, depth: number): readonly JsonObject[] {
  if (depth > MAX_DEPTH) return [schema];
  const first = [...list(schema.oneOf), ...list(schema.anyOf)]
    .slice(0, MAX_PARTS)
    .map((part) => resolve(document, part))
    .find((part) => part !== null && part.type !== 'null');
  const all = list(schema.allOf)
    .slice(0, MAX_PARTS)
    .map((part) => resolve(document, part));
  const found = [schema];
  for (const part of [...all, first ?? null]) {
    if (part === null || found.length >= MAX_PARTS || found.includes(part)) continue;
    for (const inner of partsOf(document, part, depth + 1)) if (found.length < MAX_PARTS && !found.includes(inner)) found.push(inner);
  }
  return found;
}

/** Leaves of a schema, in the form of manifests' paths. `cut`: some lie deeper, or there are more. */
export function fieldsOf(document: JsonObject, schema: JsonValue | undefined): { fields: readonly SchemaField[]; cut: number } {
  const fields = new Map<string, SchemaField>();
  let cut = 0;
  let steps = 0;
  const add = (path: string, type: string, required: boolean): void => {
    if (fields.size >= MAX_FIELDS) cut += 1;
    else if (path !== '' && !fields.has(path)) fields.set(path, { path, type, required });
  };
  const walk = (value: JsonValue | undefined, path: string, required: boolean, open: readonly JsonObject[]): void => {
    steps += 1;
    const found = steps > MAX_STEPS ? null : resolve(document, value);
    if (steps > MAX_STEPS) cut += 1;
    if (found === null || open.includes(found) || open.length >= MAX_DEPTH || fields.size >= MAX_FIELDS) {
      cut += found === null ? 0 : 1;
      return;
    }
    const parts = partsOf(document, found, 0);
    const type = typeOf(parts.find((part) => part.type !== undefined) ?? found);
    const items = parts.find((part) => part.items !== undefined)?.items;
    if (type === 'array' && items !== undefined) {
      walk(items, `${path}[]`, required, [...open, found]);
      return;
    }
    const members = parts.flatMap((part) => (isObject(part.properties) ? Object.entries(part.properties) : []));
    if (members.length === 0) add(path, type, required);
    const needed = new Set(parts.flatMap((part) => list(part.required)));
    for (const [name, member] of members) {
      if (NAME.test(name) && name !== '__proto__') walk(member, path === '' ? name : `${path}.${name}`, needed.has(name), [...open, found]);
      else cut += 1;
    }
  };
  walk(schema, '', true, []);
  return { fields: [...fields.values()], cut };
}
