// What a guarded call took and cost is in its outcome: told by the ledger, and by the console's API.

import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { type GuardedShop, MODEL, openGuardedShop } from '../../../testkit/crash/guarded-shop.ts';

let world: GuardedShop;

beforeAll(async () => {
  const cluster = inject('testCluster');
  if (cluster === undefined) throw new Error('this project has no Postgres cluster');
  world = await openGuardedShop(cluster);
  const priced = await world.owner('PUT', '/api/integrations/model', {
    kind: 'model',
    baseUrl: world.model.url,
    models: [MODEL],
    spending: { currency: 'USD', perWorkloadDay: '5.00', prices: { [MODEL]: { input: '2.00', output: '8.00' } } },
  });
  expect(priced.status, priced.text).toBeLessThan(300);
});
afterAll(() => world?.close());

async function outcomeOf(call: string | null): Promise<Record<string, unknown>> {
  for (;;) {
    const ending = (await world.events(call)).find((event) => event.type === 'enforcement.call.completed');
    if (ending !== undefined) return ending.facts;
  }
}

it('[M1] tells tokens, cost and duration of a model call, and no cost where there is no price', async () => {
  const asked = { model: MODEL, messages: [{ role: 'user', content: 'Where is my parcel?' }] };
  const answer = await world.call('POST', '/v1/chat/completions', asked, { binding: null });
  expect(answer.status, answer.text).toBe(200);
  const usage = answer.body.usage as { prompt_tokens: number; completion_tokens: number };
  const facts = await outcomeOf(answer.headers.get('x-sallyport-call'));
  const dollars = (usage.prompt_tokens * 2 + usage.completion_tokens * 8) / 1e6;
  expect(facts).toMatchObject({
    inputTokens: usage.prompt_tokens,
    outputTokens: usage.completion_tokens,
    cost: `${dollars.toFixed(6)} USD`,
  });
  expect(facts.durationMs).toBeTypeOf('number');

  await world.server.rooms.sequencer.runOnce();
  const shown = await world.owner('GET', `/api/calls/${String(answer.headers.get('x-sallyport-call'))}`);
  expect(shown.body).toMatchObject({
    tokens: { input: usage.prompt_tokens, output: usage.completion_tokens },
    cost: `${dollars.toFixed(6)} USD`,
    durationMs: facts.durationMs,
  });

  const order = [...world.shop.state.orders.values()][0];
  const read = await world.call('GET', `/connect/shop/orders/${order?.id}`, undefined, { binding: world.bind(order?.customer_id ?? '') });
  expect(await outcomeOf(read.headers.get('x-sallyport-call'))).not.toHaveProperty('cost');
});
