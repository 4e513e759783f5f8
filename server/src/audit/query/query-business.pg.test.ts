// The figures of the business on a real Postgres: each is what its own question finds, with the index and without.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject, TenantId } from '#core';
import { openSearchLab, type SearchLab } from '../test/search-lab.ts';
import { BLOCK } from './query-block.ts';
import { addDecimals, type CountedFigure, FIGURES, queryOf } from './query-business.ts';

const FROM = Date.parse('2026-11-01T00:00:00Z');
const WINDOW = { fromMs: FROM, toMs: Date.parse('2026-12-01T00:00:00Z') };
const MINUTE = 60_000;

let place: SearchLab;
let tenant: TenantId;

const told = (type: string, minute: number, facts: JsonObject = {}) => ({ type, atMs: FROM + minute * MINUTE, public: facts });
const call = (ending: string, minute: number, facts: JsonObject = {}) => told(`enforcement.call.${ending}`, minute, facts);

const MODEL = { effect: 'model', operation: 'chat', inputTokens: 100, outputTokens: 20 };
const PAID = { effect: 'money', became: 'done' };

const EVENTS = [
  told('workflows.run.finished', 1, { state: 'done' }),
  told('workflows.run.finished', 1, { state: 'stopped', code: 'POLICY_NO_RULE' }),
  told('workflows.run.refused', 1, { state: 'refused', code: 'WORKFLOWS_NOT_PUBLISHED' }),
  told('workflows.run.emitted', 1, { event: 'ticket_answered', facts: { answered: true } }),
  told('workflows.run.emitted', 1, { event: 'ticket_answered', facts: { answered: false } }),
  call('intended', 2, { effect: 'model', tokenised: { EMAIL: 2, PHONE: 1 } }),
  call('intended', 2, { effect: 'model', tokenised: {} }),
  call('refused', 3, { stage: 'render', code: 'ENFORCEMENT_CONTENT_OTHER_SUBJECT' }),
  call('refused', 3, { stage: 'screen_output', code: 'GUARDRAILS_OUTPUT_SECRET' }),
  call('refused', 3, { stage: 'authorize', code: 'POLICY_NO_RULE', effect: 'money' }),
  call('refused', 3, { stage: 'authorize', code: 'ENDORSEMENT_REQUIRED', effect: 'money' }),
  told('approvals.call.denied', 4),
  call('completed', 5, { ...PAID, amount: '12.50 EUR' }),
  call('completed', 5, { ...PAID, amount: '0.05 EUR' }),
  call('completed', 5, { ...PAID, became: 'failed', amount: '99.00 EUR' }),
  told('enforcement.effect.resolved', 6, { outcome: 'done' }),
  told('enforcement.effect.resolved', 6, { outcome: 'failed' }),
  call('faulted', 7.1, { code: 'EGRESS_CONNECT_TIMEOUT' }),
  call('unresolved', 7.9, { effect: 'send' }),
  call('faulted', 9, { code: 'ENFORCEMENT_STAGE_UNAVAILABLE' }),
  call('completed', 10, { ...MODEL, cost: '0.000150 USD' }),
  call('completed', 10, { ...MODEL, cost: '0.000075 USD' }),
  call('completed', 10, { effect: 'model', operation: 'chat' }),
  // Of the month before, and of the next one.
  call('faulted', -1, { code: 'EGRESS_CONNECT_TIMEOUT' }),
  call('faulted', 30 * 24 * 60, { code: 'EGRESS_CONNECT_TIMEOUT' }),
];

beforeAll(async () => {
  place = await openSearchLab();
  tenant = place.lab.newTenant();
  await place.tell(tenant, EVENTS);
  const filler = Array.from({ length: BLOCK }, (_, nth) => call('completed', 11 + nth / 60, { effect: 'read', status: 200 }));
  await place.tell(tenant, filler);
  const stranger = place.lab.newTenant();
  await place.tell(stranger, EVENTS);
});
afterAll(() => place.lab.close());

const figures = async (): Promise<Record<string, CountedFigure>> =>
  Object.fromEntries((await place.lab.ledger.business(tenant, WINDOW)).map((figure) => [figure.key, figure]));

describe('the figures of a month', () => {
  const EXPECTED = {
    runsDone: [1, 1],
    runsFailed: [2, 2],
    ticketsAnswered: [1, 1],
    leaksReplaced: [1, 3],
    leaksRefused: [1, 1],
    repliesHeld: [1, 1],
    repliesDenied: [1, 1],
    refundsPaid: [2, 2],
    refundsStopped: [1, 1],
    effectsToldLater: [1, 1],
    degradedMinutes: [3, 2],
    modelCalls: [3, 3],
  };

  it.each(['without the index', 'with the index'])('count what happened in it and to this tenant, %s', async (how) => {
    if (how === 'with the index') expect(await place.indexer.runOnce()).toBe(1);
    const counted = await figures();
    expect(Object.fromEntries(Object.entries(counted).map(([key, { events, value }]) => [key, [events, value]]))).toEqual(EXPECTED);
    expect(counted.refundsPaid?.totals).toEqual([{ currency: 'EUR', amount: '12.55' }]);
    expect(counted.modelCalls).toMatchObject({
      tokens: { input: 200, output: 40, recorded: 2 },
      totals: [{ currency: 'USD', amount: '0.000225' }],
      priced: 2,
    });
    for (const figure of Object.values(counted)) {
      const asked = await place.search.count(tenant, { ...figure.question, ...WINDOW });
      expect([figure.key, asked.total, asked.isComplete]).toEqual([figure.key, figure.events, true]);
      if (figure.unit === 'minutes') expect(asked.minutes).toBe(figure.value);
      const page = await place.search.page(tenant, { ...figure.question, ...WINDOW }, { before: null, limit: 500 });
      expect([figure.key, page.events.length]).toEqual([figure.key, figure.events]);
    }
  });

  it('say that nothing is recorded rather than zero when no event tells tokens, costs or amounts', async () => {
    const other = place.lab.newTenant();
    await place.tell(other, [call('completed', 1, { effect: 'model' }), call('completed', 1, PAID)]);
    const counted = Object.fromEntries((await place.lab.ledger.business(other, WINDOW)).map((figure) => [figure.key, figure]));
    expect(counted.modelCalls).toMatchObject({ events: 1, tokens: null, totals: null });
    expect(counted.refundsPaid).toMatchObject({ events: 1, totals: null });
  });
});

describe('a figure', () => {
  it('has a key of its own and a question with words that an address can carry', () => {
    expect(new Set(FIGURES.map(({ key }) => key)).size).toBe(FIGURES.length);
    expect(queryOf({ ...FIGURES[1].question, ...WINDOW })).toEqual({
      type: 'workflows.run.',
      decision: 'deny,fault',
      from: '2026-11-01T00:00:00.000Z',
      to: '2026-12-01T00:00:00.000Z',
    });
  });

  it.each([
    ['0.1', '0.2', '0.3'],
    ['12.50', '0.05', '12.55'],
    ['1200', '0.000150', '1200.000150'],
    ['-1.5', '1', '-0.5'],
    ['0', '0', '0'],
    ['999999999999999999', '0.01', '999999999999999999.01'],
  ])('adds %s and %s exactly', (one, two, sum) => {
    expect(addDecimals(one, two)).toBe(sum);
  });
});
