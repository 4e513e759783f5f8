// Drafts a manifest from an OpenAPI document, for a person to review. Everything in it is a guess from names and says so.
// INVARIANT: every drafted operation has `needsReview: true`, so the gateway refuses it until somebody has read it; nothing is trusted.

import {
  classOfName,
  type DataClass,
  type FieldMap,
  isArray,
  isObject,
  type JsonObject,
  type JsonValue,
  pathsInReply,
  recordOfPath,
} from '#core';
import { fieldsOf, resolve, type SchemaField } from './openapi-schema.ts';
import { parseTemplate } from './path-template.ts';

export interface DraftField {
  readonly path: string;
  /** null with `said`: about nobody; null without: nothing is known, so it stays at the worst label. */
  readonly dataClass: DataClass | null;
  /** `map shopify customer`, `key email`; null: nothing spoke for it. */
  readonly said: string | null;
}

export interface DraftArgument {
  readonly name: string;
  readonly in: 'path' | 'query' | 'body';
  readonly at: string;
  readonly type: string;
  readonly required: boolean;
  readonly role: 'selector' | 'target' | 'content';
}

export interface DraftOperation {
  readonly name: string;
  readonly effect: 'read' | 'write' | 'delete' | 'send' | 'money' | 'admin';
  readonly why: string;
  readonly method: string;
  readonly path: string;
  readonly arguments: readonly DraftArgument[];
  readonly fields: readonly DraftField[];
  readonly leftOut: number;
}

export interface ManifestDraft {
  readonly name: string;
  readonly title: string;
  readonly operations: readonly DraftOperation[];
  /** Operations that the form of manifests has no place for, and why. */
  readonly skipped: readonly { readonly operation: string; readonly why: string }[];
}

const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;
const MAX_OPERATIONS = 400;
const MAX_ARGUMENTS = 64;
const MONEY = /refund|payment|payout|charge|transfer|capture|invoice|credit|withdraw|gift_?card/i;
const SEND = /message|mail|sms|notif|reply|replies|comment|send|invite|webhook/i;
const PROSE = /body|text|message|note|comment|content|subject|description|reason/i;

export function draftManifest(document: JsonObject, map: FieldMap | null): ManifestDraft {
  const operations: DraftOperation[] = [];
  const skipped: { operation: string; why: string }[] = [];
  const names = new Set<string>();
  const shapes = new Set<string>();
  const paths = isObject(document.paths) ? document.paths : {};
  for (const [path, item] of Object.entries(paths)) {
    for (const method of METHODS) {
      const operation = isObject(item) ? resolve(document, item[method]) : null;
      if (operation === null) continue;
      const label = `${method.toUpperCase()} ${path}`;
      const at = path.replace(/\/$/, '') || '/';
      const shape = `${method} ${at.replace(/\{[^}]*\}/g, '{}')}`;
      const why =
        operations.length >= MAX_OPERATIONS
          ? `a manifest holds ${MAX_OPERATIONS} operations`
          : parseTemplate(at) === null || at.length > 300
            ? 'its path has a part that is neither plain text nor one {argument}'
            : shapes.has(shape)
              ? 'another operation has the same method and path'
              : null;
      shapes.add(shape);
      if (why !== null) skipped.push({ operation: label, why });
      else operations.push(draftOperation(document, { method, path: at, item: item as JsonObject, operation, names, map }));
    }
  }
  const info = isObject(document.info) ? document.info : {};
  const title = typeof info.title === 'string' ? info.title.slice(0, 200) : 'An API';
  return { name: plainName(title, 'api'), title, operations, skipped };
}

/** A name that the form of manifests allows, made of whatever the document calls it. */
function plainName(text: string, otherwise: string): string {
  const plain = text
    .normalize('NFD')
    .replace(/[^A-Za-z0-9_.-]+/g, '-')
    .replace(/^[^A-Za-z]+|-+$/g, '')
    .slice(0, 60);
  return plain === '' ? otherwise : plain;
}

interface Source {
  readonly method: (typeof METHODS)[number];
  readonly path: string;
  readonly item: JsonObject;
  readonly operation: JsonObject;
  readonly names: Set<string>;
  readonly map: FieldMap | null;
}

function draftOperation(document: JsonObject, source: Source): DraftOperation {
  const { method, path, operation, names } = source;
  const given = typeof operation.operationId === 'string' ? operation.operationId : `${method}${path.replace(/[{}]/g, '')}`;
  let name = plainName(given, 'operation');
  for (let count = 2; names.has(name); count += 1) name = `${plainName(given, 'operation').slice(0, 56)}-${count}`;
  names.add(name);
  const { fields, cut } = fieldsOf(document, replySchema(document, operation));
  const drafted = fields.map((field) => draftField(field, path, source.map));
  const [effect, why] = effectOf(method, `${given} ${path}`, drafted);
  const args = draftArguments(document, source, effect);
  return {
    name,
    effect,
    why,
    method: method.toUpperCase(),
    path,
    arguments: args.arguments,
    fields: drafted,
    leftOut: cut + args.leftOut,
  };
}

