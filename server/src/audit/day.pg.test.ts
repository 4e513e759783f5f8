// A day of the ledger in numbers, on a real Postgres: what counts, what does not, and whose it is.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TenantId } from '#core';
import type { DayWindow } from './tally-day.ts';
import { type LedgerLab, openLab } from './test/ledger-lab.ts';

const HOUR_MS = 60 * 60 * 1000;
const SINCE_MS = Date.parse('2026-05-04T00:00:00Z');
const WINDOW: DayWindow = {
  sinceMs: SINCE_MS,
  stepMs: HOUR_MS,
  askedCode: 'ENDORSEMENT_REQUIRED',
  maxCodes: 2,
  stated: { event: 'ticket_answered', fact: 'answered' },
};

let lab: LedgerLab;
let tenant: TenantId;
let nth = 0;
beforeAll(async () => {
  lab = await openLab();
});
afterAll(() => lab.close());

type Told = readonly [type: string, hour: number, facts?: Record<string, unknown>];

/** Writes what one subject left in the ledger, in order. */
async function tell(kind: 'call' | 'run', ...events: readonly Told[]): Promise<void> {
  nth += 1;
  const subject = `${kind}_00000000-0000-7000-8000-${String(nth).padStart(12, '0')}`;
  const prefix = kind === 'call' ? 'enforcement.call' : 'workflows.run';
  for (const [type, hour, facts = {}] of events) {
    const occurredAtMs = SINCE_MS + hour * HOUR_MS;
    await lab.write(tenant, 1, { type: `${prefix}.${type}`, subject, occurredAtMs, public: facts as never });
  }
}

async function day(): Promise<Awaited<ReturnType<LedgerLab['ledger']['day']>>> {
  await lab.seal();
  return lab.ledger.day(tenant, WINDOW);
}

describe('a day of calls', () => {
  it('counts each call once, in the hour it ended in, and tells refused from asked and replaced from not', async () => {
    tenant = lab.newTenant();
    await tell('call', ['intended', -2], ['completed', -1, { status: 200 }]);
    await tell('call', ['intended', 1.4, { tokenised: { EMAIL: 2 } }], ['completed', 1.5, { status: 200 }]);
    await tell('call', ['intended', 3, { tokenised: {} }]);
    await tell('call', ['intended', 1.6, { tokenised: {} }], ['completed', 1.7, { status: 200 }]);
    await tell('call', ['refused', 1.8, { code: 'POLICY_ONE' }]);
    await tell('call', ['refused', 3, { code: 'ENDORSEMENT_REQUIRED' }]);
    expect((await day()).steps).toEqual([
      { atMs: SINCE_MS + HOUR_MS, subjects: 3, refused: 1, tokenised: 1 },
      { atMs: SINCE_MS + 3 * HOUR_MS, subjects: 1, refused: 0, tokenised: 0 },
    ]);
  });

  it('names the most frequent codes and no more than asked for', async () => {
    tenant = lab.newTenant();
    for (const code of ['B', 'A', 'B', 'C', 'B', 'A', 'ENDORSEMENT_REQUIRED']) await tell('call', ['refused', 1, { code }]);
    expect((await day()).refusals).toEqual([
      { code: 'B', count: 3 },
      { code: 'A', count: 2 },
    ]);
  });

  it('adds up exactly, by currency, the money that the upstream took and no other', async () => {
    tenant = lab.newTenant();
    const money = (amount: string) => ['intended', 1, { effect: 'money', amount }] as const;
    await tell('call', money('0.10 USD'), ['completed', 1, { status: 201 }]);
    await tell('call', money('0.20 USD'), ['completed', 1, { status: 200 }]);
    await tell('call', money('1200 JPY'), ['completed', 1, { status: 200 }]);
    await tell('call', money('5.00 USD'), ['completed', 1, { status: 422 }]);
    await tell('call', money('7.00 USD'), ['unresolved', 1]);
    await tell('call', ['intended', 1, { effect: 'read', amount: null }], ['completed', 1, { status: 200 }]);
    await tell('call', ['refused', 1, { code: 'POLICY_ONE', effect: 'money' }]);
    await tell('call', ['refused', 1, { code: 'POLICY_ONE', effect: 'send' }]);
    await tell('call', ['refused', 1, { code: 'ENDORSEMENT_REQUIRED', effect: 'money' }]);
    const { money: moved } = await day();
    expect({ ...moved, totals: [...moved.totals].sort((one, two) => one.currency.localeCompare(two.currency)) }).toEqual({
      count: 3,
      totals: [
        { currency: 'JPY', amount: '1200' },
        { currency: 'USD', amount: '0.30' },
      ],
      refused: 1,
    });
  });

  it('counts runs by how they ended, and the median time from the start to the statement, also of runs begun before the window', async () => {
    tenant = lab.newTenant();
    const stated = { event: 'ticket_answered', facts: { answered: true } };
    await tell('run', ['started', -1], ['emitted', 1, stated], ['finished', 1, { state: 'done' }]);
    await tell('run', ['started', 1], ['emitted', 2, stated], ['finished', 2, { state: 'done' }]);
    await tell('run', ['started', 1], ['emitted', 5, stated], ['finished', 5, { state: 'done' }]);
    await tell('run', ['started', 1], ['emitted', 2, { ...stated, facts: { answered: false } }], ['finished', 2, { state: 'stopped' }]);
    await tell('run', ['refused', 2, { state: 'refused' }]);
    await tell('run', ['started', 2]);
    expect((await day()).runs).toEqual({ done: 3, stopped: 2, stated: 3, medianMs: 2 * HOUR_MS });
  });

  it('is nothing for a tenant without events, whatever others did', async () => {
    tenant = lab.newTenant();
    expect(await day()).toEqual({
      steps: [],
      refusals: [],
      money: { count: 0, totals: [], refused: 0 },
      runs: { done: 0, stopped: 0, stated: 0, medianMs: null },
    });
  });
});
