import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { ID_PREFIXES, type IdPrefix, newId, parseId } from './index.ts';

// Many cases on a busy machine; nothing here waits.
vi.setConfig({ testTimeout: 60_000 });

const prefixes = fc.constantFrom(...(Object.keys(ID_PREFIXES) as IdPrefix[]));
const times = fc.integer({ min: 0, max: 2 ** 48 - 1 });
const make = (prefix: IdPrefix, now: number, bytes: Uint8Array): string =>
  newId(prefix, { now: () => now }, { bytes: (count) => bytes.slice(0, count) });
const randomBytes = fc.uint8Array({ minLength: 10, maxLength: 10 });

describe('ids', () => {
  it('are UUIDs of version 7 with a prefix that only their own kind accepts', () => {
    fc.assert(
      fc.property(prefixes, times, randomBytes, prefixes, (prefix, now, bytes, other) => {
        const id = make(prefix, now, bytes);
        expect(id).toMatch(/^[a-z]{3,4}_[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
        expect(parseId(prefix, id)).toBe(id);
        expect(parseId(other, id)).toBe(other === prefix ? id : null);
        expect(
          Number.parseInt(
            id
              .slice(prefix.length + 1)
              .replace('-', '')
              .slice(0, 12),
            16,
          ),
        ).toBe(now);
      }),
      { numRuns: 1000 },
    );
  });

  it('sort by time', () => {
    fc.assert(
      fc.property(times, times, randomBytes, randomBytes, (a, b, x, y) => {
        if (a !== b) expect(make('evt', a, x) < make('evt', b, y)).toBe(a < b);
      }),
      { numRuns: 1000 },
    );
  });

  it('keep 74 random bits: different bytes give different ids', () => {
    const base = new Uint8Array(10);
    const seen = new Set<string>();
    for (let index = 0; index < 10; index += 1) for (let bit = 0; bit < 8; bit += 1) seen.add(make('run', 1, base.with(index, 1 << bit)));
    expect(seen.size).toBe(74 + 1);
  });

  it.each<[string, unknown]>([
    ['nothing', null],
    ['another type', 7],
    ['upper case', 'run_0190163D-8694-739B-AEA5-966C26F8AD91'],
    ['another version', 'run_0190163d-8694-439b-aea5-966c26f8ad91'],
    ['a line break', 'run_0190163d-8694-739b-aea5-966c26f8ad91\n'],
    ['a longer text', 'run_0190163d-8694-739b-aea5-966c26f8ad911'],
    ['a prefix of a prefix', 'ru_0190163d-8694-739b-aea5-966c26f8ad91'],
  ])('are not read from %s', (_name, text) => {
    expect(parseId('run', text)).toBeNull();
  });
});
