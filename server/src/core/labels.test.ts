import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import {
  canonicalJson,
  INTEGRITY_LEVELS,
  isAtLeastAsBad,
  type JsonValue,
  join,
  joinAll,
  type Label,
  labelFromJson,
  labelToJson,
  mayRead,
  PII_CLASSES,
  type PiiClass,
  TRUSTED_CONSTANT,
  WORST,
} from './index.ts';

// Many cases on a busy machine; nothing here waits.
vi.setConfig({ testTimeout: 60_000 });

const names = fc.uniqueArray(fc.constantFrom('customer:1', 'customer:2', 'integration:shop', 'staff:7', 'unknown'), { maxLength: 4 });
const anyLabel: fc.Arbitrary<Label> = fc.oneof(
  { weight: 1, arbitrary: fc.constantFrom(TRUSTED_CONSTANT, WORST) },
  {
    weight: 9,
    arbitrary: fc.record({
      integrity: fc.constantFrom(...INTEGRITY_LEVELS),
      sources: names.map((all) => new Set(all)),
      pii: fc.subarray([...PII_CLASSES]).map((all) => new Set<PiiClass>(all)),
      readers: fc.oneof(
        fc.constant('public' as const),
        names.map((all) => new Set(all)),
      ),
      subject: names.map((all) => new Set(all)),
    }),
  },
);
const spelled = (label: Label): string => canonicalJson(labelToJson(label) as unknown as JsonValue);

describe('join of labels', () => {
  it('is commutative, associative and idempotent, has the trusted constant as identity and the worst label as bottom', () => {
    fc.assert(
      fc.property(anyLabel, anyLabel, anyLabel, (a, b, c) => {
        expect(spelled(join(a, b))).toBe(spelled(join(b, a)));
        expect(spelled(join(join(a, b), c))).toBe(spelled(join(a, join(b, c))));
        expect(spelled(join(a, a))).toBe(spelled(a));
        expect(spelled(join(a, TRUSTED_CONSTANT))).toBe(spelled(a));
        expect(join(a, WORST).integrity).toBe(WORST.integrity);
        expect(join(a, WORST).readers).toEqual(WORST.readers);
      }),
      { numRuns: 3000 },
    );
  });

  it('is never above either input, and changes neither', () => {
    fc.assert(
      fc.property(anyLabel, anyLabel, (a, b) => {
        const before = [spelled(a), spelled(b)];
        const joined = join(a, b);
        expect(isAtLeastAsBad(joined, a) && isAtLeastAsBad(joined, b)).toBe(true);
        expect([spelled(a), spelled(b)]).toEqual(before);
        for (const reader of ['customer:1', 'staff:7', 'nobody']) {
          if (mayRead(joined, reader)) expect(mayRead(a, reader) && mayRead(b, reader)).toBe(true);
        }
      }),
      { numRuns: 3000 },
    );
  });

  it('is the least such label: nothing better is at least as bad as both', () => {
    fc.assert(
      fc.property(anyLabel, anyLabel, anyLabel, (a, b, other) => {
        if (isAtLeastAsBad(other, a) && isAtLeastAsBad(other, b)) expect(isAtLeastAsBad(other, join(a, b))).toBe(true);
      }),
      { numRuns: 3000 },
    );
  });

  it('keeps every output of 10,000 random flow graphs at least as bad as everything that flowed into it', () => {
    // A node joins some earlier nodes; an output is at least as bad as each ancestor, by whatever way it is reached.
    const graph = fc.array(fc.tuple(anyLabel, fc.array(fc.nat(), { maxLength: 3 })), { minLength: 2, maxLength: 8 });
    fc.assert(
      fc.property(graph, (nodes) => {
        const labels: Label[] = [];
        const ancestors: Set<number>[] = [];
        for (const [own, picks] of nodes) {
          const parents = labels.length === 0 ? [] : picks.map((pick) => pick % labels.length);
          labels.push(joinAll([own, ...parents.map((parent) => labels[parent] as Label)]));
          ancestors.push(new Set(parents.flatMap((parent) => [parent, ...(ancestors[parent] as Set<number>)])));
        }
        labels.forEach((label, index) => {
          expect(isAtLeastAsBad(label, (nodes[index] as [Label, number[]])[0])).toBe(true);
          for (const ancestor of ancestors[index] as Set<number>) {
            if (!isAtLeastAsBad(label, labels[ancestor] as Label)) throw new Error(`node ${index} rose above node ${ancestor}`);
          }
        });
      }),
      { numRuns: 10_000 },
    );
  });
});

describe('order of labels', () => {
  it('is reflexive, antisymmetric and transitive', () => {
    fc.assert(
      fc.property(anyLabel, anyLabel, anyLabel, (a, b, c) => {
        expect(isAtLeastAsBad(a, a)).toBe(true);
        if (isAtLeastAsBad(a, b) && isAtLeastAsBad(b, a)) expect(spelled(a)).toBe(spelled(b));
        if (isAtLeastAsBad(a, b) && isAtLeastAsBad(b, c)) expect(isAtLeastAsBad(a, c)).toBe(true);
      }),
      { numRuns: 3000 },
    );
  });
});

describe('labels as JSON', () => {
  it('round-trip, with equal JSON for equal labels', () => {
    fc.assert(
      fc.property(anyLabel, (label) => {
        const read = labelFromJson(JSON.parse(JSON.stringify(labelToJson(label))));
        expect(spelled(read)).toBe(spelled(label));
        const shuffled = { ...label, sources: new Set([...label.sources].reverse()), pii: new Set([...label.pii].reverse()) };
        expect(spelled(shuffled)).toBe(spelled(label));
      }),
      { numRuns: 1000 },
    );
  });

  it.each<[string, unknown]>([
    ['nothing', null],
    ['text', 'staff'],
    ['an empty object', {}],
    ['an unknown integrity', { integrity: 'root', sources: [], pii: [], readers: 'public', subject: [] }],
    ['an inherited name for integrity', { integrity: 'constructor', sources: [], pii: [], readers: 'public', subject: [] }],
    ['an unknown class', { integrity: 'staff', sources: [], pii: ['harmless'], readers: 'public', subject: [] }],
    ['missing sources', { integrity: 'staff', pii: [], readers: 'public', subject: [] }],
    ['sources that are text', { integrity: 'staff', sources: 'abc', pii: [], readers: 'public', subject: [] }],
    ['readers that are no list', { integrity: 'staff', sources: [], pii: [], readers: 'everyone', subject: [] }],
    ['a subject that is no text', { integrity: 'staff', sources: [], pii: [], readers: 'public', subject: [7] }],
  ])('read %s as the worst label', (_name, json) => {
    expect(labelFromJson(json)).toBe(WORST);
  });

  it('can not be made better through the constants: they are frozen and join never writes to them', () => {
    expect(Object.isFrozen(WORST) && Object.isFrozen(TRUSTED_CONSTANT)).toBe(true);
    join(TRUSTED_CONSTANT, WORST);
    expect([TRUSTED_CONSTANT.sources.size, WORST.pii.size]).toEqual([0, PII_CLASSES.length]);
  });
});
