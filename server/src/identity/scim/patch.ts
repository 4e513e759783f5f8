// Applies a SCIM PATCH (RFC 7644 section 3.5.2) in the forms that Okta and Entra send. Not by scim-patch: that one writes to `__proto__`,
// takes `Active` for another attribute than `active`, and leaves a member in place that was removed by its value.
// INVARIANT: every name goes through the table of attributes; the given resource is not changed.

import { type Attribute, attributeOf, type ResourceKind, withoutSchema } from './attributes.ts';
import { type Filter, matches, parseFilter } from './filter.ts';
import { isScimFault, type ScimFault, scimFault } from './scim-error.ts';
import { checkRequired, keyOf, MAX_VALUES, onePrimary, readComplex, readValue, type ScimObject, united } from './values.ts';

type Op = 'add' | 'replace' | 'remove';

interface Operation {
  readonly op: Op;
  readonly path: string | null;
  readonly value: unknown;
}

interface Target {
  readonly attribute: Attribute;
  readonly filter: Filter | null;
  readonly sub: Attribute | null;
}

const MAX_OPERATIONS = 1_000;
const MAX_PATH_CHARS = 2_000;
/** Conditions times the values each is tried on: two hundred members taken out of a full group one by one, less than a second of work. */
const MAX_TRIES = 200 * MAX_VALUES;
const PATH = /^([a-z][\w-]*)(?:\[(.*)\])?(?:\.([a-z$][\w$-]*))?$/is;
const PATCH_SCHEMA = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';

export function applyPatch(kind: ResourceKind, resource: ScimObject, body: unknown): ScimObject | ScimFault {
  const operations = readOperations(body);
  if (isScimFault(operations)) return operations;
  const result = structuredClone(resource);
  let tries = 0;
  for (const operation of operations) {
    tries += conditionsIn(operation) * longestList(result);
    if (tries > MAX_TRIES) return scimFault(413, 'tooMany', 'The filters of this patch look at too many values; send it in parts.');
    const fault = operation.path === null ? applyPathless(kind, result, operation) : apply(kind, result, operation, operation.path);
    if (fault !== null) return fault;
  }
  return checkRequired(kind, result);
}

/** How many comparisons its paths ask for with each value. */
function conditionsIn({ path, value }: Operation): number {
  const paths = path === null ? Object.keys(value ?? {}) : [path];
  return paths.filter((one) => one.includes('[')).reduce((count, one) => count + 1 + (one.match(/\b(?:and|or)\b/gi)?.length ?? 0), 0);
}

const longestList = (resource: ScimObject): number =>
  Math.max(0, ...Object.values(resource).map((value) => (Array.isArray(value) ? value.length : 0)));

function readOperations(body: unknown): readonly Operation[] | ScimFault {
  const fields = lowerCased(body);
  const schemas = fields?.get('schemas');
  const given = fields?.get('operations');
  const isPatch = Array.isArray(schemas) && schemas.some((one) => String(one).toLowerCase() === PATCH_SCHEMA.toLowerCase());
  if (!isPatch || !Array.isArray(given) || given.length === 0)
    return scimFault(400, 'invalidSyntax', `A patch has the schema ${PATCH_SCHEMA} and a list of Operations.`);
  if (given.length > MAX_OPERATIONS) return scimFault(413, 'tooMany', `A patch has at most ${MAX_OPERATIONS} operations.`);
  const operations: Operation[] = [];
  for (const one of given) {
    const parts = lowerCased(one);
    const op = String(parts?.get('op') ?? '').toLowerCase();
    const path = parts?.get('path') ?? null;
    if (op !== 'add' && op !== 'replace' && op !== 'remove')
      return scimFault(400, 'invalidSyntax', 'An operation is add, replace or remove.');
    if (path !== null && (typeof path !== 'string' || path.length > MAX_PATH_CHARS))
      return scimFault(400, 'invalidPath', 'A path is a text of an attribute.');
    operations.push({ op, path: path === '' ? null : path, value: parts?.get('value') });
  }
  return operations;
}

function lowerCased(value: unknown): ReadonlyMap<string, unknown> | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  return new Map(Object.entries(value).map(([name, part]) => [name.toLowerCase(), part]));
}

/** An object of attributes; its keys may be paths, as Entra sends them (`name.givenName`, `emails[type eq "work"].value`). */
function applyPathless(kind: ResourceKind, resource: ScimObject, { op, value }: Operation): ScimFault | null {
  if (op === 'remove') return scimFault(400, 'noTarget', 'A removal names what it removes by a path.');
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return scimFault(400, 'invalidValue', 'An operation without a path has an object of attributes as its value.');
  for (const [path, part] of Object.entries(value)) {
    if (path.toLowerCase() === kind.schema.toLowerCase()) {
      const fault = applyPathless(kind, resource, { op, path: null, value: part });
      if (fault !== null) return fault;
      continue;
    }
    const plain = withoutSchema(kind, path);
    // Okta sends the id and the schemas along; they are not ours to change, and not an error here.
    if (plain === null || attributeOf(kind.attributes, plain)?.readOnly === true) continue;
    const fault = apply(kind, resource, { op, path, value: part }, path);
    if (fault !== null) return fault;
  }
  return null;
}

