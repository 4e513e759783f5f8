// Whether reading what a run was about is for the case somebody names: one the run is bound to, as far as it is bound to anything. Pure.
// INVARIANT: what the run does not know is never taken for a match; a run that is bound to nothing records the case as not checked.

import { isArray, isObject, type JsonValue, type Refusal, refuse } from '#core';
import type { OpenRun } from './run-state.ts';

/** A ticket, an order, an approval: a kind and what it is called, or the name alone. */
const STATED = /^(?:([a-z]{2,20}):)?([A-Za-z0-9][A-Za-z0-9._#/-]{0,99})$/;
const MAX_DEPTH = 4;
const MAX_BINDINGS = 500;

export interface ReadFor {
  /** As the reader names it; null when they name none. */
  readonly stated: string | null;
  readonly isRequired: boolean;
}

export interface CaseRead {
  readonly purpose: string | null;
  /** The run is bound to it; false when the run is bound to nothing. */
  readonly known: boolean;
}

/** Everything short that the run was given or was asked about: ids of tickets, orders, customers, approvals. */
export function bindingsOf({
  row,
  input,
  customer,
  journal,
}: Pick<OpenRun, 'row' | 'input' | 'customer' | 'journal'>): ReadonlySet<string> {
  const found = new Set<string>([row.id]);
  const add = (value: JsonValue | undefined, depth: number): void => {
    if (found.size >= MAX_BINDINGS || depth > MAX_DEPTH) return;
    if (typeof value === 'string' || typeof value === 'number') {
      const text = String(value);
      if (text.length <= 100) found.add(text);
    } else if (isArray(value)) for (const item of value) add(item, depth + 1);
    else if (isObject(value)) for (const item of Object.values(value)) add(item, depth + 1);
  };
  add(input, 0);
  if (customer !== null) found.add(customer.id);
  for (const { approval } of journal) if (approval !== null) found.add(approval);
  return found;
}

export function caseOf(run: Parameters<typeof bindingsOf>[0], { stated, isRequired }: ReadFor): CaseRead | Refusal {
  if (stated === null) {
    if (!isRequired) return { purpose: null, known: false };
    return refuse('WORKFLOWS_CASE_REQUIRED', 'Name the ticket, case or order you read this for (`for=`); it is recorded with the read.');
  }
  const [, , name] = STATED.exec(stated) ?? [];
  const bindings = bindingsOf(run);
  if (name !== undefined && bindings.has(name)) return { purpose: stated, known: true };
  // Only its own id: the run came without anything that could be compared.
  if (name !== undefined && bindings.size === 1) return { purpose: stated, known: false };
  return refuse('WORKFLOWS_CASE_UNKNOWN', 'That is not a ticket, case or order this run is about.');
}
