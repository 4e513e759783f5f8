// What differs between two states of a setting.

import { describe, expect, it } from 'vitest';
import { changesOf, linesOf } from './changes-of.ts';

describe('what differs between two states', () => {
  it('is told member by member, lists as wholes', () => {
    const before = { limits: { perCall: '50.00', currency: 'EUR' }, hosts: ['a'] };
    const after = { limits: { perCall: '80.00', currency: 'EUR' }, hosts: ['a', 'b'], models: [] };
    expect(changesOf(before, after)).toEqual([
      { path: 'hosts', before: ['a'], after: ['a', 'b'] },
      { path: 'limits.perCall', before: '50.00', after: '80.00' },
      { path: 'models', before: undefined, after: [] },
    ]);
  });

  it('of something that was made or removed names each member once', () => {
    expect(changesOf(undefined, { name: 'one' })).toEqual([{ path: 'name', before: undefined, after: 'one' }]);
    expect(changesOf({ name: 'one' }, undefined)).toEqual([{ path: 'name', before: 'one', after: undefined }]);
    expect(changesOf({ name: 'one' }, { name: 'one' })).toEqual([]);
  });

  it('lies in lines whose order does not depend on how it was written', () => {
    expect(linesOf({ b: 1, a: { d: 2, c: [3] } })).toBe(linesOf({ a: { c: [3], d: 2 }, b: 1 }));
    expect(linesOf(null)).toBe('');
  });
});
