// What people decide about workflows and waiting calls: each step of a version's life and each yes or no keeps its details, sealed.

import { afterAll, beforeAll, expect, it } from 'vitest';
import type { JsonObject } from '#core';
import { startTestServer, type TestServer } from '../../../testkit/test-server.ts';
import { type DemoUpstreams, installDemo, openDemoUpstreams, placeTicket, waitForRun } from '../../../testkit/workflow-world/index.ts';

let upstreams: DemoUpstreams;
let test: TestServer;
let hash: string;
const REASON = 'planted reason';

async function owner(method: string, path: string, body?: unknown): Promise<{ status: number; body: Record<string, unknown> }> {
  const reply = await fetch(`${test.controlUrl}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${test.server.ownerToken}`,
      'x-sallyport-reason': encodeURIComponent(REASON),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: reply.status, body: (await reply.json()) as Record<string, unknown> };
}

/** The details of the newest event of this type. */
async function detailsOf(type: string): Promise<JsonObject> {
  for (let round = 0; round < 100; round += 1) {
    await test.server.rooms.sequencer.runOnce();
    const { body } = await test.owner('GET', `/api/events?type=${type}&limit=1`);
    const [event] = body.events as { seq: number }[];
    if (event !== undefined) return (await test.owner('GET', `/api/events/${event.seq}`)).body.details as JsonObject;
  }
  throw new Error(`no event of ${type} was sealed`);
}

beforeAll(async () => {
  upstreams = await openDemoUpstreams();
  test = await startTestServer({ allowPrivate: upstreams.allowPrivate });
  hash = await installDemo(owner, upstreams, 'support-reply', { 'tickets.reply': { timesPerCustomerDay: 100 } });
});
afterAll(async () => {
  await test?.close();
  await upstreams?.close();
});

it('keeps what each step of a version’s life changed, and why', async () => {
  for (const path of ['pause', 'resume']) expect((await owner('POST', `/api/workflows/support-reply/${path}`)).status).toBe(200);
  const name = 'support-reply';
  const steps: readonly [string, object, object | null][] = [
    ['workflows.version.imported', { name, hash, state: 'draft' }, null],
    ['workflows.version.approved', { hash, state: 'approved', solo: true }, { hash, state: 'draft' }],
    ['workflows.version.published', { state: 'published', running: hash }, { state: 'approved', running: null }],
    ['workflows.workflow.paused', { paused: true }, { paused: false }],
    ['workflows.workflow.resumed', { paused: false }, { paused: true }],
    ['identity.workload.created', { workflow: name }, null],
  ];
  for (const [type, after, before] of steps) {
    const expected = { after: expect.objectContaining(after), before: before === null ? null : expect.objectContaining(before) };
    expect([type, await detailsOf(type)]).toEqual([type, expect.objectContaining({ ...expected, reason: REASON, address: '127.0.0.1' })]);
  }
  expect((await owner('POST', `/api/workflows/${name}/retire`, { hash })).status).toBe(200);
  expect(await detailsOf('workflows.version.retired')).toMatchObject({ before: { state: 'published' }, after: { state: 'retired' } });
  expect((await owner('POST', `/api/workflows/${name}/publish`, { hash })).status).toBe(200);
});

it('keeps from where and why a waiting call was decided', async () => {
  const { state } = upstreams.shop;
  const order = [...state.orders.values()].find(({ refundable }) => Number(refundable) > 60);
  if (order === undefined) throw new Error('the demo shop has such an order');
  const decide = async (ticket: string, verdict: 'approve' | 'deny'): Promise<string> => {
    placeTicket(upstreams.shop, { id: ticket, customer: order.customer_id, body: `Please refund 10.00 of order ${order.id}.` });
    const started = await owner('POST', '/api/workflows/support-reply/runs', { input: { ticket } });
    await waitForRun(test.owner, started.body.id as string, true);
    const { body } = await test.owner('GET', '/api/approvals?state=pending');
    const [waiting] = body.approvals as { id: string; digest: string }[];
    const decision = verdict === 'approve' ? { digest: waiting?.digest } : { reason: 'not owed' };
    expect((await owner('POST', `/api/approvals/${waiting?.id}/${verdict}`, decision)).status).toBe(200);
    return String(waiting?.digest);
  };
  const approved = await decide('T-9101', 'approve');
  expect(await detailsOf('approvals.call.approved')).toMatchObject({
    before: { state: 'pending', yes: 0 },
    after: { state: 'approved', yes: 1, operation: 'refunds.create', digest: approved },
    reason: REASON,
    address: '127.0.0.1',
  });
  await decide('T-9102', 'deny');
  expect(await detailsOf('approvals.call.denied')).toMatchObject({ after: { state: 'denied', reason: 'not owed' }, reason: REASON });
});