function effectOf(method: Source['method'], words: string, fields: readonly DraftField[]): readonly [DraftOperation['effect'], string] {
  if (method === 'get') {
    const isPersonal = fields.some(({ dataClass }) => dataClass !== null && dataClass !== 'product');
    return isPersonal
      ? ['admin', 'looks like a read; say whose data it returns (`entity` or `returnsCustomer`), then make it `read`']
      : ['read', 'GET'];
  }
  if (method === 'delete') return ['delete', 'DELETE'];
  if (MONEY.test(words)) return ['money', 'its name speaks of money; an amount needs role `amount` and `money`'];
  if (SEND.test(words)) return ['send', 'its name speaks of messages'];
  return ['write', method.toUpperCase()];
}

function replySchema(document: JsonObject, operation: JsonObject): JsonValue | undefined {
  const responses = isObject(operation.responses) ? operation.responses : {};
  const code = ['200', '201', '202', '2XX', '2xx', 'default'].find((each) => Object.hasOwn(responses, each));
  const response = code === undefined ? null : resolve(document, responses[code]);
  return response === null ? undefined : (schemaOfContent(response) ?? response.schema);
}

function schemaOfContent(holder: JsonObject): JsonValue | undefined {
  if (!isObject(holder.content)) return undefined;
  const type = Object.keys(holder.content).find((each) => each.includes('json')) ?? Object.keys(holder.content)[0];
  const media = type === undefined ? undefined : holder.content[type];
  return isObject(media) ? media.schema : undefined;
}

function draftField({ path }: SchemaField, route: string, map: FieldMap | null): DraftField {
  const record = map === null ? null : recordOfPath(map, route);
  const mapped = (record === null ? [] : pathsInReply(record))
    .filter((field) => path === field.path || path.startsWith(`${field.path}.`) || path.startsWith(`${field.path}[]`))
    .sort((left, right) => right.path.length - left.path.length)[0];
  if (mapped !== undefined) return { path, dataClass: mapped.dataClass, said: `map ${map?.name} ${record?.name}` };
  const keys = path.split('.').map((part) => part.replaceAll('[]', ''));
  const found = classOfName(keys.at(-1) as string, keys.at(-2) ?? null);
  return found === null ? { path, dataClass: null, said: null } : { path, dataClass: found.dataClass, said: `key ${keys.at(-1)}` };
}

const ARGUMENT = /^[A-Za-z][A-Za-z0-9_.-]{0,63}$/;
const TYPES = new Set(['string', 'number', 'integer', 'boolean', 'array', 'object']);

function draftArguments(
  document: JsonObject,
  { method, path, item, operation }: Source,
  effect: DraftOperation['effect'],
): { arguments: readonly DraftArgument[]; leftOut: number } {
  const found = new Map<string, DraftArgument>();
  let leftOut = 0;
  const isRead = effect === 'read' || method === 'get';
  const add = (name: string, place: DraftArgument['in'], at: string, type: string, required: boolean): void => {
    const isScalar = type !== 'array' && type !== 'object';
    const fits = ARGUMENT.test(name) && (place === 'body' || isScalar) && !found.has(name) && found.size < MAX_ARGUMENTS;
    if (!fits) {
      leftOut += 1;
      return;
    }
    // What nobody has looked at may choose who gets something: it counts as a target.
    const role = isRead || place === 'path' ? 'selector' : PROSE.test(name) ? 'content' : 'target';
    found.set(name, { name, in: place, at, type: TYPES.has(type) ? type : 'string', required, role });
  };
  const inPath = (parseTemplate(path) ?? []).flatMap((segment) => (segment.kind === 'parameter' ? [segment.name] : []));
  for (const name of inPath) add(name, 'path', name, 'string', true);
  const parameters = [...(isArray(item.parameters) ? item.parameters : []), ...(isArray(operation.parameters) ? operation.parameters : [])];
  for (const each of parameters) {
    const parameter = resolve(document, each);
    if (parameter === null || typeof parameter.name !== 'string') continue;
    const schema = resolve(document, parameter.schema) ?? parameter;
    const type = typeof schema.type === 'string' ? schema.type : 'string';
    if (parameter.in === 'query') add(parameter.name, 'query', parameter.name, type, parameter.required === true);
    else if (parameter.in === 'body') addBody(parameter.schema);
    else if (parameter.in !== 'path') leftOut += 1;
  }
  const body = resolve(document, operation.requestBody);
  if (body !== null) addBody(schemaOfContent(body));
  return { arguments: [...found.values()], leftOut };

  function addBody(schema: JsonValue | undefined): void {
    if (method === 'get' || method === 'delete') return;
    const { fields, cut } = fieldsOf(document, schema);
    leftOut += cut;
    const places = new Set<string>();
    for (const field of fields) {
      // A list stands for itself: its members are no arguments.
      const at = field.path.split('[]')[0] as string;
      if (at === '' || places.has(at) || [...places].some((place) => place.startsWith(`${at}.`) || at.startsWith(`${place}.`))) continue;
      places.add(at);
      add(at, 'body', at, field.path.includes('[]') ? 'array' : field.type, field.required && !at.includes('.'));
    }
  }
}
