// Article 22 in workflows: what decides about a person without one is no workflow, and neither is one that goes around them.

import { describe, expect, it } from 'vitest';
import { isRefusal, type TenantId, TRUSTED_CONSTANT } from '#core';
import { openBundle } from './bundle.ts';
import { compileExpression } from './expressions.ts';
import { type Caller, callOperation } from './guarded-call.ts';
import { nextAction, type Phase } from './next-action.ts';
import { parseDefinition } from './parse-definition.ts';
import type { RunDeps } from './ports.ts';
import { toolsOf } from './tools.ts';
import { labelled } from './value-labels.ts';

const HEAD = `apiVersion: sallyport.dev/v1
kind: Workflow
name: refunds
owner: support
purpose: Decides about refunds.
trigger: { kind: manual, inputs: { days: { type: integer } } }
uses: { integrations: { shop: [refunds.create, refunds.refuse] } }
steps:
`;
const JUDGE = `  - id: judge
    transform: { verdict: "input.days > 30 ? 'refuse' : 'pay'", why: "'after the time for it'" }
    decides: { kind: refuse_refund }
`;
const gate = (own = ''): string => `  - id: verdict
    approval:
      title: A refund
      sentence: Decide about this refund
      confirms:
        step: judge
        options: { refuse: Refuse it, pay: Pay it }
        proposal: steps.judge.value.verdict
        because: steps.judge.value.why
        otherwise: pay
        contest: { by: reply, text: Reply to this message and a person looks at it again }
${own}`;
const act = (value: string): string => `  - id: act
    when: ${value} == 'pay'
    do:
      - id: paid
        emit: { event: paid, facts: { paid: 'true' } }
`;

function problemsOf(steps: string): readonly string[] {
  const bundle = openBundle({ 'workflow.yaml': HEAD + steps });
  if (isRefusal(bundle)) return [bundle.reason];
  const parsed = parseDefinition(bundle);
  return isRefusal(parsed) ? ((parsed.evidence.problems as readonly string[] | undefined) ?? [parsed.reason]) : [];
}

describe('a step that decides about a person', () => {
  it('is good when an approval confirms it and what follows goes by what the person decided', () => {
    expect(problemsOf(JUDGE + gate() + act('steps.verdict.value.outcome'))).toEqual([]);
  });

  it('is an error without an approval that confirms it: before it, in a branch, or not at all', () => {
    const wrong = 'steps.judge: decides refuse_refund about a person, and no approval after it confirms that; a person must decide it';
    expect(problemsOf(JUDGE)).toEqual([wrong]);
    const branch = `  - id: maybe\n    when: input.days > 60\n    do:\n${gate().replace(/^/gm, '    ').trimEnd()}\n`;
    expect(problemsOf(JUDGE + branch)).toEqual([wrong]);
    expect(problemsOf(gate() + JUDGE).join('\n')).toContain(wrong);
  });

  it.each([
    ['a branch', act('steps.judge.value.verdict')],
    ['a branch after the yes', gate() + act('steps.judge.value.verdict')],
    ['another value', `  - id: copy\n    transform: { verdict: "steps['judge'].value.verdict" }\n${gate()}`],
    ['a name made at run time', `${gate()}  - id: copy\n    transform: { verdict: "steps['ju' + 'dge'].value.verdict" }\n`],
    ['all steps at once', `${gate()}  - id: copy\n    transform: { all: steps }\n`],
    ['a loop over them', `${gate()}  - id: copy\n    transform: { all: "[1].map(one, steps.judge.value.verdict)" }\n`],
  ])('is an error when something else reads what it proposes: %s', (_what, rest) => {
    expect(problemsOf(JUDGE + rest).join('\n')).toContain('reads what judge decides; only the approval that confirms it may');
  });

  it('is an error when two approvals confirm it, when a no means none of the options, or when what is confirmed decides nothing', () => {
    expect(problemsOf(JUDGE + gate() + gate().replace('id: verdict', 'id: second'))).toContain(
      'steps.judge: decides refuse_refund, and more than one approval confirms it',
    );
    expect(problemsOf(JUDGE + gate().replace('otherwise: pay', 'otherwise: wait'))).toEqual([
      'steps.verdict.approval.confirms.otherwise: is none of the options',
    ]);
    expect(problemsOf(JUDGE.replace(/ {4}decides.*\n/, '') + gate())).toEqual([
      'steps.verdict.approval.confirms.step: judge is no step before it that decides',
    ]);
  });
});

