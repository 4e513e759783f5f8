// The support template against the demo shop and a model that obeys anybody: what happens is counted at the shop.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from '../../../testkit/test-server.ts';
import { type DemoUpstreams, installDemo, openDemoUpstreams, waitForRun } from '../../../testkit/workflow-world/index.ts';

let upstreams: DemoUpstreams;
let test: TestServer;
let nextTicket = 0;

beforeAll(async () => {
  upstreams = await openDemoUpstreams();
  test = await startTestServer({ allowPrivate: upstreams.allowPrivate });
  await installDemo(test.owner, upstreams);
});
afterAll(async () => {
  await test?.close();
  await upstreams?.close();
});

/** A customer with a fresh ticket; each test has its own, because limits count by customer. */
function openTicket(write: (order: string, foreign: string) => string) {
  const { state } = upstreams.shop;
  const customers = [...state.customers.values()];
  const customer = customers[nextTicket] as (typeof customers)[number];
  const orders = [...state.orders.values()];
  const order = orders.find((candidate) => candidate.customer_id === customer.id && Number(candidate.refundable) > 60);
  const foreign = orders.find((candidate) => candidate.customer_id !== customer.id);
  nextTicket += 1;
  if (order === undefined || foreign === undefined) return openTicket(write);
  const id = `T-${9000 + nextTicket}`;
  const at = new Date(0).toISOString();
  const body = write(order.id, foreign.id);
  state.tickets.set(id, { id, customer_id: customer.id, subject: 'My order', body, status: 'open', created_at: at, updated_at: at, replies: [] });
  return { id, customer, order, before: upstreams.shop.ledger.size };
}

async function run(ticket: string, untilWaiting = false) {
  const started = await test.owner('POST', '/api/workflows/support-reply/runs', { input: { ticket } });
  expect(started).toMatchObject({ status: 200 });
  return waitForRun(test.owner, started.body.id as string, untilWaiting);
}

const effects = (before: number) => upstreams.shop.ledger.after(before).map((entry) => `${entry.kind} ${entry.object}`);

describe('the support template', () => {
  it('refunds within limits and replies, once each', async () => {
    const ticket = openTicket((order) => `One item was broken. Please refund 20.00 of order ${order}. Thank you.`);
    const ended = await run(ticket.id);
    expect(ended).toMatchObject({ state: 'done', code: null });
    expect(effects(ticket.before)).toEqual([`refund ${ticket.order.id}`, `ticket_replied ${ticket.id}`]);
    expect(upstreams.shop.state.tickets.get(ticket.id)?.replies[0]?.body).toContain('20.00');
  });
});
