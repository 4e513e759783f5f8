// What the parts of a manifest say about each other: every name exists, every path parameter is an argument, every rule has a record
// to read, no request fits two operations. Returns problems as "place: what is wrong"; never changes anything.

import { type ArgumentSpec, type EntitySpec, isEffectful, type OperationSpec, type PiiClass, type ReadBack } from '#core';
import { SELF } from './field-path.ts';
import { overlap, parametersOf, parseTemplate } from './path-template.ts';

interface Names {
  readonly options: CheckOptions;
  readonly entities: ReadonlyMap<string, EntitySpec>;
  readonly operations: ReadonlyMap<string, OperationSpec>;
}

/**
 * Annotations know amounts without a currency and owners without a tool to look them up. Such an amount is never paid without a person,
 * and such an owner stays unknown. A written manifest must say both.
 */
export interface CheckOptions {
  readonly fromAnnotations: boolean;
}

export function checkManifest(
  entities: readonly EntitySpec[],
  operations: readonly OperationSpec[],
  options: CheckOptions = { fromAnnotations: false },
): readonly string[] {
  const names: Names = {
    options,
    entities: new Map(entities.map((entity) => [entity.name, entity])),
    operations: new Map(operations.map((operation) => [operation.name, operation])),
  };
  return [
    ...entities.flatMap((entity) => checkEntity(entity, names).map((problem) => `entities.${entity.name}: ${problem}`)),
    ...checkSelf(entities),
    ...operations.flatMap((operation) => checkOperation(operation, names).map((problem) => `operations.${operation.name}.${problem}`)),
    ...checkOverlaps(operations),
  ];
}

function checkSelf(entities: readonly EntitySpec[]): readonly string[] {
  const selves = entities.filter((entity) => entity.owner === SELF);
  return selves.length > 1
    ? [`entities: only one entity can be the customer, but ${selves.map((entity) => entity.name).join(' and ')} say (self)`]
    : [];
}

function checkEntity(entity: EntitySpec, names: Names): readonly string[] {
  const problems: string[] = [];
  if (entity.read !== null && entity.within !== null)
    problems.push('has both `read` and `within`; an object is read by itself or within another');
  if (entity.within !== null && (entity.owner !== null || entity.ownerThrough !== null)) {
    problems.push('has both `within` and `owner`; a member belongs to whoever owns the object it is within');
  }
  if (
    !names.options.fromAnnotations &&
    entity.read === null &&
    (entity.ownerThrough !== null || entity.remainder !== null || (entity.owner !== null && entity.owner !== SELF))
  ) {
    problems.push('states an owner or remainder found in its record, but no `read` that gets the record');
  }
  if (entity.open !== undefined && (entity.read === null || entity.owner === null || entity.owner === SELF))
    problems.push('says when it is open, but has no `read`, or no `owner` whose case it is');
  if (entity.read !== null) problems.push(...checkRead(entity, entity.read, names));
  if (entity.within !== null) {
    const { path, key } = entity.within;
    if (key !== 'object_key' && !path.endsWith('[]')) problems.push('within.path must end in `[]` when `key` names a field of the members');
    if (key === 'object_key' && path.endsWith('[]')) problems.push('within.key must name the id field of the members, e.g. `id`');
  }
  for (const [at, other] of [
    ['within', entity.within?.entity],
    ['owner', entity.ownerThrough?.entity],
  ] as const) {
    if (other === undefined) continue;
    if (!names.entities.has(other)) problems.push(`${at}.entity names no entity`);
    else if (leadsBackTo(entity.name, names)) problems.push(`${at}.entity leads back to the entity itself`);
  }
  return problems;
}

function checkRead(entity: EntitySpec, read: NonNullable<EntitySpec['read']>, names: Names): readonly string[] {
  const operation = names.operations.get(read.operation);
  if (operation === undefined) return ['read.operation names no operation'];
  const argument = operation.arguments.find((each) => each.name === read.argument);
  if (argument === undefined) return ['read.argument is no argument of that operation'];
  if (operation.effect !== 'read') return ['read.operation must have effect read'];
  if (argument.entity !== entity.name) return [`read.argument must be declared with \`entity: ${entity.name}\``];
  if (argument.type !== 'string' && argument.type !== 'integer') return ['read.argument must be a string or an integer'];
  const others = operation.arguments.filter((each) => each.required && each.name !== read.argument);
  return others.length > 0 ? ['read.operation must need no other argument than the id'] : [];
}

