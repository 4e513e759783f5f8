// An effect whose answer was lost gets its outcome from the shop itself, asked by the key that was sent; without such a question, or
// while the shop does not say, it waits for a person.

import { newRunId } from '@sallyport/demo';
import { afterAll, afterEach, beforeAll, expect, inject, it } from 'vitest';
import { type GuardedShop, openGuardedShop } from '../../../testkit/crash/guarded-shop.ts';

let world: GuardedShop;

beforeAll(async () => {
  const cluster = inject('testCluster');
  if (cluster === undefined) throw new Error('this project has no Postgres cluster');
  world = await openGuardedShop(cluster);
});
afterEach(() => world.weather(null));
afterAll(() => world?.close());

const refunds = (order: string) => world.shop.ledger.after(0).filter((entry) => entry.kind === 'refund' && entry.object === order);
const unresolved = async () => (await world.owner('GET', '/api/effects/unresolved')).body.effects as { effectKey: string }[];

let used = 0;
/** A refund that the shop paid and whose answer never came back. */
async function lostRefund() {
  const customer = [...world.shop.state.customers.keys()][used++] as string;
  const order = [...world.shop.state.orders.values()].find((each) => each.customer_id === customer)?.id as string;
  const run = newRunId(Date.now());
  const ask = () =>
    world.call(
      'POST',
      `/connect/shop/orders/${order}/refunds`,
      { amount: '3.00' },
      { binding: world.bind(customer, { run, toolCallId: 'pay' }) },
    );
  world.weather(({ method, status, body }) => (method === 'POST' ? 'drop' : { status, body }));
  const lost = await ask();
  world.weather(null);
  expect(lost.status).toBe(502);
  expect(refunds(order)).toHaveLength(1);
  expect((await unresolved()).map((effect) => effect.effectKey)).toContain(`run:${world.agent.workload}:${run}:pay`);
  return { order, call: lost.body.call, ask, effectKey: `run:${world.agent.workload}:${run}:pay` };
}

it('takes the outcome of a lost effect from the shop that did it, and still gives its answer to who asks again', async () => {
  const { order, call, ask } = await lostRefund();
  expect(await world.server.rooms.recovery.runOnce()).toBe(1);
  expect(await unresolved()).toEqual([]);
  const told = (await world.events(call)).filter((event) => event.type === 'enforcement.effect.resolved');
  expect(told.map((event) => event.facts)).toEqual([{ outcome: 'done', integration: 'shop', operation: 'refunds.create', by: 'upstream' }]);
  const again = await ask();
  expect([again.status, refunds(order).length], again.text).toEqual([201, 1]);
});

it('does not believe a shop that knows no such request, however long ago the effect began, before its last attempt is long over', async () => {
  const { order, effectKey } = await lostRefund();
  // As if the request had never arrived: the shop knows no such key. What becomes of it later is in enforcement/ask-upstream.pg.test.ts.
  await world.db.query(
    `update effects set effect_key = 'call:never-came', created_at = created_at - interval '2 minutes' where effect_key = $1`,
    [effectKey],
  );
  expect(await world.server.rooms.recovery.runOnce()).toBe(0);
  expect((await unresolved()).map((effect) => effect.effectKey)).toEqual(['call:never-came']);
  expect(refunds(order)).toHaveLength(1);
  expect((await world.owner('POST', '/api/effects/resolve', { effectKey: 'call:never-came', outcome: 'failed' })).status).toBe(200);
});

it('leaves an effect to a person where the manifest says no way to ask, and while the shop does not answer', async () => {
  const { effectKey } = await lostRefund();
  world.weather(() => ({ status: 500, body: '{}' }));
  expect(await world.server.rooms.recovery.runOnce()).toBe(0);
  world.weather(null);
  await world.installShop((manifest) => {
    delete (manifest.operations['refunds.create'] as Record<string, unknown>).readBack;
  });
  expect(await world.server.rooms.recovery.runOnce()).toBe(0);
  expect((await unresolved()).map((effect) => effect.effectKey)).toContain(effectKey);
  const resolved = await world.owner('POST', '/api/effects/resolve', { effectKey, outcome: 'done' });
  expect(resolved.status).toBe(200);
  expect(await unresolved()).toEqual([]);
});
