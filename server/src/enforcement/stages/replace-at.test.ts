// Replacing one leaf of a body: exactly that leaf, a new body, and nothing else copied or lost.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonPath, JsonValue } from '#core';
import { replaceAt } from './replace-at.ts';

function leaves(value: JsonValue, path: JsonPath = []): JsonPath[] {
  if (Array.isArray(value)) return value.flatMap((item, index) => leaves(item as JsonValue, [...path, index]));
  if (typeof value === 'object' && value !== null) return Object.entries(value).flatMap(([key, item]) => leaves(item, [...path, key]));
  return [path];
}
const at = (value: JsonValue, path: JsonPath): JsonValue =>
  path.reduce<JsonValue>((inner, step) => (inner as Record<string | number, JsonValue>)[step] as JsonValue, value);

describe('a replaced leaf', () => {
  it('changes at its path and nowhere else, and the original stays', () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false }), fc.nat(), (source, pick) => {
        const value = source as JsonValue;
        const paths = leaves(value);
        const path = paths[pick % Math.max(1, paths.length)];
        if (path === undefined) return;
        const before = JSON.stringify(value);
        const changed = replaceAt(value, path, 'replaced');
        expect(JSON.stringify(value)).toBe(before);
        expect(at(changed, path)).toBe('replaced');
        for (const other of paths) if (other !== path) expect(at(changed, other)).toEqual(at(value, other));
        expect(leaves(changed)).toEqual(paths);
      }),
    );
  });

  it('shares what is off its path', () => {
    const shared = { deep: [1, 2] };
    const changed = replaceAt({ a: shared, b: ['x', 'y'] }, ['b', 1], 'z') as { a: object; b: unknown };
    expect(changed.a).toBe(shared);
    expect(changed.b).toEqual(['x', 'z']);
  });
});
