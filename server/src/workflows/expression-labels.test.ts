// Labels against what really flows: a leaf of the scope is changed, and wherever the result changes with it, the result's label must be at
// least as bad as the leaf's. The test knows nothing of how labels are computed.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isArray, isAtLeastAsBad, isObject, type JsonObject, type JsonValue, type Label, TRUSTED_CONSTANT, WORST } from '#core';
import type { Step, WorkflowDefinition } from './definition.ts';
import { compileExpression, type Expression } from './expressions.ts';
import { walkOf } from './next-action.ts';
import { labelAt, labelled, labelsFromJson, labelsToJson, type ValueLabels } from './value-labels.ts';

/** Thousands of random cases, on a machine that may be busy. */
const PATIENT_MS = 120_000;
const SOURCES = ['ada', 'bob', 'cy', 'dee', 'eve', 'flo', 'gus', 'hal'];
/** A label that no other leaf has: who finds its source in a label knows that the leaf went into it. */
const labelOf = (leaf: number): Label => ({
  integrity: leaf % 2 === 0 ? 'third_party' : 'system_of_record',
  sources: new Set([SOURCES[leaf] as string]),
  pii: leaf % 3 === 0 ? new Set(['contact']) : new Set(),
  readers: leaf % 3 === 0 ? new Set([`reader:${leaf}`]) : 'public',
  subject: leaf % 3 === 0 ? new Set([`customer:${leaf}`]) : new Set(),
  regions: new Set([leaf % 2 === 0 ? 'EEA' : 'US']),
});

/** `input.a` a text, `input.n` a number, `steps.one.value.list` a list of records, `customer.id`: eight leaves, each its own author. */
type Leaves = readonly [string, number, string, string, number, string, boolean, string];
function scopeOf(leaves: Leaves) {
  const [a, n, id, x, y, note, flag, other] = leaves;
  const list = [
    { k: x, v: y },
    { k: note, v: n + 1 },
  ];
  const input: JsonObject = { a, n, flag };
  const customer: JsonObject = { id };
  // Its author decides how many there are, too.
  const tags = Array.from({ length: y }, () => x);
  const step = { value: { list, tags, other, deep: { t: note } }, refused: false, code: null };
  return { input, customer, steps: { one: step } as JsonObject };
}
const AUTHORS: readonly (readonly [string, readonly string[], readonly number[]])[] = [
  ['input', ['a'], [0]],
  ['input', ['n'], [1]],
  ['input', ['flag'], [6]],
  ['customer', ['id'], [2]],
  ['steps', ['one', 'value', 'list', '[]', 'k'], [3, 5]],
  ['steps', ['one', 'value', 'list', '[]', 'v'], [4, 1]],
  ['steps', ['one', 'value', 'tags', '[]'], [3, 4]],
  ['steps', ['one', 'value', 'other'], [7]],
  ['steps', ['one', 'value', 'deep', 't'], [5]],
  ['steps', ['one', 'refused'], []],
  ['steps', ['one', 'code'], []],
];
const labelsOf = (root: string): ValueLabels =>
  AUTHORS.filter(([where]) => where === root).flatMap(([, steps, leaves]) => [
    { steps, label: TRUSTED_CONSTANT },
    ...leaves.map((leaf) => ({ steps, label: labelOf(leaf) })),
  ]);
const labelScope = { input: labelsOf('input'), customer: labelsOf('customer'), steps: labelsOf('steps') };

