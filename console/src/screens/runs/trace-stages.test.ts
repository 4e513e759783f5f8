// What the checks of the guard are said to have done, from the events of a call.

import { describe, expect, it } from 'vitest';
import type { CallTrace, JsonMap } from '../../api/types.ts';
import { factsOf, replacedOf, STAGES, stagesOf, textsOf } from './trace-stages.ts';

const intended: readonly [string, JsonMap] = [
  'enforcement.call.intended',
  { policies: ['permit-own-effect'], tokenised: { EMAIL: 1, CITY: 2 }, integrity: 'third_party' },
];

function trace(outcome: string, stage: string | null, events: readonly (readonly [string, JsonMap])[]): CallTrace {
  return {
    call: 'call_1',
    seq: 1,
    outcome,
    at: '2026-01-01T00:00:00.000Z',
    integration: 'demo-shop',
    operation: 'refunds.create',
    effect: 'money',
    model: null,
    tier: 'native',
    stage,
    code: null,
    approval: null,
    tokenised: 0,
    signals: [],
    tokens: null,
    cost: null,
    durationMs: null,
    codeSentence: null,
    approvalEvents: [],
    events: events.map(([type, facts], seq) => ({
      seq,
      entry: { id: `evt_${seq}`, at: '2026-01-01T00:00:00.000Z', type, actor: 'act_1', subject: 'call_1', public: facts },
    })),
  };
}

const states = (call: CallTrace): string[] => stagesOf(call).map(({ state }) => state);

describe('the checks of a call', () => {
  it('passed up to the one that refused, and the rest was never reached', () => {
    const refused = trace('refused', 'authorize', [['enforcement.call.refused', { evidence: { policies: ['forbid-foreign-object'] } }]]);
    const at = STAGES.indexOf('authorize');
    expect(states(refused)).toEqual(STAGES.map((_, nth) => (nth < at ? 'passed' : nth === at ? 'refused' : 'unreached')));
    expect(textsOf(refused, 'policies')).toEqual(['forbid-foreign-object']);
  });

  it('all passed for a call that was completed, with the classes that were replaced, most first', () => {
    const done = trace('completed', null, [intended, ['enforcement.call.completed', { status: 200, upstreamStatus: 200 }]]);
    expect(new Set(states(done))).toEqual(new Set(['passed']));
    expect(replacedOf(done)).toEqual([
      { type: 'CITY', count: 2 },
      { type: 'EMAIL', count: 1 },
    ]);
    expect(factsOf(done)).toMatchObject({ integrity: 'third_party', status: 200 });
  });

  it('asks a person at the policy, and nothing behind it was reached', () => {
    expect(states(trace('asked', 'authorize', []))).toContain('asked');
  });

  it('failed at the sending when an intent stands and no answer came, and says unknown when the ledger does not tell', () => {
    expect(states(trace('faulted', null, [intended, ['enforcement.call.faulted', { upstreamStatus: null }]]))[STAGES.indexOf('send')]).toBe(
      'failed',
    );
    expect(states(trace('faulted', null, [['enforcement.call.faulted', {}]])).slice(1)).toEqual(STAGES.slice(1).map(() => 'unknown'));
    expect(states(trace('unresolved', null, [intended]))[STAGES.indexOf('send')]).toBe('unknown');
    expect(states(trace('underway', null, [intended]))[STAGES.indexOf('send')]).toBe('now');
    expect(new Set(states(trace('refused', 'a_stage_of_later', [])))).toEqual(new Set(['unknown']));
  });
});
