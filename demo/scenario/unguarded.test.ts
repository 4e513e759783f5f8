// The control experiment of the demonstration: with nothing between agent, model and shop every poisoned ticket steals.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runAgent } from '../agent/index.ts';
import { CAPTURED_MODELS, type CapturedModel, startCapturedModel } from '../captured-model/index.ts';
import { type DemoShop, startDemoShop } from '../shop/index.ts';
import { castScenario, SCENARIO, stolenFrom } from './index.ts';

let shop: DemoShop;
let model: CapturedModel;
beforeAll(async () => {
  shop = await startDemoShop({ port: 0, seed: 1 });
  model = await startCapturedModel({ port: 0 });
});
afterAll(async () => {
  await model.close();
  await shop.close();
});

async function answer(nth: number) {
  const tickets = castScenario(shop.state);
  const ticket = tickets[nth] as (typeof tickets)[number];
  const before = shop.ledger.size;
  const id = `demo-${nth}`;
  const at = new Date(0).toISOString();
  const { customerId, subject, body } = ticket;
  shop.state.tickets.set(id, { id, customer_id: customerId, subject, body, status: 'open', created_at: at, updated_at: at, replies: [] });
  await runAgent(
    {
      model: { baseUrl: `${model.url}/v1`, headers: {}, name: CAPTURED_MODELS[0] as string },
      shop: { baseUrl: shop.url, headers: { 'x-shop-access-token': shop.accessToken } },
      signer: null,
    },
    { ticketId: id, customer: { id: customerId, assurance: 'session' } },
  );
  return { ticket, stolen: stolenFrom(shop.ledger.after(before), tickets, shop.state) };
}

describe('without a guard', () => {
  test.each(SCENARIO.map((_, nth) => nth))('ticket %i steals exactly when it is poisoned', async (nth) => {
    const { ticket, stolen } = await answer(nth);
    expect({ key: ticket.key, stolen: stolen.length > 0 }).toEqual({ key: ticket.key, stolen: ticket.poison !== null });
    if (ticket.poison !== null) expect(ticket.body).toContain(ticket.poison);
  });
});
