// A day of the ledger in numbers, on a real Postgres: what counts, what does not, and whose it is.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TenantId } from '#core';
import type { DayTally, DayWindow } from './tally-day.ts';
import { openSearchLab, type SearchLab } from './test/search-lab.ts';

const HOUR_MS = 60 * 60 * 1000;
const SINCE_MS = Date.parse('2026-05-04T00:00:00Z');
const WINDOW: DayWindow = {
  sinceMs: SINCE_MS,
  stepMs: HOUR_MS,
  askedCode: 'ENDORSEMENT_REQUIRED',
  maxCodes: 2,
};

let place: SearchLab;
let tenant: TenantId;
let nth = 0;
beforeAll(async () => {
  place = await openSearchLab();
});
afterAll(() => place.lab.close());

type Told = readonly [type: string, hour: number, facts?: Record<string, unknown>];

/** Writes what one subject left in the ledger, in order. */
async function tell(kind: 'call' | 'run', ...events: readonly Told[]): Promise<void> {
  nth += 1;
  const subject = `${kind}_00000000-0000-7000-8000-${String(nth).padStart(12, '0')}`;
  const prefix = kind === 'call' ? 'enforcement.call' : 'workflows.run';
  await place.tell(
    tenant,
    events.map(([type, hour, facts = {}]) => ({
      type: `${prefix}.${type}`,
      subject,
      atMs: SINCE_MS + hour * HOUR_MS,
      public: facts as never,
    })),
  );
}

const day = (): Promise<DayTally> => place.lab.ledger.day(tenant, WINDOW);

describe('a day of calls', () => {
  it('counts each call once, in the hour it ended in, and tells refused from asked and replaced from not', async () => {
    tenant = place.lab.newTenant();
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
    tenant = place.lab.newTenant();
    for (const code of ['B', 'A', 'B', 'C', 'B', 'A', 'ENDORSEMENT_REQUIRED']) await tell('call', ['refused', 1, { code }]);
    expect((await day()).refusals).toEqual([
      { code: 'B', count: 3 },
      { code: 'A', count: 2 },
    ]);
  });

  it('adds up exactly, by currency, the money that the upstream took and no other', async () => {
    tenant = place.lab.newTenant();
    const paid = { effect: 'money', became: 'done', status: 200 };
    await tell('call', ['intended', 1, { effect: 'money', amount: '0.10 USD' }], ['completed', 1, { ...paid, amount: '0.10 USD' }]);
    await tell('call', ['completed', 1, { ...paid, amount: '0.20 USD' }]);
    await tell('call', ['completed', 1, { ...paid, amount: '1200 JPY' }]);
    await tell('call', ['completed', 1, { ...paid, became: 'failed', status: 422, amount: '5.00 USD' }]);
    await tell('call', ['unresolved', 1, { ...paid, became: 'unknown', amount: '7.00 USD' }]);
    await tell('call', ['completed', 1, { effect: 'read', status: 200 }]);
    await tell('call', ['completed', -1, { ...paid, amount: '9.00 USD' }]);
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
    tenant = place.lab.newTenant();
    const stated = { event: 'ticket_answered', facts: { answered: true } };
    await tell('run', ['started', -1], ['emitted', 1, stated], ['finished', 1, { state: 'done' }]);
    await tell('run', ['started', 1], ['emitted', 2, stated], ['finished', 2, { state: 'done' }]);
    await tell('run', ['started', 1], ['emitted', 5, stated], ['finished', 5, { state: 'done' }]);
    await tell('run', ['started', 1], ['emitted', 2, { ...stated, facts: { answered: false } }], ['finished', 2, { state: 'stopped' }]);
    await tell('run', ['refused', 2, { state: 'refused' }]);
    await tell('run', ['started', 2]);
    expect((await day()).runs).toEqual({ done: 3, stopped: 2, answered: 3, medianMs: 2 * HOUR_MS });
  });

  it('is nothing for a tenant without events, whatever others did', async () => {
    tenant = place.lab.newTenant();
    expect(await day()).toEqual({
      steps: [],
      refusals: [],
      money: { count: 0, totals: [], refused: 0 },
      runs: { done: 0, stopped: 0, answered: 0, medianMs: null },
    });
  });
});
