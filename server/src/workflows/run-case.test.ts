import { describe, expect, it } from 'vitest';
import { type ApprovalId, isRefusal, type JsonObject, type RunId } from '#core';
import { caseOf } from './run-case.ts';

type Run = Parameters<typeof caseOf>[0];
const run = (input: JsonObject, customer: string | null = null): Run =>
  ({
    row: { id: 'run_1' as RunId },
    input,
    customer: customer === null ? null : { id: customer, assurance: 'session' },
    journal: [{ approval: 'apr_1' as ApprovalId }, { approval: null }],
  }) as unknown as Run;
const bound = run({ ticket: { id: 4711, subject: 'Where is my order?' }, orders: ['A-17'] }, 'cust-9');
const bare = { ...run({}), journal: [] } as unknown as Run;

const read = (of: Run, stated: string | null, isRequired = true): unknown => {
  const answer = caseOf(of, { stated, isRequired });
  return isRefusal(answer) ? answer.code : answer;
};

describe('reading what a run was about', () => {
  it.each(['ticket:4711', '4711', 'order:A-17', 'customer:cust-9', 'approval:apr_1', 'run:run_1'])(
    'is for %s, which the run is bound to',
    (stated) => {
      expect(read(bound, stated)).toEqual({ purpose: stated, known: true });
    },
  );

  it.each(['ticket:4712', 'order:A-1', 'ticket:', 'Where is my order?', 'ticket:4711; drop', '__proto__'])('is not for %j', (stated) => {
    expect(read(bound, stated)).toBe('WORKFLOWS_CASE_UNKNOWN');
  });

  it('names a case where that is asked, and may where it is not', () => {
    expect(read(bound, null)).toBe('WORKFLOWS_CASE_REQUIRED');
    expect(read(bound, null, false)).toEqual({ purpose: null, known: false });
    expect(read(bound, 'ticket:4712', false)).toBe('WORKFLOWS_CASE_UNKNOWN');
  });

  it('of a run that is bound to nothing is recorded as not checked', () => {
    expect(read(bare, 'ticket:1')).toEqual({ purpose: 'ticket:1', known: false });
  });
});
