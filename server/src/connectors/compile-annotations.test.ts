import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { nodeDigest, sharedData } from '@sallyport/testkit';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isRefusal, type JsonValue, type Manifest } from '#core';
import { type AnnotationInput, compileAnnotations } from './compile-annotations.ts';
import { labelResult } from './label-result.ts';
import { must } from './test/example.ts';

const text = { type: 'string' };
const tool = (name: string, properties: Record<string, JsonValue>, required = Object.keys(properties)): JsonValue => ({
  name,
  description: 'invented',
  parameters: { type: 'object', properties, required },
});

const tools: JsonValue = [
  tool('find_member', { mail: text }),
  tool('read_member', { member: text }),
  tool('read_loan', { loan: text }),
  {
    type: 'function',
    function: tool(
      'pay_back',
      { loan: text, purse: text, sum: { type: 'number' }, memo: { anyOf: [text, { type: 'null' }], default: null } },
      ['loan', 'purse', 'sum'],
    ),
  },
  tool('call_desk', { summary: text }),
];

const trusted = { trusted: true, untrusted_fields: [], pii_fields: [] };
const annotations = {
  $entities: {
    member: { file: 'members.json', key: '(object key)' },
    loan: { file: 'loans.json', key: '(object key)', owner: 'borrower' },
    purse: { within: 'member', path: 'purses', key: '(object key)' },
    book: { within: 'loan', path: 'books[].book_id' },
    title: { file: 'titles.json', owner: null },
  },
  find_member: {
    effect: 'read',
    args: { mail: 'selector' },
    output: { ...trusted, pii_fields: ['(result)'] },
    owns: [{ arg: '(result)', entity: 'member' }],
  },
  read_member: {
    effect: 'read',
    args: { member: 'selector' },
    output: { trusted: true, untrusted_fields: ['about'], pii_fields: ['email', 'about', 'purses'] },
    owns: [{ arg: 'member', entity: 'member' }],
  },
  read_loan: { effect: 'read', args: { loan: 'selector' }, output: trusted, owns: [{ arg: 'loan', entity: 'loan' }] },
  pay_back: {
    effect: 'money',
    args: { loan: 'selector', purse: 'target', sum: 'amount', memo: 'content' },
    output: trusted,
    owns: [
      { arg: 'loan', entity: 'loan' },
      { arg: 'purse', entity: 'purse' },
    ],
    rules: ['money goes back to the purse it came from'],
  },
  call_desk: { effect: 'handoff', args: { summary: 'content' }, output: trusted },
};

const rules: AnnotationInput['rules'] = { pay_back: [{ argument: 'purse', entity: 'loan', path: 'paid_from[].purse' }] };
const input: AnnotationInput = { name: 'library', tools, annotations, rules, lookups: {} };

type Loose = Record<string, Record<string, JsonValue>>;
const changed = (change: (copy: Loose) => void): JsonValue => {
  const copy = structuredClone(annotations) as unknown as Loose;
  change(copy);
  return copy;
};
const problemsOf = (overrides: Partial<AnnotationInput>): readonly string[] => {
  const compiled = compileAnnotations({ ...input, ...overrides }, nodeDigest);
  if (!isRefusal(compiled)) return [];
  expect(compiled.code).toBe('CONNECTORS_ANNOTATIONS_INVALID');
  return compiled.evidence.problems as readonly string[];
};
const operationOf = (manifest: Manifest, name: string): Manifest['operations'][number] =>
  manifest.operations.find((each) => each.name === name) as never;

