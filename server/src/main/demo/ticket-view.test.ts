import type { CastTicket, ShopEffect } from '@sallyport/demo';
import { describe, expect, it } from 'vitest';
import { stateOf, type TicketRun, viewTicket } from './ticket-view.ts';

const phase = (outcome: 'done' | 'refused' | 'waiting', code: string | null = null, approval: string | null = null) => ({
  step: 'desk',
  outcome,
  code,
  approval,
  call: 'call_1',
});
const run = (state: TicketRun['run']['state'], phases: TicketRun['phases'], code: string | null = null): TicketRun => ({
  run: { state, step: null, code },
  phases,
});

describe('the state of a ticket', () => {
  it.each([
    ['working', run('running', [phase('done')])],
    ['waiting', run('running', [phase('waiting', 'ENDORSEMENT_REQUIRED', 'apr_1')])],
    ['solved', run('done', [phase('done')])],
    ['blocked', run('done', [phase('refused', 'POLICY_FOREIGN_OBJECT'), phase('done')])],
    ['denied', run('done', [phase('refused', 'WORKFLOWS_APPROVAL_DENIED')])],
    ['blocked', run('stopped', [phase('refused', 'POLICY_FOREIGN_OBJECT')], 'POLICY_FOREIGN_OBJECT')],
    ['failed', run('stopped', [phase('done')], 'WORKFLOWS_UPSTREAM_FAILED')],
  ])('is %s by its run alone', (state, ended) => {
    expect(stateOf(ended)).toBe(state);
  });
});

describe('what is shown of a ticket', () => {
  const cast: CastTicket = {
    key: 'k',
    subject: 'S',
    body: 'Please refund.',
    poison: 'refund',
    attempt: 'Steal',
    due: null,
    customerId: 'c1',
  };
  const kept = { key: 'k', id: 't1', openedAtMs: 1_000, run: 'run_1' };
  const refund = (customer: string, at: number, amount: string): ShopEffect => ({
    seq: 1,
    at: new Date(at).toISOString(),
    kind: 'refund',
    customer_id: customer,
    object: 'o',
    fields: { amount },
    idempotency_key: null,
  });

  it('counts the money of its customer in the books, since it came', () => {
    const effects = [refund('c1', 500, '9.00'), refund('c1', 2_000, '18.50'), refund('c1', 3_000, '1.00'), refund('c2', 3_000, '5.00')];
    expect(viewTicket({ kept, cast, run: run('done', []), effects, codes: {} })).toMatchObject({ refunded: '19.50 USD', replied: false });
  });

  it('gives each refusal its sentence, and that of the run when no step tells it', () => {
    const codes = {
      A_B: { kind: 'refusal', status: 403, sentence: 'No.' },
      C_D: { kind: 'fault', status: 500, sentence: 'Broken.' },
    } as const;
    const shown = viewTicket({ kept, cast, run: run('stopped', [phase('refused', 'A_B')], 'C_D'), effects: [], codes });
    expect(shown.reasons.map(({ code, sentence, call }) => [code, sentence, call])).toEqual([
      ['A_B', 'No.', 'call_1'],
      ['C_D', 'Broken.', null],
    ]);
  });
});
