// The records read for one call, and how to find one in them. Pure look-ups; decides nothing.

import { type ArgumentSpec, type BoundCustomer, type EntitySpec, isObject, type JsonValue, type Manifest } from '#core';
import { asIdentifier, SELF, searchPath, valueAt } from './field-path.ts';
import type { MatchedOperation } from './match-operation.ts';

/** By `entity:id`; `null` when the integration says there is no such object. */
export type Records = ReadonlyMap<string, JsonValue | null>;

/** Everything the judgement of one call may look at. */
export interface View {
  readonly manifest: Manifest;
  readonly matched: MatchedOperation;
  /** The customer the channel proved; null when none is. */
  readonly customer: BoundCustomer | null;
  readonly records: Records;
}

export function viewOf(manifest: Manifest, matched: MatchedOperation, customer: BoundCustomer | null, records: Records): View {
  return { manifest, matched, customer, records };
}

export function keyOf(entity: string, id: string): string {
  return `${entity}:${id}`;
}

export function entityNamed(manifest: Manifest, name: string): EntitySpec {
  const spec = manifest.entities.find((entity) => entity.name === name);
  if (spec === undefined) throw new Error('a compiled manifest names an entity it does not have');
  return spec;
}

/** One object an argument names. */
export interface NamedObject {
  readonly argument: ArgumentSpec;
  readonly entity: string;
  readonly id: string;
}

/** Every object the call names, list elements included. */
export function namedObjects(matched: MatchedOperation): readonly NamedObject[] {
  return matched.operation.arguments.flatMap((argument) => {
    const { entity } = argument;
    const value = Object.hasOwn(matched.args, argument.name) ? matched.args[argument.name] : undefined;
    if (entity === null || value === undefined) return [];
    return elements(value).map((element) => ({ argument, entity, id: asIdentifier(element) ?? '' }));
  });
}

export function elements(value: JsonValue): readonly JsonValue[] {
  return Array.isArray(value) ? value : [value as JsonValue];
}

/** Ids of the objects of one kind that the call is about: those it names, or the bound customer. */
export function idsOf(view: Pick<View, 'manifest' | 'matched' | 'customer'>, entity: string): readonly string[] {
  const named = namedObjects(view.matched).filter((object) => object.entity === entity);
  if (named.length > 0) return [...new Set(named.map((object) => object.id))];
  const isCustomer = entityNamed(view.manifest, entity).owner === SELF;
  return isCustomer && view.customer !== null ? [view.customer.id] : [];
}

/** The record of an object; null when it was not found or could not be one. */
export function recordOf(view: View, entity: string, id: string): JsonValue | null {
  const { within } = entityNamed(view.manifest, entity);
  if (within === null) return view.records.get(keyOf(entity, id)) ?? null;
  for (const parentId of idsOf(view, within.entity)) {
    const member = memberOf(recordOf(view, within.entity, parentId), within, id);
    if (member !== null) return member;
  }
  return null;
}

/** The member of a parent's record that carries this id. */
export function memberOf(parent: JsonValue | null, within: NonNullable<EntitySpec['within']>, id: string): JsonValue | null {
  if (parent === null) return null;
  for (const { value } of searchPath(parent, within.path).found) {
    if (!isObject(value)) continue;
    if (within.key === 'object_key') {
      if (Object.hasOwn(value, id)) return value[id] as JsonValue;
    } else if (Object.hasOwn(value, within.key) && asIdentifier(value[within.key]) === id) return value;
  }
  return null;
}

/** Takes the record out of a reply. Anything that is not an object, or is another object than the one asked for, is "not found". */
export function unwrapRecord(
  manifest: Manifest,
  read: { readonly entity: string; readonly id: string },
  reply: JsonValue,
): JsonValue | null {
  const spec = entityNamed(manifest, read.entity);
  const record = spec.record === null ? reply : (valueAt(reply, spec.record) ?? null);
  if (!isObject(record)) return null;
  return spec.id === null || asIdentifier(valueAt(record, spec.id)) === read.id ? record : null;
}