describe('annotations become a manifest', () => {
  const manifest = must(compileAnnotations(input, nodeDigest));

  test('in which each tool is one POST with a JSON body', () => {
    expect(manifest.operations.map(({ method, path }) => `${method} ${path}`)).toContain('POST /tools/pay_back');
    expect(
      operationOf(manifest, 'pay_back').arguments.map(({ name, role, type, required, entity }) => ({ name, role, type, required, entity })),
    ).toEqual([
      { name: 'loan', role: 'selector', type: 'string', required: true, entity: 'loan' },
      { name: 'purse', role: 'target', type: 'string', required: true, entity: 'purse' },
      { name: 'sum', role: 'amount', type: 'number', required: true, entity: null },
      { name: 'memo', role: 'content', type: 'string', required: false, entity: null },
    ]);
  });

  test('that knows who owns what and which tool reads it', () => {
    expect(
      Object.fromEntries(
        manifest.entities.map(({ name, read, within, owner }) => [name, { read: read?.operation ?? null, within, owner }]),
      ),
    ).toEqual({
      member: { read: 'read_member', within: null, owner: '(self)' },
      loan: { read: 'read_loan', within: null, owner: 'borrower' },
      purse: { read: null, within: { entity: 'member', path: 'purses', key: 'object_key' }, owner: null },
      book: { read: null, within: { entity: 'loan', path: 'books[]', key: 'book_id' }, owner: null },
      title: { read: null, within: null, owner: null },
    });
  });

  test('in which a look-up of customers may only return the bound one', () => {
    expect(operationOf(manifest, 'find_member').returnsCustomer).toBe('(result)');
  });

  test('in which handing over to people is a message', () => {
    expect(operationOf(manifest, 'call_desk').effect).toBe('send');
  });

  test('whose result labels follow the named fields at any depth', () => {
    const labels = labelResult(manifest, operationOf(manifest, 'read_member'), {
      name: 'x',
      email: 'a@example.com',
      notes: { about: 'hello' },
      purses: { p1: { left: 3 } },
    });
    expect(Object.fromEntries(labels.map(({ path, label }) => [path, [label.integrity, [...label.pii].sort().join()]]))).toEqual({
      name: ['system_of_record', ''],
      email: ['system_of_record', 'contact'],
      'notes.about': ['third_party', 'address,contact,free_text,identity,order,payment,secret'],
      'purses.p1.left': ['system_of_record', 'address,contact,free_text,identity,order,payment,secret'],
    });
  });
});

describe('what annotations leave out is taken at its worst', () => {
  test('a rule that only stands as text keeps the tool closed until it is reviewed', () => {
    const manifest = must(compileAnnotations({ ...input, rules: {} }, nodeDigest));
    expect(manifest.operations.filter((operation) => operation.needsReview).map((operation) => operation.name)).toEqual(['pay_back']);
  });

  test('a tool without annotation is an administrative act that waits for review, with the worst result', () => {
    const manifest = must(compileAnnotations({ ...input, annotations: changed((copy) => delete copy.call_desk) }, nodeDigest));
    expect(operationOf(manifest, 'call_desk')).toMatchObject({
      effect: 'admin',
      needsReview: true,
      output: { trusted: false, fields: [] },
    });
  });

  test('an effect nobody knows waits for review', () => {
    const manifest = must(
      compileAnnotations(
        { ...input, annotations: changed((copy) => Object.assign(copy.call_desk ?? {}, { effect: 'bless' })) },
        nodeDigest,
      ),
    );
    expect(operationOf(manifest, 'call_desk')).toMatchObject({ effect: 'admin', needsReview: true });
  });

  test('a key nobody knows waits for review', () => {
    const manifest = must(
      compileAnnotations({ ...input, annotations: changed((copy) => Object.assign(copy.call_desk ?? {}, { forbids: ['x'] })) }, nodeDigest),
    );
    expect(operationOf(manifest, 'call_desk').needsReview).toBe(true);
  });

  test('an argument without a role is a target of an effect and a selector of a read', () => {
    const manifest = must(
      compileAnnotations(
        {
          ...input,
          annotations: changed((copy) => [copy.call_desk, copy.read_loan].map((each) => Object.assign(each ?? {}, { args: {} }))),
        },
        nodeDigest,
      ),
    );
    expect(operationOf(manifest, 'call_desk').arguments[0]?.role).toBe('target');
    expect(operationOf(manifest, 'read_loan').arguments[0]?.role).toBe('selector');
  });

  test('a result without labels is outsider-written with every class', () => {
    const manifest = must(compileAnnotations({ ...input, annotations: changed((copy) => delete copy.read_loan?.output) }, nodeDigest));
    const [label] = labelResult(manifest, operationOf(manifest, 'read_loan'), { x: 1 });
    expect(label?.label.integrity).toBe('third_party');
    expect(label?.label.pii.size).toBe(7);
  });

  test('an argument of several types waits for review', () => {
    const several = (tools as readonly JsonValue[]).map((each) =>
      'name' in (each as object) && (each as { name: string }).name === 'call_desk'
        ? tool('call_desk', { summary: { anyOf: [text, { type: 'integer' }] } })
        : each,
    );
    expect(operationOf(must(compileAnnotations({ ...input, tools: several }, nodeDigest)), 'call_desk').needsReview).toBe(true);
  });
});