const texts = fc.oneof(
  fc.constantFrom(
    'input.a',
    'customer.id',
    'steps.one.value.other',
    'steps.one.value.deep.t',
    'steps["one"].value.deep["t"]',
    '"k"',
    '"constant"',
  ),
  fc.constantFrom('steps.one.value.list[0].k', 'steps.one.value.list[1].k', 'steps.one.value[input.flag ? "other" : "other"]'),
);
const numbers = fc.constantFrom(
  'input.n',
  '3',
  'steps.one.value.list[0].v',
  'size(steps.one.value.list)',
  'steps.one.value.list[input.flag ? 0 : 1].v',
  'size(input.a)',
  'size(steps.one.value.tags.map(t, 1))',
  'size(steps.one.value.tags.filter(t, true))',
);
const { bool, text, value } = fc.letrec<{ bool: string; text: string; number: string; value: string }>((tie) => ({
  bool: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom(
      'input.flag',
      'true',
      'steps.one.value.tags.exists(t, true)',
      'steps.one.value.tags.exists_one(t, true)',
      'has(steps.one.value.other)',
      'steps.one.value.list.exists(o, o.k == input.a)',
    ),
    fc.tuple(tie('text'), tie('text')).map(([l, r]) => `(${l} == ${r})`),
    fc.tuple(tie('number'), tie('number')).map(([l, r]) => `(${l} > ${r})`),
    fc.tuple(tie('bool'), tie('bool')).map(([l, r]) => `(${l} && !${r})`),
    tie('text').map((t) => `steps.one.value.list.all(o, o.k != ${t})`),
    tie('text').map((t) => `${t}.contains("a")`),
  ),
  text: fc.oneof(
    { maxDepth: 3 },
    texts,
    fc.tuple(tie('text'), tie('text')).map(([l, r]) => `(${l} + ${r})`),
    fc.tuple(tie('bool'), tie('text'), tie('text')).map(([c, l, r]) => `(${c} ? ${l} : ${r})`),
    tie('number').map((n) => `string(${n})`),
    fc.tuple(tie('text'), tie('bool')).map(([t, b]) => `{"m": ${t}, "o": ${b}}.m`),
  ),
  number: fc.oneof(
    { maxDepth: 3 },
    numbers,
    fc.tuple(tie('number'), tie('number')).map(([l, r]) => `(${l} + ${r})`),
    fc.tuple(tie('bool'), tie('number'), tie('number')).map(([c, l, r]) => `(${c} ? ${l} : ${r})`),
  ),
  value: fc.oneof(
    { maxDepth: 2 },
    tie('text'),
    tie('number'),
    tie('bool'),
    fc.constantFrom(
      'steps.one.value',
      'steps.one.value.list',
      'steps.one.value.tags.map(t, input.n)',
      'input',
      'customer',
      'steps.one.value.deep',
    ),
    fc.tuple(tie('text'), tie('value')).map(([t, v]) => `{"t": ${t}, "in": ${v}}`),
    fc.tuple(tie('text'), tie('bool')).map(([t, b]) => `{${t}: ${b}}`),
    fc.tuple(tie('text'), tie('text')).map(([l, r]) => `[${l}, ${r}]`),
    tie('text').map((t) => `steps.one.value.list.map(o, o.k + ${t})`),
    fc.constantFrom(
      'steps.one.value.list.map(o, o.v)',
      'steps.one.value.list.map(o, {"x": o.k, "y": input.n})',
      'steps.one.value.deep.map(k, k)',
    ),
    tie('bool').map((b) => `steps.one.value.list.filter(o, o.v > 2 && ${b})`),
    fc.tuple(tie('bool'), tie('value'), tie('value')).map(([c, l, r]) => `(${c} ? ${l} : ${r})`),
  ),
}));

const anyText = fc.constantFrom('a', 'b', 'ca', 'constant', '');
const anyNumber = fc.integer({ min: 0, max: 6 });
const leaves = fc.tuple(anyText, anyNumber, anyText, anyText, anyNumber, anyText, fc.boolean(), anyText);

/** Every place of a value with what stands there; of a list or an object also how many members it has. */
function places(value: JsonValue, steps: readonly string[], found: Map<string, { steps: readonly string[]; seen: JsonValue[] }>): void {
  const key = steps.join('/');
  const here = found.get(key) ?? { steps, seen: [] };
  found.set(key, here);
  here.seen.push(isArray(value) ? value.length : isObject(value) ? Object.keys(value).sort().join() : value);
  if (isArray(value)) for (const member of value) places(member, [...steps, '[]'], found);
  else if (isObject(value)) for (const [name, member] of Object.entries(value)) places(member, [...steps, name], found);
}
const placesOf = (value: JsonValue) => {
  const found = new Map<string, { steps: readonly string[]; seen: JsonValue[] }>();
  places(value, [], found);
  return found;
};

/** Where two results differ, and there only: below a place that is missing in one, the nearest place both have. */
function differences(left: JsonValue, right: JsonValue): readonly (readonly string[])[] {
  const [one, two] = [placesOf(left), placesOf(right)];
  return [...one]
    .filter(([key, { seen }]) => two.has(key) && JSON.stringify(two.get(key)?.seen) !== JSON.stringify(seen))
    .map(([, { steps }]) => steps);
}

