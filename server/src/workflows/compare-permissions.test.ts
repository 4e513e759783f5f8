// What is shown of a version before somebody approves it: every leaf of its written form, and what lets it do more first.

import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { readTemplate } from '../../../testkit/workflow-world/index.ts';
import { comparePermissions } from './compare-permissions.ts';
import { definitionSource } from './definition-schema.ts';
import { describeVersion } from './describe-version.ts';

const template = readTemplate('support-reply');
const written = template['workflow.yaml'] as string;
const factsOf = (yaml: string) => {
  const facts = describeVersion({ 'workflow.yaml': yaml });
  if (facts === null) throw new Error('the workflow can not be described');
  return facts;
};
const before = factsOf(written);
const changesOf = (change: (yaml: string) => string) => {
  expect(change(written)).not.toBe(written);
  return comparePermissions(before.permissions, factsOf(change(written)).permissions).map(
    ({ area, name, before, after, direction }) => `${direction} ${area} ${name}: ${before} -> ${after}`,
  );
};

const QUESTION = '  - id: ok\n    approval: { title: Go on, sentence: It is answered. }\n\n';

describe('what a version may do', () => {
  it('names its steps in order with what each reaches', () => {
    expect(before.steps.map(({ id, kind, depth, branch }) => [id, kind, depth, branch])).toEqual([
      ['ticket', 'call', 0, null],
      ['profile', 'call', 0, null],
      ['orders', 'call', 0, null],
      ['desk', 'agent', 0, null],
      ['has_answer', 'when', 0, null],
      ['reply', 'call', 1, 'do'],
      ['unsent', 'when', 1, 'do'],
      ['holding_reply', 'call', 2, 'do'],
      ['plain_reply', 'call', 1, 'else'],
      ['outcome', 'emit', 0, null],
    ]);
    expect(before.steps[3]).toMatchObject({
      model: 'captured-1',
      reaches: ['demo-shop/orders.get', 'demo-shop/refunds.list', 'demo-shop/refunds.create'],
    });
    expect(before.customer).toEqual({ operation: 'demo-shop/tickets.get', field: 'customer_id', assurance: 'session' });
    expect(before.inputs).toMatchObject([{ name: 'ticket', type: 'string', maxBytes: 64 }]);
  });

  it('has nothing to say of two equal versions, and null for files that hold none', () => {
    expect(comparePermissions(before.permissions, factsOf(written).permissions)).toEqual([]);
    expect(describeVersion({ 'workflow.yaml': 'name: x' })).toBeNull();
    expect(describeVersion({ 'workflow.yaml': ': : :' })).toBeNull();
  });

  it.each<[string, (yaml: string) => string, string]>([
    [
      'a new operation',
      (yaml) => yaml.replace('tickets.reply]', 'tickets.reply, customers.delete]'),
      'wider operation demo-shop/customers.delete',
    ],
    ['an operation less', (yaml) => yaml.replace('customers.get, ', ''), 'narrower operation demo-shop/customers.get'],
    [
      'another provider for a model',
      (yaml) => yaml.replace('captured-1: demo-model', 'captured-1: elsewhere'),
      'wider model captured-1: demo-model -> elsewhere',
    ],
    ['a larger budget', (yaml) => yaml.replace('maxCalls: 12', 'maxCalls: 40'), 'wider limit desk agent.maxCalls: 12 -> 40'],
    ['a smaller budget', (yaml) => yaml.replace('maxTurns: 8', 'maxTurns: 2'), 'narrower limit desk agent.maxTurns: 8 -> 2'],
    [
      'a stronger claim about the channel',
      (yaml) => yaml.replace('assurance: session', 'assurance: sso_mfa'),
      'wider assurance assurance: session -> sso_mfa',
    ],
    [
      'a tool of another operation',
      (yaml) => yaml.replace('operation: orders.get,', 'operation: refunds.create,'),
      'wider tool desk agent.tools.get_order.operation',
    ],
    [
      'another argument of an effect',
      (yaml) => yaml.replace('body: steps.desk.value.text }', 'body: \'"pay here"\' }'),
      'other argument reply call.with.body',
    ],
    [
      'more data for the model',
      (yaml) => yaml.replace('customer: customer.id\n', 'customer: steps.profile.value\n'),
      'other data desk agent.data.customer',
    ],
  ])('says %s, what lets it do more first', (_what, change, said) => {
    expect(changesOf(change)[0]).toContain(said);
  });

  it('says that a step which asked a person is gone, and does not move every step behind it', () => {
    const asking = (yaml: string): string => yaml.replace('  - id: has_answer', `${QUESTION}  - id: has_answer`);
    const gone = comparePermissions(factsOf(asking(written)).permissions, before.permissions);
    expect(gone[0]).toMatchObject({ area: 'step', name: 'ok', after: null, direction: 'wider' });
    expect(gone.filter(({ area }) => area === 'step').map(({ name }) => name)).toEqual(['ok', 'has_answer']);
    expect(changesOf(asking)[0]).not.toContain('wider');
  });

  it('shows every change of the written form: no leaf of it is left out', () => {
    const source = parse(written) as Record<string, unknown>;
    let changed = 0;
    const visit = (node: unknown, path: readonly (string | number)[], mutate: (value: unknown) => void): void => {
      if (typeof node === 'object' && node !== null) {
        for (const [key, value] of Object.entries(node)) visit(value, [...path, key], (next) => Object.assign(node, { [key]: next }));
        return;
      }
      if (['name', 'owner', 'purpose', 'apiVersion', 'kind'].includes(String(path[0]))) return;
      const candidates = typeof node === 'number' ? [node - 1] : [`${node}x`, 'continue', 'stop', 'claimed', 'integer'];
      const next = candidates.find((candidate) => {
        if (candidate === node) return false;
        mutate(candidate);
        return definitionSource.safeParse(source).success;
      });
      if (next !== undefined) {
        changed += 1;
        const after = factsOf(stringify(source, { aliasDuplicateObjects: false }));
        expect([path.join('.'), comparePermissions(before.permissions, after.permissions).length > 0]).toEqual([path.join('.'), true]);
      }
      mutate(node);
    };
    visit(source, [], () => undefined);
    expect(changed).toBeGreaterThan(60);
  });
});
