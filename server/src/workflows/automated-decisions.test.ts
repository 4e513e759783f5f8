// Article 22 in workflows: what decides about a person without one is no workflow, and neither is one that goes around them.

import { describe, expect, it } from 'vitest';
import { isRefusal } from '#core';
import { openBundle } from './bundle.ts';
import { compileExpression } from './expressions.ts';
import { parseDefinition } from './parse-definition.ts';

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
