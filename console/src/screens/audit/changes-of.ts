// What differs between two states of a setting, as paths with their values. Pure; for a glance, while the whole comparison is a line diff.

import type { Json } from '../../api/types.ts';

export interface Difference {
  /** `limits.perCall`; empty for the value itself. */
  readonly path: string;
  /** `undefined`: was not there. */
  readonly before: Json | undefined;
  readonly after: Json | undefined;
}

/** In the order of the names. Lists are compared as wholes: their places mean little to a reader. */
export function changesOf(before: Json | undefined, after: Json | undefined, path = ''): readonly Difference[] {
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  // What was made or removed is told by its members.
  if (isMap(after) && before == null) return changesOf({}, after, path);
  if (isMap(before) && after == null) return changesOf(before, {}, path);
  if (!isMap(before) || !isMap(after)) return [{ path, before, after }];
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].toSorted();
  return names.flatMap((name) => changesOf(before[name], after[name], path === '' ? name : `${path}.${name}`));
}

const isMap = (value: Json | undefined): value is { readonly [key: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** One line a value, names in order, so that two states can be laid beside each other. */
export function linesOf(value: Json | undefined): string {
  return value === undefined || value === null ? '' : `${JSON.stringify(sorted(value), null, 2)}\n`;
}

function sorted(value: Json): Json {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isMap(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([one], [other]) => (one < other ? -1 : 1))
      .map(([name, inner]) => [name, sorted(inner)]),
  );
}