function apply(kind: ResourceKind, resource: ScimObject, { op, value }: Operation, path: string): ScimFault | null {
  const target = targetOf(kind, path);
  if (target === null) return null; // not an attribute we keep
  if (isScimFault(target)) return target;
  const { attribute, sub } = target;
  if (attribute.multi) return applyMany(resource, target, op, value);
  if (target.filter !== null) return scimFault(400, 'invalidPath', `The attribute ${attribute.name} has one value and no filter.`);
  if (sub !== null) {
    const object = { ...((resource[attribute.name] as ScimObject | undefined) ?? {}) };
    const read = op === 'remove' ? undefined : readValue(sub, value);
    if (isScimFault(read)) return read;
    assign(object, sub.name, read);
    assign(resource, attribute.name, Object.keys(object).length === 0 ? undefined : object);
    return null;
  }
  const read = op === 'remove' ? undefined : readValue(attribute, value);
  if (isScimFault(read)) return read;
  // Of an object only the parts that are named are replaced.
  const merged =
    attribute.type === 'complex' && read !== undefined ? { ...(resource[attribute.name] as object), ...(read as object) } : read;
  assign(resource, attribute.name, merged);
  return null;
}

function assign(object: ScimObject, name: string, value: ScimObject[string]): void {
  if (value === undefined) delete object[name];
  else object[name] = value;
}

/** Null for an attribute that we do not keep. */
function targetOf(kind: ResourceKind, path: string): Target | ScimFault | null {
  const plain = withoutSchema(kind, path);
  if (plain === null) return null;
  const parts = PATH.exec(plain);
  if (parts === null) return scimFault(400, 'invalidPath', 'A path is an attribute, a filter in brackets, and a part of it.');
  const attribute = attributeOf(kind.attributes, parts[1] ?? '');
  if (attribute === null) return null;
  if (attribute.readOnly) return scimFault(400, 'mutability', `The attribute ${attribute.name} can not be changed.`);
  const filter = parts[2] === undefined ? null : parseFilter(kind, parts[2], attribute);
  if (isScimFault(filter)) return scimFault(400, 'invalidPath', 'The filter of the path can not be read.');
  if (parts[3] === undefined) return { attribute, filter, sub: null };
  const sub = attributeOf(attribute.sub, parts[3]);
  return sub === null ? null : { attribute, filter, sub };
}

function applyMany(resource: ScimObject, { attribute, filter, sub }: Target, op: Op, value: unknown): ScimFault | null {
  const items = [...((resource[attribute.name] as readonly ScimObject[] | undefined) ?? [])];
  const keep = (list: readonly ScimObject[]): ScimFault | null => {
    if (list.length > MAX_VALUES) return scimFault(413, 'tooMany', `The attribute ${attribute.name} has more than ${MAX_VALUES} values.`);
    assign(resource, attribute.name, list.length === 0 ? undefined : onePrimary(list));
    return null;
  };
  if (filter === null && sub === null) {
    const read = value === undefined || value === null ? undefined : readValue(attribute, value);
    if (isScimFault(read)) return read;
    const given = (read as readonly ScimObject[] | undefined) ?? [];
    if (op === 'replace') return keep(given);
    if (op === 'add') return keep(united(attribute, items, given));
    // With values only these go, whatever else is said of them; without, all go.
    const gone = new Set(given.map((item) => keyOf(attribute, item)));
    if (value !== undefined && value !== null) return keep(items.filter((item) => !gone.has(keyOf(attribute, item))));
    return keep([]);
  }
  const isMeant = (item: ScimObject): boolean => filter === null || matches(filter, item);
  if (op === 'remove') {
    if (sub === null || sub.name === 'value') return keep(items.filter((item) => !isMeant(item)));
    return keep(
      items.map((item) => (isMeant(item) ? Object.fromEntries(Object.entries(item).filter(([name]) => name !== sub.name)) : item)),
    );
  }
  const part = sub === null ? readComplex(attribute, value) : readPart(sub, value);
  if (isScimFault(part)) return part;
  if (items.some(isMeant)) {
    const changed = items.map((item) => (isMeant(item) ? { ...item, ...(part ?? {}) } : item));
    return keep(sub !== null && part === undefined ? without(changed, items, isMeant, sub) : changed);
  }
  // Nothing there yet: what the filter says and the value make a new one, as Entra expects for `emails[type eq "work"].value`.
  const described = filter === null ? {} : describe(filter);
  if (described === null) return scimFault(400, 'noTarget', `No value of ${attribute.name} is meant by the filter.`);
  const fresh = { ...described, ...(part ?? {}) };
  return typeof fresh.value === 'string' ? keep([...items, fresh]) : part === undefined ? null : noTarget(attribute);
}

const noTarget = (attribute: Attribute): ScimFault =>
  scimFault(400, 'noTarget', `No value of ${attribute.name} is meant by the filter, and none can be made of it.`);

function readPart(sub: Attribute, value: unknown): ScimObject | undefined | ScimFault {
  const read = readValue(sub, value);
  if (isScimFault(read)) return read;
  return read === undefined ? undefined : { [sub.name]: read };
}

/** Emptied by a null or an empty text: the part goes, and with `value` the whole item. */
function without(
  changed: readonly ScimObject[],
  items: readonly ScimObject[],
  isMeant: (item: ScimObject) => boolean,
  sub: Attribute,
): readonly ScimObject[] {
  if (sub.name === 'value') return items.filter((item) => !isMeant(item));
  return changed.map((item, index) =>
    isMeant(items[index] as ScimObject) ? Object.fromEntries(Object.entries(item).filter(([name]) => name !== sub.name)) : item,
  );
}

/** The item that a filter of equalities describes; null for any other filter. */
function describe(filter: Filter): ScimObject | null {
  if (filter.op === 'eq' && filter.path?.length === 1 && filter.value !== null) {
    const attribute = filter.path[0] as Attribute;
    const read = readValue(attribute, filter.value);
    return isScimFault(read) || read === undefined ? null : { [attribute.name]: read };
  }
  if (filter.op !== 'and') return null;
  const parts = filter.filters.map(describe);
  return parts.includes(null) ? null : Object.assign({}, ...parts);
}
