// One sealed event as the rules see it. Pure: made of the leaf alone, and of who stands behind its pseudonym.

import { isJsonFault, isObject, type JsonObject, type JsonValue, parseStrictJson, type UnixMs } from '#core';

export interface Observed {
  readonly seq: number;
  readonly id: string;
  readonly type: string;
  readonly atMs: UnixMs;
  readonly pseudonym: string;
  /** Reference of who acted, without the kind in front; null once the link was erased. */
  readonly actor: string | null;
  readonly subject: string;
  readonly facts: JsonObject;
  /** An act by which a person changes what others may do or see. */
  readonly isPrivileged: boolean;
}

/** The leaf's own members. Null for one that is not in the form the ledger writes: a rule must never stop at it. */
export function observe(
  { seq, leaf }: { readonly seq: number; readonly leaf: string },
  by: ReadonlyMap<string, string>,
  privileged: ReadonlySet<string>,
): Observed | null {
  const entry = parseStrictJson(leaf);
  if (isJsonFault(entry) || !isObject(entry)) return null;
  const { id, type, at, actor, subject } = entry;
  if (typeof id !== 'string' || typeof type !== 'string' || typeof actor !== 'string' || typeof subject !== 'string') return null;
  const atMs = typeof at === 'string' ? Date.parse(at) : Number.NaN;
  if (Number.isNaN(atMs)) return null;
  const facts = isObject(entry.public) ? entry.public : {};
  const known = by.get(actor);
  return {
    seq,
    id,
    type,
    atMs,
    pseudonym: actor,
    actor: known === undefined ? null : referenceOf(known),
    subject: referenceOf(subject),
    facts,
    isPrivileged: privileged.has(type),
  };
}

/** `person:per_...` and `per_...` are the same person. */
export function referenceOf(actor: string): string {
  return actor.replace(/^(?:person|workload):/, '');
}

export const isPerson = (reference: string | null): boolean => reference?.startsWith('per_') === true;

export function textOf(value: JsonValue | undefined): string | null {
  return typeof value === 'string' ? value : null;
}

/** The texts of a list of facts. */
export function textsOf(value: JsonValue | undefined): readonly string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
}
