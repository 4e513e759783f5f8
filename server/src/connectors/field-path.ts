// Field paths of manifests: dotted keys, `[]` for every member of an array, `*` for every value of an object.
// Reads own properties only and never guesses: a branch that is not there is reported as missing.

import { isObject, type JsonObject, type JsonValue } from '#core';

export const WHOLE_RESULT = '(result)';
export const SELF = '(self)';

/** What a path may look like in a manifest: `a.b[].c`, `*`, `a.*.c`, `[].c`. */
export const FIELD_PATH = /^(?:\*|[A-Za-z0-9_@$-]+|(?=\[\]))(?:\[\])*(?:\.(?:\*|[A-Za-z0-9_@$-]+)(?:\[\])*)*$/;

/** A key, `*` for every value of an object, or `[]` for every member of an array. */
export type PathStep = string;

export function parseFieldPath(path: string): readonly PathStep[] {
  const steps: PathStep[] = [];
  for (const part of path.split('.')) {
    const name = part.replaceAll('[]', '');
    if (name !== '') steps.push(name);
    for (let count = (part.length - name.length) / 2; count > 0; count -= 1) steps.push('[]');
  }
  return steps;
}

/** One value found at a path, and what stood around it. */
export interface Found {
  readonly value: JsonValue;
  /** The object that holds the value, for conditions on its sibling fields. */
  readonly holder: JsonObject | null;
  /** The key under which `*` found the value. */
  readonly key: string | null;
}

export interface Search {
  readonly found: readonly Found[];
  /** True when some branch of the path was not there, so that `found` does not speak for the whole record. */
  readonly missing: boolean;
}

export function searchPath(root: JsonValue, path: string): Search {
  let level: readonly Found[] = [{ value: root, holder: null, key: null }];
  let missing = false;
  for (const step of path === WHOLE_RESULT ? [] : parseFieldPath(path)) {
    const next: Found[] = [];
    for (const { value } of level) {
      const members = stepInto(value, step);
      if (members === null) missing = true;
      else next.push(...members);
    }
    level = next;
  }
  return { found: level, missing };
}

function stepInto(value: JsonValue, step: PathStep): readonly Found[] | null {
  if (step === '[]') return Array.isArray(value) ? value.map((member) => ({ value: member, holder: null, key: null })) : null;
  if (!isObject(value)) return null;
  if (step === '*') return Object.entries(value).map(([key, member]) => ({ value: member, holder: value, key }));
  const member = Object.hasOwn(value, step) ? value[step] : undefined;
  return member === undefined ? null : [{ value: member, holder: value, key: step }];
}

/** The single value at a path without `[]` or `*`; undefined when it is not there. */
export function valueAt(root: JsonValue, path: string): JsonValue | undefined {
  const { found } = searchPath(root, path);
  return found.length === 1 ? (found[0] as Found).value : undefined;
}

/** An identifier as text: a non-empty string, or an integer that JSON carries exactly. Anything else names nothing. */
export function asIdentifier(value: JsonValue | undefined): string | null {
  if (typeof value === 'string') return value === '' ? null : value;
  return typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : null;
}
