import { readFileSync } from 'node:fs';
import { nodeDigest } from '@sallyport/testkit';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { isRefusal } from '#core';
import { readTemplate } from '../../../testkit/workflow-world/index.ts';
import { hashBundle, openBundle } from './bundle.ts';
import { fillPrompt, parseDefinition } from './parse-definition.ts';

vi.setConfig({ testTimeout: 60_000 });

const template = readTemplate('support-reply');
const written = template['workflow.yaml'] as string;

function problemsOf(yaml: string, files: Record<string, string> = template): readonly string[] {
  const bundle = openBundle({ ...files, 'workflow.yaml': yaml });
  if (isRefusal(bundle)) return [bundle.reason];
  const parsed = parseDefinition(bundle);
  return isRefusal(parsed) ? ((parsed.evidence.problems as readonly string[] | undefined) ?? [parsed.reason]) : [];
}

function hashOf(files: Record<string, string>): string {
  const bundle = openBundle(files);
  if (isRefusal(bundle)) throw new Error(bundle.reason);
  return hashBundle(bundle, nodeDigest);
}

describe('workflow.yaml', () => {
  it('accepts the shipped template', () => {
    expect(problemsOf(written)).toEqual([]);
  });

  it.each<[string, (yaml: string) => string, string]>([
    ['an unknown key', (yaml) => `${yaml}\nsurprise: 1\n`, 'workflow: Unrecognized key: "surprise"'],
    ['another version of the form', (yaml) => yaml.replace('sallyport.dev/v1', 'sallyport.dev/v9'), 'apiVersion: '],
    ['a step of no kind', (yaml) => yaml.replace('    emit:', '    emits:'), 'steps.5: a step has an id and exactly one of'],
    [
      'a step of two kinds',
      (yaml) => yaml.replace('    emit:', '    transform: { a: "1" }\n    emit:'),
      'steps.5: a step has an id and exactly one of',
    ],
    [
      'an operation that is not listed',
      (yaml) => yaml.replace('orders.list, ', ''),
      'steps.orders.call: demo-shop/orders.list is not listed',
    ],
    [
      'a model that is not listed',
      (yaml) => yaml.replace('captured-1: demo-model', 'other: demo-model'),
      'steps.desk.agent.model: captured-1 is not listed',
    ],
    [
      'an expression that is none',
      (yaml) => yaml.replace('body: steps.ticket.value.body', 'body: "1 +"'),
      'steps.desk.agent.data.body: the expression is not a CEL expression',
    ],
    ['a name that is a number', (yaml) => yaml.replace('name: support-reply', 'name: "20261123"'), 'name: '],
    ['an event that is no name', (yaml) => yaml.replace('event: ticket.created', 'event: "any ticket"'), 'trigger.event: '],
    ['an input a delivery does not hold', (yaml) => yaml.replace(', from: data.id', ''), 'trigger.inputs.ticket.from: '],
    [
      'an input from beside the data of a delivery',
      (yaml) => yaml.replace('from: data.id', 'from: type'),
      'trigger.inputs.ticket.from: is a path into the delivery',
    ],
    [
      'a place in a delivery for what only people give',
      (yaml) => yaml.replace(/kind: webhook\n.*\n.*\n/, 'kind: manual\n'),
      'trigger.inputs.ticket: Unrecognized key: "from"',
    ],
    ['two steps of one id', (yaml) => yaml.replace('id: profile', 'id: ticket'), 'steps.ticket: there is another step of this id'],
    [
      'a slot nobody fills',
      (yaml) => yaml.replace('        subject: steps.ticket.value.subject\n', ''),
      'steps.desk.agent.data: nothing fills the slot subject',
    ],
    [
      'a file that is not there',
      (yaml) => yaml.replace('prompts/system.md', 'prompts/other.md'),
      'steps.desk.agent.system: there is no file prompts/other.md',
    ],
    [
      'a path out of the folder',
      (yaml) => yaml.replace('prompts/system.md', '../system.md'),
      'steps.3.agent.system: is not the path of a file',
    ],
    [
      'aliases, by which a small file becomes a large one',
      (yaml) => yaml.replace('name: support-reply', 'name: &a support-reply').replace('owner: support team', 'owner: *a'),
      'workflow.yaml is not valid YAML',
    ],
  ])('names %s and where it stands', (_what, change, problem) => {
    expect(change(written)).not.toBe(written);
    expect(problemsOf(change(written)).join('\n')).toContain(problem);
  });

  it('accepts the example of the docs', () => {
    const page = readFileSync(new URL('../../../docs/workflows.md', import.meta.url), 'utf8');
    const example = /```yaml\n([^`]+)```/.exec(page)?.[1] ?? '';
    expect(problemsOf(example, {})).toEqual([]);
  });

  it('refuses a file that no step uses, because nobody would look at it', () => {
    expect(problemsOf(written, { ...template, 'prompts/hidden.md': 'x' })).toEqual(['prompts/hidden.md: no step uses this file']);
  });

  it('never throws, whatever the text', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json(),
          fc.integer({ min: 0, max: written.length }).map((at) => written.slice(0, at)),
        ),
        (yaml) => {
          expect(Array.isArray(problemsOf(yaml))).toBe(true);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('fills slots once: what an outsider writes is not read as a prompt', () => {
    expect(fillPrompt('{{a}} and {{ b }}', { a: '{{b}}', b: 'two' })).toBe('{{b}} and two');
    expect(fillPrompt('{{a}}', { a: '$& $1' })).toBe('$& $1');
  });
});

describe('the hash of a bundle', () => {
  const path = fc.stringMatching(/^[a-z][a-z0-9]{0,6}(\/[a-z][a-z0-9]{0,6}){0,2}$/);
  const bundles = fc
    .dictionary(
      path,
      fc.string({ maxLength: 40, unit: 'grapheme' }).filter((text) => text.isWellFormed() && !text.includes('\0')),
      { maxKeys: 6 },
    )
    .map((files) => ({ ...files, 'workflow.yaml': 'kind: Workflow' }) as Record<string, string>);

  it('is the same in whatever order the files come', () => {
    fc.assert(
      fc.property(bundles, (files) => {
        expect(hashOf(Object.fromEntries(Object.entries(files).reverse()))).toBe(hashOf(files));
      }),
      { numRuns: 200 },
    );
  });

  it('[W5] changes with any byte, any path, a file more or less, and two files that swap their content', () => {
    fc.assert(
      fc.property(bundles, fc.nat(), fc.nat(), (files, pick, at) => {
        const paths = Object.keys(files);
        const chosen = paths[pick % paths.length] as string;
        const text = [...(files[chosen] as string)];
        const cut = at % (text.length + 1);
        const added = [...text.slice(0, cut), 'x', ...text.slice(cut)].join('');
        const others: Record<string, string>[] = [
          { ...files, [chosen]: added },
          { ...files, 'added-file': '' },
        ];
        if (chosen !== 'workflow.yaml') {
          const { [chosen]: moved, ...rest } = files;
          others.push(rest, { ...rest, 'moved-file': moved as string });
          if (files[chosen] !== files['workflow.yaml'])
            others.push({ ...files, [chosen]: files['workflow.yaml'] as string, 'workflow.yaml': files[chosen] as string });
        }
        for (const other of others) expect(hashOf(other)).not.toBe(hashOf(files));
      }),
      { numRuns: 300 },
    );
  });

  it.each<[string, Record<string, string>]>([
    ['no workflow.yaml', { 'other.md': '' }],
    ['a path upwards', { 'workflow.yaml': '', 'a/../b': '' }],
    ['an absolute path', { 'workflow.yaml': '', '/etc/passwd': '' }],
    ['paths that some file systems take for one', { 'workflow.yaml': '', 'A.md': '', 'a.md': '' }],
    ['bytes that are no text', { 'workflow.yaml': '', 'a.md': '\ud800' }],
    ['a file too large', { 'workflow.yaml': 'x'.repeat(70_000) }],
    ['too many files', Object.fromEntries([['workflow.yaml', ''], ...Array.from({ length: 64 }, (_, nth) => [`f${nth}`, ''])])],
  ])('has none for %s', (_what, files) => {
    expect(openBundle(files)).toMatchObject({ code: 'WORKFLOWS_BUNDLE_INVALID' });
  });
});
