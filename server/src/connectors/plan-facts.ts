// Which records must be read to decide one call: the objects it names, what they live within, and what target rules and amounts
// are compared with. Each record once. Called again with what was read, it names the next round, until nothing is missing.

import { type BoundCustomer, isEffectful, isRefusal, type JsonValue, type Manifest, type OperationSpec, type Refusal, refuse } from '#core';
import { checkArgument, readText } from './check-argument.ts';
import { asIdentifier, SELF, valueAt } from './field-path.ts';
import type { MatchedOperation } from './match-operation.ts';
import { isSafeSegment } from './path-template.ts';
import { entityNamed, idsOf, keyOf, namedObjects, type Records } from './records.ts';

export interface FactRead {
  readonly key: string;
  readonly entity: string;
  readonly id: string;
  readonly operation: MatchedOperation;
}

export interface FactPlan {
  readonly reads: readonly FactRead[];
}

const NOTHING_READ: Records = new Map();

/** `customer` must be the proven one. The reads of the next round; none when everything needed is known. */
export function planFacts(
  manifest: Manifest,
  matched: MatchedOperation,
  customer: BoundCustomer | null,
  records: Records = NOTHING_READ,
): FactPlan | Refusal {
  const reads = new Map<string, FactRead>();
  for (const { entity, id } of neededObjects(manifest, matched, customer, records)) {
    const key = keyOf(entity, id);
    if (records.has(key) || reads.has(key)) continue;
    const read = readOf(manifest, entity, id);
    if (isRefusal(read)) return read;
    if (read !== null) reads.set(key, read);
  }
  return { reads: [...reads.values()] };
}

/** True when an argument names a customer who is not the bound one; no record has to be read to know that. */
export function isForeignByName(manifest: Manifest, matched: MatchedOperation, customer: BoundCustomer | null): boolean {
  if (customer === null) return false;
  return namedObjects(matched).some((object) => entityNamed(manifest, object.entity).owner === SELF && object.id !== customer.id);
}

interface Wanted {
  readonly entity: string;
  readonly id: string;
}

function neededObjects(manifest: Manifest, matched: MatchedOperation, customer: BoundCustomer | null, records: Records): readonly Wanted[] {
  const effect = isEffectful(matched.operation.effect);
  // Without a customer a read's ownership stays unknown whatever the records say, so nobody's record is opened for it.
  if (!effect && customer === null) return [];
  const view = { manifest, matched, customer };
  const wanted: Wanted[] = [];
  const want = (entity: string, id: string): void => {
    const spec = entityNamed(manifest, entity);
    if (spec.within !== null) {
      for (const parent of idsOf(view, spec.within.entity)) want(spec.within.entity, parent);
      return;
    }
    wanted.push({ entity, id });
    const record = records.get(keyOf(entity, id));
    const owner = spec.ownerThrough === null || record == null ? null : asIdentifier(valueAt(record, spec.ownerThrough.path));
    if (owner !== null) want((spec.ownerThrough as { entity: string }).entity, owner);
  };
  for (const { entity, id } of namedObjects(matched)) {
    const { owner, ownerThrough, within } = entityNamed(manifest, entity);
    const saysOwner = within !== null || ownerThrough !== null || (owner !== null && owner !== SELF);
    if (effect || saysOwner) want(entity, id);
  }
  for (const argument of matched.operation.arguments) {
    if (!Object.hasOwn(matched.args, argument.name)) continue;
    for (const rule of argument.targetRules) for (const id of idsOf(view, rule.entity)) want(rule.entity, id);
  }
  return wanted;
}

/** Null when the entity has no read operation: its ownership then stays unknown. */
/** Null when the integration has no way to read one by its id. */
export function readOf(manifest: Manifest, entity: string, id: string): FactRead | Refusal | null {
  const { read } = entityNamed(manifest, entity);
  if (read === null) return null;
  const operation = manifest.operations.find((each) => each.name === read.operation) as OperationSpec;
  const value = readArgument(operation, read.argument, id);
  if (isRefusal(value)) return value;
  return { key: keyOf(entity, id), entity, id, operation: { operation, args: { [read.argument]: value } } };
}

// The id came in by another operation, perhaps in a body, and now goes into this one, perhaps into a path: it is checked again here.
function readArgument(operation: OperationSpec, name: string, id: string): JsonValue | Refusal {
  const argument = operation.arguments.find((each) => each.name === name);
  if (argument === undefined) throw new Error('a compiled manifest reads an entity by an argument it does not have');
  const value = readText(argument, id);
  const fault = value === null ? null : checkArgument(argument, value);
  if (value === null || fault !== null || (argument.slot === 'path' && !isSafeSegment(id))) {
    return refuse('CONNECTORS_ARGUMENT_INVALID', 'An argument names an object by an identifier that can not be looked up in one way.', {
      operation: operation.name,
    });
  }
  return value;
}