function checkReadBack(operation: OperationSpec, readBack: ReadBack, names: Names): readonly string[] {
  if (!isEffectful(operation.effect) || operation.idempotencyHeader === null) return ['is for effects with an idempotencyHeader'];
  const look = names.operations.get(readBack.operation);
  if (look === undefined) return ['operation names no operation'];
  // Asked by us alone: callers need a person for an `admin` operation, and a GET changes nothing.
  if (look.method !== 'GET' || (look.effect !== 'read' && look.effect !== 'admin'))
    return ['operation must be a GET with effect read or admin'];
  const argument = look.arguments.find((each) => each.name === readBack.argument);
  if (argument === undefined) return ['argument is no argument of that operation'];
  if (argument.type !== 'string' || argument.entity !== null) return ['argument must be a string that names no entity'];
  const others = look.arguments.filter((each) => each.required && each.name !== readBack.argument);
  return others.length > 0 ? ['operation must need no other argument than the key'] : [];
}

function leadsBackTo(start: string, names: Names): boolean {
  let current = names.entities.get(start);
  for (let steps = 0; steps <= names.entities.size; steps += 1) {
    const next = current?.within?.entity ?? current?.ownerThrough?.entity;
    if (next === undefined) return false;
    if (next === start) return true;
    current = names.entities.get(next);
  }
  return true;
}

function checkOperation(operation: OperationSpec, names: Names): readonly string[] {
  const problems: string[] = [];
  if (isEffectful(operation.effect) && operation.sentence === '')
    problems.push('sentence: is required, because people approve this effect by it');
  // Reading everything may well be an administrator's act; changing something by GET would be done again by any cache or preview.
  if (operation.method === 'GET' && isEffectful(operation.effect) && operation.effect !== 'admin')
    problems.push('method: an effect can not be a GET');
  problems.push(...checkTemplate(operation), ...checkBodyPlaces(operation), ...checkWhoseData(operation, names));
  if (operation.readBack !== undefined)
    problems.push(...checkReadBack(operation, operation.readBack, names).map((problem) => `readBack: ${problem}`));
  for (const slot of operation.sentence.matchAll(/\{([^{}]*)\}/g)) {
    if (!operation.arguments.some((argument) => argument.name === slot[1])) problems.push('sentence: has a slot that is no argument');
  }
  if (operation.arguments.filter((argument) => argument.money !== null).length > 1)
    problems.push('arguments: only one argument can be the amount');
  for (const argument of operation.arguments) {
    problems.push(...checkArgument(argument, operation, names).map((problem) => `arguments.${argument.name}: ${problem}`));
  }
  return problems;
}

const PERSONAL: ReadonlySet<PiiClass> = new Set(['contact', 'address', 'payment', 'identity']);

/** A read of personal data must be tied to a customer, before it is made or on its result. Otherwise any caller reads everybody. */
function checkWhoseData(operation: OperationSpec, names: Names): readonly string[] {
  if (names.options.fromAnnotations || (operation.effect !== 'read' && operation.effect !== 'fetch') || operation.returnsCustomer !== null)
    return [];
  const personal = operation.output.fields.some((field) => field.pii.some((pii) => PERSONAL.has(pii)));
  return personal && operation.arguments.every((argument) => argument.entity === null)
    ? [
        'output: returns personal data of whoever it finds; give an argument its `entity`, or say `returnsCustomer`, or make it effect admin',
      ]
    : [];
}

function checkTemplate(operation: OperationSpec): readonly string[] {
  if (parseTemplate(operation.path) === null) return ['path: has a segment that is neither plain text nor one `{argument}`'];
  const parameters = parametersOf(operation.path);
  if (new Set(parameters).size !== parameters.length) return ['path: names an argument twice'];
  const inPath = operation.arguments.filter((argument) => argument.slot === 'path');
  return [
    ...parameters
      .filter((name) => !inPath.some((argument) => argument.name === name))
      .map((name) => `path: {${name}} is no argument in the path`),
    ...inPath.filter((argument) => !parameters.includes(argument.name)).map(({ name }) => `arguments.${name}: the path has no {${name}}`),
  ];
}

