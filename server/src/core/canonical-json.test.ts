import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { canonicalJson, type JsonValue } from './index.ts';

// Many cases on a busy machine; nothing here waits.
vi.setConfig({ testTimeout: 60_000 });

describe('canonicalJson', () => {
  it('writes the example of RFC 8785 section 3.2.2 as the RFC does', () => {
    const value = JSON.parse(
      '{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],"string":"\\u20ac$\\u000F\\u000aA\'\\u0042\\u0022\\u005c\\\\\\"\\/","literals":[null,true,false]}',
    ) as JsonValue;
    expect(canonicalJson(value)).toBe(
      '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    );
  });

  it('orders keys by UTF-16 code units, as RFC 8785 section 3.2.3 does', () => {
    const value = {
      '\u20ac': 'Euro',
      '\r': 'CR',
      '\ufb33': 'Hebrew',
      '1': 'One',
      '\ud83d\ude00': 'Emoji',
      '\u0080': 'Control',
      '\u00f6': 'o',
    };
    expect(Object.values(JSON.parse(canonicalJson(value)) as object)).toEqual(['One', 'CR', 'Control', 'o', 'Euro', 'Emoji', 'Hebrew']);
    expect(canonicalJson(value).indexOf('Emoji')).toBeLessThan(canonicalJson(value).indexOf('Hebrew'));
  });

  it('is the same for every order of keys, and reads back as the same value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const reversed = (node: unknown): unknown =>
          Array.isArray(node)
            ? node.map(reversed)
            : typeof node === 'object' && node !== null
              ? Object.fromEntries(
                  Object.entries(node)
                    .reverse()
                    .map(([name, member]) => [name, reversed(member)]),
                )
              : node;
        const text = canonicalJson(value as JsonValue);
        expect(canonicalJson(reversed(value) as JsonValue)).toBe(text);
        // Read back as a JavaScript expression: JSON.parse may take escaped keys for other keys.
        const readBack = new Function(`return (${text});`) as () => JsonValue;
        if (!text.includes('__proto__')) expect(canonicalJson(readBack())).toBe(text);
      }),
      { numRuns: 1000 },
    );
  });

  it.each<[string, unknown]>([
    ['a bigint', { amount: 1n }],
    ['undefined', { a: undefined }],
    ['a hole', new Array(1)],
    ['NaN', [Number.NaN]],
    ['infinity', [Number.POSITIVE_INFINITY]],
    ['a function', [() => 1]],
    ['a date', [new Date(0)]],
    ['a map', [new Map()]],
    ['a lone surrogate', ['\ud800']],
    ['a lone surrogate in a key', { '\udc00': 1 }],
  ])('throws on %s', (_name, value) => {
    expect(() => canonicalJson(value as JsonValue)).toThrow(TypeError);
  });

  it('throws on a cycle rather than overflow', () => {
    const cycle: unknown[] = [];
    cycle.push(cycle);
    expect(() => canonicalJson(cycle as JsonValue)).toThrow('nested too deep');
  });
});