const compile = (source: string): Expression => {
  const compiled = compileExpression(source);
  if (!('evaluate' in compiled)) throw new Error(`${source} ${compiled.fault}`);
  return compiled;
};
const loops = (source: string): number => (source.match(/\.(map|filter|all|exists|exists_one)\(/g) ?? []).length;
const short = (source: string): boolean => loops(source) <= 2 && (source.match(/[[({]/g) ?? []).length <= 30;

describe('labels through expressions', () => {
  it(
    'no result is labelled better than anything that can change it',
    () => {
      let moved = 0;
      fc.assert(
        fc.property(value.filter(short), leaves, leaves, fc.nat({ max: 7 }), (source, before, after, leaf) => {
          const expression = compile(source);
          const changed = before.map((old, index) => (index === leaf ? after[index] : old)) as unknown as typeof before;
          const [first, second] = [expression.evaluate(scopeOf(before)), expression.evaluate(scopeOf(changed))];
          if ('fault' in first || 'fault' in second) return;
          const labels = expression.labels(labelScope);
          for (const steps of differences(first.value, second.value)) {
            moved += 1;
            const label = labelAt(labels, steps);
            if (!isAtLeastAsBad(label, labelOf(leaf))) throw new Error(`${source} at ${steps.join('.') || '(root)'} forgets leaf ${leaf}`);
          }
        }),
        { numRuns: 10_000, seed: 5 },
      );
      expect(moved).toBeGreaterThan(1_000);
    },
    PATIENT_MS,
  );

  it('is precise where it can be: one field of a record does not carry the label of its neighbour', () => {
    const labelOfSource = (source: string): readonly string[] => [...labelAt(compile(source).labels(labelScope), []).sources].sort();
    expect(labelOfSource('steps.one.value.other')).toEqual(['hal']);
    expect(labelOfSource('{"x": input.a, "y": customer.id}.y')).toEqual(['cy']);
    expect(labelAt(compile('{"x": input.a, "y": customer.id}').labels(labelScope), ['y']).sources).toEqual(new Set(['cy']));
    // Of a list, the fields of its members are not told apart once it is gone through: their number is told by all of them.
    const gone = labelAt(compile('steps.one.value.list.map(o, o.v)').labels(labelScope), ['[]']);
    expect([...gone.sources].sort()).toEqual(['bob', 'dee', 'eve', 'flo']);
  });

  it('a name it does not know stands for everything, and an empty scope is the worst there is', () => {
    const everything = labelAt(compile('type(input.n) == int').labels(labelScope), []);
    for (let leaf = 0; leaf < SOURCES.length; leaf += 1) expect(isAtLeastAsBad(everything, labelOf(leaf))).toBe(true);
    // Whether a field is there was decided by whoever wrote the record.
    const present = labelAt(compile('has(steps.one.value.other)').labels(labelScope), []);
    for (const leaf of [3, 4, 5, 7]) expect(isAtLeastAsBad(present, labelOf(leaf))).toBe(true);
    expect(labelAt(compile('steps.one').labels({ ...labelScope, steps: [] }), [])).toEqual(WORST);
  });

  it.each([
    'size(steps.one.value.tags.map(t, 1))',
    'steps.one.value.tags.map(t, 1)',
    'steps.one.value.tags.exists(t, true)',
    'steps.one.value.tags.all(t, false) ? "x" : "y"',
    'steps.one.value.tags.exists_one(t, true)',
    '(steps.one.value.tags + ["a"]).exists(t, true)',
    '(["a"] + steps.one.value.tags)[0]',
    '[["a"], steps.one.value.tags][1].exists(t, true)',
    '(input.flag ? steps.one.value.tags : ["a"]).exists(t, true)',
    '{"l": ["a"], "r": steps.one.value.tags}[input.flag ? "l" : "r"].exists(t, true)',
    'size(steps.one.value.tags.filter(t, true).map(t, 1))',
    'steps.one.value.map(k, 1)',
  ])('how many members a list has is told by whoever wrote them: %s', (source) => {
    const tagged = [...labelScope.steps, { steps: ['one', 'value', 'tags', '[]'], label: labelOf(6) }];
    const labels = compile(source).labels({ ...labelScope, input: labelled(TRUSTED_CONSTANT), steps: tagged });
    expect(isAtLeastAsBad(labelAt(labels, []), { ...TRUSTED_CONSTANT, integrity: 'third_party', sources: new Set(['gus']) })).toBe(true);
  });

  it('labels come back from storage as they were, and a damaged form is the worst label', () => {
    const stored = labelsToJson(labelScope.steps);
    expect(labelsFromJson(JSON.parse(JSON.stringify(stored)) as JsonValue)).toEqual(labelScope.steps);
    const worst = labelled(WORST);
    const entry = (stored as unknown as { fields: JsonValue[] }).fields[0] as JsonValue;
    for (const damaged of [
      undefined,
      null,
      {},
      { table: [], fields: [] },
      { table: [], fields: [entry] },
      { table: 1, fields: 2 },
      { ...(stored as JsonObject), fields: [[0, 1]] },
    ])
      expect(labelsFromJson(damaged as JsonValue)).toEqual(worst);
  });
});

describe('labels through the steps of a run', () => {
  const step = fc.record({ value: text.filter(short), when: fc.option(bool.filter(short), { nil: null }), reads: fc.boolean() });
  /** Each step adds to what the one before it gave; some only when a condition holds. */
  const graphOf = (chain: readonly { value: string; when: string | null; reads: boolean }[]): readonly Step[] =>
    chain.map(({ value, when, reads }, index): Step => {
      const before = index === 0 || !reads ? '' : ` + string(has(steps.s${index - 1}) ? steps.s${index - 1}.value.x : "none")`;
      const made: Step = { kind: 'transform', id: `s${index}`, members: { x: compile(`${value}${before}`), y: compile('customer.id') } };
      return when === null ? made : { kind: 'when', id: `w${index}`, condition: compile(when), do: [made], else: [] };
    });

  const walkWith = (steps: readonly Step[], leavesOf: Leaves) => {
    const { input, customer, steps: read } = scopeOf(leavesOf);
    const ended = { step: 'one', phase: 'call', outcome: 'done', code: null, approval: null } as const;
    const labels = labelsOf('steps').map(({ steps: at, label }) => ({ steps: at.slice(2), label }));
    return walkOf({ customer: null, steps } as unknown as WorkflowDefinition, {
      input,
      inputLabels: labelScope.input,
      customer: customer as { id: string },
      customerLabels: labelScope.customer,
      journal: [{ ...ended, value: (read.one as JsonObject).value as JsonValue, labels }],
    });
  };

  it(
    'what a later step gives is never labelled better than what an earlier one read or branched on',
    () => {
      let moved = 0;
      const chains = fc.array(step, { minLength: 2, maxLength: 4 });
      const isWorse = (labels: ValueLabels, at: readonly string[], leaf: number): void => {
        moved += 1;
        if (!isAtLeastAsBad(labelAt(labels, at), labelOf(leaf))) throw new Error(`${at.join('.')} forgets leaf ${leaf}`);
      };
      fc.assert(
        fc.property(chains, leaves, leaves, fc.nat({ max: 7 }), (chain, before, after, leaf) => {
          const steps = [COPY, ...graphOf(chain)];
          const first = walkWith(steps, before);
          const second = walkWith(steps, before.map((old, index) => (index === leaf ? after[index] : old)) as unknown as Leaves);
          for (const [id, two] of Object.entries(second.steps)) {
            const one = first.steps[id];
            if (one === undefined) isWorse(second.labels, [id], leaf);
            else for (const at of differences(one, two)) isWorse(first.labels, [id, ...at], leaf);
          }
        }),
        { numRuns: 2_500, seed: 7 },
      );
      expect(moved).toBeGreaterThan(500);
    },
    PATIENT_MS,
  );

  it('a step after a branch that does not read it is as clean as before it', () => {
    const [made] = graphOf([{ value: 'customer.id', when: null, reads: false }]);
    const branch: Step = {
      kind: 'when',
      id: 'w',
      condition: compile('input.flag'),
      do: [{ ...(made as Step), id: 'inner' } as Step],
      else: [],
    };
    const walk = walkWith([branch, { ...(made as Step), id: 'outer' }], ['a', 1, 'c', 'x', 2, 'n', true, 'o']);
    expect(labelAt(walk.labels, ['inner', 'value', 'x']).sources).toEqual(new Set(['cy', 'gus']));
    expect(labelAt(walk.labels, ['outer', 'value', 'x']).sources).toEqual(new Set(['cy']));
  });
});

const COPY: Step = { kind: 'call', id: 'one', call: { integration: 'shop', operation: 'read', with: {} }, onRefusal: 'stop' };
