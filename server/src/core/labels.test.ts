import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import {
  canonicalJson,
  INTEGRITY_LEVELS,
  integrityRank,
  isAtLeastAsBad,
  type JsonValue,
  join,
  joinAll,
  LABEL_RULES,
  type Label,
  type LabelRuleName,
  labelBy,
  labelFromJson,
  labelToJson,
  mayRead,
  PII_CLASSES,
  type PiiClass,
  SENSITIVITIES,
  sensitivityOf,
  TRUSTED_CONSTANT,
  WORST,
  writtenByAnybody,
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
      regions: fc.subarray(['EEA', 'US', 'GB', 'own', 'unknown']).map((all) => new Set(all)),
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

  it('[D6] keeps every output of 10,000 random flow graphs at least as bad as everything that flowed into it', () => {
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

describe('rules that lower a label', () => {
  it('[D6] have each a name, somebody who stands for it and an integrity, and only those of workflows and people stand above a record', () => {
    const above = Object.entries(LABEL_RULES).filter(([, { integrity }]) => integrityRank(integrity) > integrityRank('system_of_record'));
    expect(above.map(([name]) => name)).toEqual(['workflow_constant', 'registered_prompt', 'person_entered', 'person_decided']);
    for (const name of Object.keys(LABEL_RULES) as LabelRuleName[]) {
      expect(labelBy(name, { sources: new Set(['x']) })).toMatchObject({ integrity: LABEL_RULES[name].integrity, sources: new Set(['x']) });
      // A word for the integrity is not theirs to give.
      expect(labelBy(name, { integrity: 'signed_workflow' } as never).integrity).toBe(LABEL_RULES[name].integrity);
    }
  });

  it('never make what a value was read from better: its label joined with theirs is as bad as it was', () => {
    fc.assert(
      fc.property(anyLabel, fc.constantFrom(...(Object.keys(LABEL_RULES) as LabelRuleName[])), (label, name) => {
        expect(isAtLeastAsBad(join(label, labelBy(name)), label)).toBe(true);
        expect(isAtLeastAsBad(writtenByAnybody(label), label)).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('how sensitive a value is', () => {
  it('[D6] never falls by a join, and is the highest where everything may stand', () => {
    const rank = (label: Label): number => SENSITIVITIES.indexOf(sensitivityOf(label));
    expect([sensitivityOf(TRUSTED_CONSTANT), sensitivityOf(WORST)]).toEqual(['public', 'restricted']);
    expect(sensitivityOf({ pii: new Set(['order']) })).toBe('personal');
    expect(sensitivityOf({ pii: new Set(['contact', 'order']) })).toBe('personal_id');
    fc.assert(fc.property(anyLabel, anyLabel, (a, b) => rank(join(a, b)) === Math.max(rank(a), rank(b))));
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

  it('read without a region as one of which nobody knows where it is from, and write that as it was', () => {
    const stored = { integrity: 'staff', sources: [], pii: [], readers: 'public', subject: [] };
    expect(labelFromJson(stored).regions).toEqual(new Set(['unknown']));
    expect(labelToJson(labelFromJson(stored))).toEqual(stored);
    expect(labelFromJson({ ...stored, regions: 'EEA' })).toBe(WORST);
  });

  it('can not be made better through the constants: they are frozen and join never writes to them', () => {
    expect(Object.isFrozen(WORST) && Object.isFrozen(TRUSTED_CONSTANT)).toBe(true);
    join(TRUSTED_CONSTANT, WORST);
    expect([TRUSTED_CONSTANT.sources.size, WORST.pii.size]).toEqual([0, PII_CLASSES.length]);
  });
});