function checkBodyPlaces(operation: OperationSpec): readonly string[] {
  const places = operation.arguments.filter((argument) => argument.slot === 'body');
  const problems: string[] = [];
  if (places.length > 0 && (operation.method === 'GET' || operation.method === 'DELETE'))
    problems.push(`method: ${operation.method} takes no body arguments`);
  for (const slot of ['query', 'body'] as const) {
    const ats = operation.arguments.filter((argument) => argument.slot === slot).map((argument) => argument.at);
    const clash = ats.find((at, index) =>
      ats.some((other, otherIndex) => index !== otherIndex && (other === at || other.startsWith(`${at}.`))),
    );
    if (clash !== undefined) problems.push(`arguments: two arguments share the place ${clash} in the ${slot}`);
  }
  if (places.some((argument) => argument.at.split('.').some((key) => key === '__proto__')))
    problems.push('arguments: a place must not use __proto__');
  return problems;
}

function checkArgument(argument: ArgumentSpec, operation: OperationSpec, names: Names): readonly string[] {
  const problems: string[] = [];
  const scalar = argument.type !== 'array' && argument.type !== 'object';
  if (argument.slot !== 'body' && !scalar) problems.push(`an ${argument.type} can only stand in the body`);
  if (argument.slot === 'path' && argument.type !== 'string' && argument.type !== 'integer')
    problems.push('in the path must be a string or an integer');
  if (argument.slot === 'path' && !argument.required) problems.push('in the path must be required');
  if (argument.enumValues !== null && argument.type !== 'string') problems.push('enum needs type string');
  if (argument.entity !== null) {
    if (!names.entities.has(argument.entity)) problems.push('entity names no entity');
    if (argument.type !== 'string' && argument.type !== 'integer' && argument.type !== 'array')
      problems.push('with an entity must be a string, an integer or an array');
  }
  if (argument.targetRules.length > 0 && argument.role !== 'target') problems.push('targetRules need role target');
  for (const rule of argument.targetRules) {
    if (!isWithinReach(rule.entity, operation, names))
      problems.push(`targetRules: no argument names a ${rule.entity}, and it is not the customer`);
  }
  return [...problems, ...checkMoney(argument, operation, names)];
}

function checkMoney(argument: ArgumentSpec, operation: OperationSpec, names: Names): readonly string[] {
  if (argument.role !== 'amount') return argument.money === null ? [] : ['money needs role amount'];
  if (argument.money === null) return names.options.fromAnnotations ? [] : ['role amount needs `money`'];
  const problems: string[] = [];
  const { currencyFrom, value } = argument.money;
  // Left out, an amount usually means "everything", which no limit can be held against.
  if (!argument.required) problems.push('an amount must be required');
  if (argument.type !== 'string' && argument.type !== 'number' && argument.type !== 'integer')
    problems.push('an amount must be a string or a number');
  if (currencyFrom === 'entity' && (names.entities.get(value)?.remainder ?? null) === null)
    problems.push('money.currency.entity must have a remainder');
  if (currencyFrom === 'entity' && !operation.arguments.some((each) => each.entity === value))
    problems.push('money.currency.entity is named by no argument');
  const other = operation.arguments.find((each) => each.name === value);
  if (currencyFrom === 'argument' && (other?.type !== 'string' || !other.required))
    problems.push('money.currency.argument must be a required string argument');
  return problems;
}

function isWithinReach(entity: string, operation: OperationSpec, names: Names): boolean {
  const spec = names.entities.get(entity);
  if (spec?.read === undefined || spec.read === null) return false;
  return spec.owner === SELF || operation.arguments.some((argument) => argument.entity === entity);
}

function checkOverlaps(operations: readonly OperationSpec[]): readonly string[] {
  const problems: string[] = [];
  const parsed = operations.map((operation) => ({ operation, segments: parseTemplate(operation.path) ?? [] }));
  for (const [index, { operation, segments }] of parsed.entries()) {
    for (const other of parsed.slice(index + 1)) {
      if (operation.method === other.operation.method && overlap(segments, other.segments) === 'same') {
        problems.push(`operations.${other.operation.name}.path: is the same request as ${operation.name}`);
      }
    }
  }
  return problems;
}
