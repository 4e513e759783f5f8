// A person’s look at a customer for a case: which records must be read, whether the case is open now, whose it is, and which fields of that
// customer’s record were asked for. Pure: the reads are done by the caller.
// INVARIANT: a kind of object whose manifest does not say when it is open is no case; a field is given out only by a class it is labelled with,
// and never with a value in it that is shown to nobody.

import { CUSTOMER_CLASSES, type CustomerClass, isObject, type JsonValue, type Manifest, type PiiClass, type Refusal, refuse } from '#core';
import { asIdentifier, parseFieldPath, SELF, searchPath, valueAt, WHOLE_RESULT } from './field-path.ts';
import { covers, labelResult } from './label-result.ts';
import { type FactRead, readOf } from './plan-facts.ts';
import { entityNamed, unwrapRecord } from './records.ts';

/** A ticket or an order, as the integration names them. */
export interface CaseName {
  readonly entity: string;
  readonly id: string;
}

export interface CustomerField {
  readonly name: string;
  readonly classes: readonly PiiClass[];
  readonly value: JsonValue;
}

/** Kinds of object that can be an open case here, of an integration that also says how a customer is read. */
export function caseKindsOf({ entities }: Manifest): readonly string[] {
  const hasCustomers = entities.some(({ owner, read }) => owner === SELF && read !== null);
  return hasCustomers
    ? entities.filter(({ open, read, owner }) => open !== null && read !== null && owner !== null && owner !== SELF).map(({ name }) => name)
    : [];
}

/** The read of the case itself. */
export function planCase(manifest: Manifest, { entity, id }: CaseName): FactRead | Refusal {
  const spec = manifest.entities.find(({ name }) => name === entity);
  const read = spec?.open === undefined ? null : readOf(manifest, entity, id);
  return (
    read ?? refuse('CONNECTORS_CASE_KIND', 'The integration does not say when such a thing is open, so nothing can be read for it.', {})
  );
}

/** Id of the customer the case is about, while it is open. `reply`: null when there is no such object. */
export function customerOfCase(manifest: Manifest, { entity, id }: CaseName, reply: JsonValue | null): string | Refusal {
  const spec = manifest.entities.find(({ name }) => name === entity);
  const record = reply === null ? null : unwrapRecord(manifest, { entity, id }, reply);
  if (spec?.open === undefined || record === null) return refuse('CONNECTORS_CASE_UNKNOWN', 'There is no such case here.', {});
  const state = valueAt(record, spec.open.path);
  if (typeof state !== 'string' || !spec.open.values.includes(state))
    return refuse('CONNECTORS_CASE_CLOSED', 'The case is not open any more; a customer is read for open cases only.', {});
  const owner = spec.owner === null || spec.owner === SELF ? null : asIdentifier(valueAt(record, spec.owner));
  return owner ?? refuse('CONNECTORS_CASE_UNKNOWN', 'The case names no customer.', {});
}

/** The read of the customer’s own record. */
export function planCustomer(manifest: Manifest, id: string): FactRead | Refusal {
  const own = manifest.entities.find(({ owner, read }) => owner === SELF && read !== null);
  const read = own === undefined ? null : readOf(manifest, own.name, id);
  return read ?? refuse('CONNECTORS_CASE_KIND', 'The integration does not say how a customer is read.', {});
}

/**
 * Fields of the record with one of these classes, unless anything inside of them has one that is not shown; null when it is not that customer’s
 * record. What stands beside the record in the reply may be about somebody else.
 */
export function fieldsOfCustomer(
  manifest: Manifest,
  read: FactRead,
  { reply, classes }: { readonly reply: JsonValue; readonly classes: readonly CustomerClass[] },
): readonly CustomerField[] | null {
  const record = unwrapRecord(manifest, read, reply);
  if (record === null || !isObject(record)) return null;
  const { operation } = read.operation;
  const values = labelResult(manifest, operation, reply);
  if (values.some(({ path }) => path === WHOLE_RESULT)) return [];
  const { record: at } = entityNamed(manifest, read.entity);
  const within = at === null ? [] : parseFieldPath(at);
  const isShown = (one: PiiClass): boolean => (CUSTOMER_CLASSES as readonly PiiClass[]).includes(one);
  return operation.output.fields.flatMap(({ path, pii }) => {
    if (path.startsWith('(') || path.startsWith('**')) return [];
    const steps = parseFieldPath(path);
    if (!covers(within, steps) || !pii.some((one) => (classes as readonly PiiClass[]).includes(one))) return [];
    if (!values.every(({ steps: inside, label }) => !covers(steps, inside) || [...label.pii].every(isShown))) return [];
    return searchPath(reply, path).found.map(({ value }) => ({ name: path, classes: pii, value }));
  });
}