it('an agent that decides is offered tools that read, and one it calls all the same does nothing', async () => {
  const agent = `  - id: judge
    agent:
      model: small
      system: prompts/system.md
      prompt: prompts/judge.md
      data: {}
      tools:
        - { name: look, integration: shop, operation: refunds.get, description: Looks. }
        - { name: refuse, integration: shop, operation: refunds.refuse, description: Refuses. }
    decides: { kind: refuse_refund }
`;
  const head = HEAD.replace('[refunds.create', '[refunds.get, refunds.create').replace(
    '] } }\nsteps',
    '] }, models: { small: llm } }\nsteps',
  );
  const files = { 'prompts/system.md': 'x', 'prompts/judge.md': 'x' };
  const confirmed = gate().replace('value.verdict', 'value.text').replace('value.why', 'value.text');
  const bundle = openBundle({ ...files, 'workflow.yaml': head + agent + confirmed });
  const parsed = isRefusal(bundle) ? bundle : parseDefinition(bundle);
  if (isRefusal(parsed)) throw new Error(JSON.stringify(parsed));
  const labels = labelled(TRUSTED_CONSTANT);
  const asks = {
    content: null,
    tool_calls: [{ id: 'a', type: 'function', function: { name: 'refuse', arguments: '{}' } }],
  };
  const spoke: Phase = { step: 'judge', phase: 't0', outcome: 'done', code: null, approval: null, value: asks, labels };
  const next = (journal: readonly Phase[]) =>
    nextAction(parsed, { input: { days: 3 }, inputLabels: labels, customer: null, customerLabels: labels, journal });
  const operation = (name: string, effect: string) => ({ name, effect, arguments: [], method: 'POST', path: '/' });
  const manifest = { operations: [operation('refunds.get', 'read'), operation('refunds.refuse', 'write')] };
  const catalogue = { integration: () => ({ manifest }) } as unknown as RunDeps['catalogue'];
  const [speaks, calls] = [next([]), next([spoke])];
  if (speaks?.kind !== 'model' || calls?.kind !== 'call') throw new Error(`${speaks?.kind} ${calls?.kind}`);
  const offered = toolsOf(catalogue, 'ten_1' as TenantId, speaks) as unknown as { function: { name: string } }[];
  expect(offered.map((one) => one.function.name)).toEqual(['look']);
  const caller = { tenant: 'ten_1', labels: { arguments: {}, messages: [], context: TRUSTED_CONSTANT } } as unknown as Caller;
  // Nothing but the catalogue is at hand: whatever tried to send would fail.
  expect(await callOperation({ catalogue } as unknown as RunDeps, caller, calls)).toMatchObject({
    kind: 'refused',
    code: 'WORKFLOWS_TOOL_UNKNOWN',
  });
});

it('an expression tells which steps it reads, and says so when it may read any', () => {
  const read = (source: string): unknown => {
    const compiled = compileExpression(source);
    if ('fault' in compiled) throw new Error(compiled.fault);
    return compiled.steps === null ? 'any' : [...compiled.steps].sort();
  };
  expect(read('input.a + customer.id')).toEqual([]);
  expect(read("has(steps.a.value.x) ? steps['b'].value : {'k': steps.c.value.map(one, one.x)}")).toEqual(['a', 'b', 'c']);
  for (const any of ['steps', 'steps[input.which].value', '[steps][0].a', "steps.exists(key, key == 'a')"])
    expect(read(any), any).toBe('any');
});