describe('a name that leads nowhere stops the build', () => {
  const cases: readonly (readonly [string, Partial<AnnotationInput>, RegExp])[] = [
    [
      'an argument the tool does not have',
      { annotations: changed((copy) => Object.assign(copy.call_desk ?? {}, { args: { sumary: 'content' } })) },
      /call_desk: the tool has no argument sumary/,
    ],
    [
      'an owned argument the tool does not have',
      { annotations: changed((copy) => Object.assign(copy.read_loan ?? {}, { owns: [{ arg: 'lone', entity: 'loan' }] })) },
      /no argument lone/,
    ],
    [
      'a tool that is not there',
      { annotations: changed((copy) => Object.assign(copy, { burn: copy.call_desk })) },
      /burn: there is no such tool/,
    ],
    [
      'an entity nobody declared',
      { annotations: changed((copy) => Object.assign(copy.read_loan ?? {}, { owns: [{ arg: 'loan', entity: 'debt' }] })) },
      /there is no entity debt/,
    ],
    [
      'a role nobody knows',
      { annotations: changed((copy) => Object.assign(copy.call_desk ?? {}, { args: { summary: 'poem' } })) },
      /call_desk\.args\.summary/,
    ],
    [
      'a rule for an argument that is no target',
      { rules: { pay_back: [{ argument: 'loan', entity: 'loan', path: 'x' }] } },
      /loan is no target/,
    ],
    [
      'a rule over an entity the tool does not name',
      { rules: { pay_back: [{ argument: 'purse', entity: 'title', path: 'x' }] } },
      /no argument names a title/,
    ],
    ['a look-up by a tool that does not take the id', { lookups: { loan: { tool: 'read_member', arg: 'member' } } }, /lookups\.loan/],
    ['two tools of one name', { tools: [...(tools as readonly JsonValue[]), tool('call_desk', {})] }, /same name/],
    ['a tool name that is a path', { tools: [tool('../admin', {})] }, /plain tool name/],
    [
      'two entities that would be the customer',
      {
        annotations: changed((copy) => delete copy.$entities?.title && Object.assign(copy.$entities ?? {}, { title: { file: 't.json' } })),
      },
      /only one entity can be the customer/,
    ],
  ];
  test.each(cases)('%s', (_, overrides, problem) => {
    expect(problemsOf(overrides)).toEqual(expect.arrayContaining([expect.stringMatching(problem)]));
  });

  test('and anything else that is no annotation is refused, never thrown at', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 3 }), fc.jsonValue({ maxDepth: 3 }), (someTools, someAnnotations) => {
        const compiled = compileAnnotations(
          { ...input, tools: someTools as JsonValue, annotations: someAnnotations as JsonValue },
          nodeDigest,
        );
        if (isRefusal(compiled)) expect(compiled.code).toBe('CONNECTORS_ANNOTATIONS_INVALID');
        else expect(compiled.operations.every((operation) => operation.needsReview)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});

describe('the agent task suites', () => {
  const root = sharedData('agentdojo');
  const read = (suite: string, file: string): JsonValue => JSON.parse(readFileSync(resolve(root ?? '', suite, file), 'utf8')) as JsonValue;
  const suites =
    root === null ? [] : ['slack', 'travel', 'workspace'].filter((suite) => existsSync(resolve(root, suite, 'annotations.json')));

  test.runIf(root !== null)('all compile, every tool of them, with nothing left to review', () => {
    expect(suites).toHaveLength(3);
    for (const suite of suites) {
      const manifest = must(
        compileAnnotations(
          { name: suite, tools: read(suite, 'tools.json'), annotations: read(suite, 'annotations.json'), rules: {}, lookups: {} },
          nodeDigest,
        ),
      );
      console.log(
        `${suite}: ${manifest.operations.length} tools, ${manifest.operations.filter((operation) => operation.needsReview).length} to review`,
      );
      expect(manifest.operations.length).toBe((read(suite, 'tools.json') as readonly JsonValue[]).length);
      expect(manifest.operations.filter((operation) => operation.needsReview)).toEqual([]);
    }
  });
});
