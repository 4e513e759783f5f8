// Where the arguments of a call came from, followed back through the model.

import { describe, expect, it } from 'vitest';
import type { Origin, Phase } from '../../api/runs.ts';
import { lanesOf, stripeOf } from './lineage-of.ts';

const phase = (step: string, name: string, kind: Phase['kind'], origins: readonly Origin[] = []): Phase => ({
  step,
  phase: name,
  kind,
  integration: 'demo-shop',
  operation: null,
  outcome: 'done',
  code: null,
  codeSentence: null,
  approval: null,
  call: null,
  at: '2026-01-01T00:00:00.000Z',
  integrity: null,
  origins,
});
const body = { step: 'ticket', phase: 'call', field: 'body' };
const outsider = (argument: string): Origin => ({
  argument,
  from: body,
  integrity: 'third_party',
  sources: ['outsider:demo-shop'],
  how: 'verbatim',
});
const constant = (argument: string): Origin => ({ argument, from: null, integrity: 'signed_workflow', sources: [], how: 'label' });

const phases: readonly Phase[] = [
  phase('ticket', 'call', 'call'),
  phase('desk', 't0', 'model'),
  phase('desk', 't0.c0', 'tool', [constant('reason'), outsider('order_id'), outsider('amount')]),
  phase('desk', 't1', 'model'),
  phase('reply', 'call', 'call', [
    { argument: 'body', from: { step: 'desk', phase: 't1', field: 'text' }, integrity: 'third_party', sources: ['model:m'], how: 'label' },
  ]),
  phase('note', 'call', 'call', [constant('text')]),
];

describe('the lineage of a call', () => {
  it('groups arguments with the same origin, least trusted first, and names the answer that asked for the call', () => {
    const lanes = lanesOf(phases, phases[2] as Phase);
    expect(lanes.map(({ args, isOutside }) => [args, isOutside])).toEqual([
      [['order_id', 'amount'], true],
      [['reason'], false],
    ]);
    expect(lanes[0]).toMatchObject({ from: body, through: { step: 'desk', phase: 't0' } });
  });

  it('draws where a value stands whole, the least trusted place and the record that says the same, before what may only have shaped it', () => {
    const shaped: Origin = { ...outsider('order_id'), from: { ...body, field: 'subject' }, how: 'label' };
    const record: Origin = {
      ...outsider('order_id'),
      from: { step: 'orders', phase: 'call', field: 'orders[].id' },
      integrity: 'system_of_record',
    };
    const one = phase('desk', 't0.c0', 'tool', [shaped, record, outsider('order_id')]);
    expect(lanesOf(phases, one).map(({ from }) => from)).toEqual([body, record.from]);
    expect(lanesOf(phases, { ...one, origins: [shaped] }).map(({ from }) => from?.field)).toEqual(['subject']);
  });

  it('says that what a model wrote into a later step came through that model, from no single place', () => {
    expect(lanesOf(phases, phases[4] as Phase)).toMatchObject([{ from: null, through: { step: 'desk', phase: 't1' }, isOutside: true }]);
  });

  it('draws a stripe from the text to the call, past the model, and none where nobody outside wrote anything', () => {
    expect(stripeOf(phases, phases[2] as Phase)).toEqual({ start: 0, via: 1, end: 2 });
    expect(stripeOf(phases, phases[4] as Phase)).toEqual({ start: 3, via: null, end: 4 });
    expect(stripeOf(phases, phases[5] as Phase)).toBeNull();
  });
});
