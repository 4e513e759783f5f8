// Patterns of tenants in memory: compiled for whoever needs them, once, and again only when they changed.

import { describe, expect, it } from 'vitest';
import type { PatternSpec } from '#dlp';
import { compiledPatterns } from './compiled-patterns.ts';

const spec = (pattern: string): PatternSpec => ({ name: 'one', dataClass: 'customer_number', pattern, matches: ['MB-1'], differs: [] });

describe('compiled patterns', () => {
  it('a change of one tenant compiles nothing of another', () => {
    const patterns = compiledPatterns();
    patterns.replace(new Map([['a', [spec('MB-[0-9]')]]]));
    const before = patterns.of('a');
    expect(before).toHaveLength(1);
    patterns.replace(
      new Map([
        ['a', [spec('MB-[0-9]')]],
        ['b', [spec('XX[0-9]')]],
      ]),
    );
    expect(patterns.of('a')).toBe(before);
    patterns.replace(new Map([['a', [spec('MB-[0-9]+')]]]));
    expect(patterns.of('a')).not.toBe(before);
    expect(patterns.of('b')).toEqual([]);
  });

  it('one that does not compile looks for nothing, and stops none of the others', () => {
    const patterns = compiledPatterns();
    patterns.replace(new Map([['a', [spec('(?=x)'), { ...spec('MB'), name: 'two' }]]]));
    expect(patterns.of('a').map(({ name }) => name)).toEqual(['two']);
  });
});
