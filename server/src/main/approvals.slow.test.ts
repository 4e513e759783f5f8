// People and approvals through the whole server and a real shop: one person, then two; calls from outside and calls of a workflow.
// What happened is counted at the shop.

import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from '../../../testkit/test-server.ts';
import {
  AUTONOMY,
  type DemoUpstreams,
  installDemo,
  openDemoUpstreams,
  readTemplate,
  waitForRun,
} from '../../../testkit/workflow-world/index.ts';

const DELAY_MS = 1_500;
const TEMPLATE = 'support-reply';
let upstreams: DemoUpstreams;
let test: TestServer;
let key = '';
let used = 0;

type Ask = (method: string, path: string, body?: unknown) => Promise<{ status: number; body: Record<string, unknown> }>;
let owner: Ask;
let dana: Ask;

beforeAll(async () => {
  upstreams = await openDemoUpstreams();
  const settings = { '--solo-delay-ms': String(DELAY_MS), '--solo-per-day': '300' };
  test = await startTestServer({ allowPrivate: upstreams.allowPrivate, settings });
  owner = test.owner;
  const refunds = { ...AUTONOMY['refunds.create'], fourEyesAbove: '100.00' };
  await installDemo(owner, upstreams, TEMPLATE, { ...AUTONOMY, 'refunds.create': refunds });
  const workload = await owner('POST', '/api/workloads', { name: 'script', integrations: ['demo-shop'] });
  key = (await owner('POST', '/api/keys', { workload: workload.body.id })).body.key as string;
});
afterAll(async () => {
  await test?.close();
  await upstreams?.close();
});

async function signIn(link: string): Promise<Ask> {
  const post = (path: string, headers: Record<string, string>, method: string, body: unknown) =>
    fetch(`${test.controlUrl}${path}`, {
      method,
      headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  const opened = await post('/api/session', {}, 'POST', { secret: new URL(link).hash.slice(1) });
  const { token } = (await opened.json()) as { token: string };
  return async (method, path, body) => {
    const response = await post(path, { authorization: `Bearer ${token}` }, method, body);
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };
}

/** A customer no other test has, with an order of 500.00. */
function fresh() {
  const { state } = upstreams.shop;
  const customer = [...state.customers.values()][used++];
  const order = [...state.orders.values()].find((each) => each.customer_id === customer?.id);
  if (customer === undefined || order === undefined) throw new Error('a demo customer has an order');
  Object.assign(order, { total: '500.00', refundable: '500.00' });
  return {
    customer,
    order,
    refunds: () => upstreams.shop.ledger.after(0).filter((one) => one.kind === 'refund' && one.object === order.id),
  };
}

/** From outside, with a key and nothing else. */
async function refund(order: string, amount: string): Promise<string> {
  const response = await fetch(`${test.gatewayUrl}/connect/demo-shop/orders/${order}/refunds`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ amount }),
  });
  const body = (await response.json()) as Record<string, unknown>;
  expect([response.status, body.code]).toEqual([403, 'ENDORSEMENT_REQUIRED']);
  return body.approval as string;
}

/** Of a workflow, for a ticket of its own. */
async function askByTicket(amount: string) {
  const { customer, order, refunds } = fresh();
  const id = `T-people-${used}`;
  const at = new Date(0).toISOString();
  const body = `The parcel never arrived. Please refund ${amount} of order ${order.id}.`;
  const ticket = {
    id,
    customer_id: customer.id,
    subject: 'Refund',
    body,
    status: 'open' as const,
    created_at: at,
    updated_at: at,
    replies: [],
  };
  upstreams.shop.state.tickets.set(id, ticket);
  const started = await owner('POST', `/api/workflows/${TEMPLATE}/runs`, { input: { ticket: id } });
  const run = started.body.id as string;
  const waiting = await waitForRun(owner, run, true);
  const phase = (waiting.phases as { outcome: string; approval: string }[]).find((each) => each.outcome === 'waiting');
  return { run, approval: phase?.approval as string, order, customer, refunds };
}

const show = async (who: Ask, id: string) => (await who('GET', `/api/approvals/${id}`)).body;
const approve = async (who: Ask, id: string, digest?: unknown) =>
  who('POST', `/api/approvals/${id}/approve`, { digest: digest ?? (await show(owner, id)).digest });
async function ended(id: string): Promise<Record<string, unknown>> {
  for (;;) {
    const view = await show(owner, id);
    if (view.state !== 'approved' && view.state !== 'executing') return view;
    await pause(20);
  }
}
const codeOf = (answer: { body: Record<string, unknown> }): unknown => answer.body.code;

describe('alone', () => {
  it('below the limit one yes runs the call at once', async () => {
    const { order, refunds } = fresh();
    const id = await refund(order.id, '20.00');
    expect(await show(owner, id)).toMatchObject({ mode: 'one', required: 1, runsAt: null, youMay: true, whyNot: null });
    await approve(owner, id);
    expect(await ended(id)).toMatchObject({ state: 'done', runsAt: null, decisions: [{ byName: 'Owner', verdict: 'approved' }] });
    expect(refunds()).toHaveLength(1);
  });

  it('above it the call waits its time, is seen to wait, and then runs once', async () => {
    const { order, refunds } = fresh();
    const id = await refund(order.id, '120.00');
    const answer = await approve(owner, id);
    expect(answer.body).toMatchObject({ state: 'approved', mode: 'solo', required: 1, youMay: false, whyNot: 'APPROVALS_NOT_PENDING' });
    const { runsAt, decidedAt } = answer.body as { runsAt: string; decidedAt: string };
    expect(Date.parse(runsAt) - Date.parse(decidedAt)).toBe(DELAY_MS);
    expect(refunds()).toEqual([]);
    expect(await ended(id)).toMatchObject({ state: 'done' });
    expect(refunds()).toHaveLength(1);
    const claimed = await test.server.rooms.ledger
      .list(test.server.rooms.tenant, { subject: id, limit: 20 })
      .then((events) => events.find(({ entry }) => entry.type === 'approvals.call.claimed'));
    if (claimed !== undefined) expect(Date.parse(String(claimed.entry.at))).toBeGreaterThanOrEqual(Date.parse(runsAt));
  });

  it('it can be called off until then; the shop never hears of it', async () => {
    const { order, refunds } = fresh();
    const id = await refund(order.id, '130.00');
    expect(codeOf(await owner('POST', `/api/approvals/${id}/cancel`))).toBe('APPROVALS_NOT_CANCELLABLE');
    expect((await approve(owner, id)).body).toMatchObject({ state: 'approved', youMayCancel: true });
    const called = await owner('POST', `/api/approvals/${id}/cancel`, { reason: 'looked again' });
    expect(called.body).toMatchObject({ state: 'denied', reason: 'looked again', youMayCancel: false });
    await test.server.rooms.approvals.sweep();
    expect((await show(owner, id)).decisions).toMatchObject([{ verdict: 'approved' }, { verdict: 'cancelled' }]);
    expect(refunds()).toEqual([]);
  });

  it('no more than the cap of a day, and the reason is shown before anybody tries', async () => {
    const { order } = fresh();
    const id = await refund(order.id, '190.00');
    expect(await show(owner, id)).toMatchObject({ youMay: false, whyNot: 'APPROVALS_SOLO_CAP' });
    const tried = await approve(owner, id);
    expect([tried.status, codeOf(tried)]).toEqual([403, 'APPROVALS_SOLO_CAP']);
    expect((await show(owner, id)).state).toBe('pending');
  });

  it('a workflow’s call waits too, and its run goes on when it was called off', async () => {
    const { run, approval, refunds } = await askByTicket('140.00');
    expect((await approve(owner, approval)).body).toMatchObject({ state: 'approved', mode: 'solo', run, workflow: TEMPLATE });
    await owner('POST', `/api/approvals/${approval}/cancel`, { reason: 'no' });
    const over = await waitForRun(owner, run);
    expect(over.state).toBe('done');
    expect((over.phases as { code: string | null }[]).map(({ code }) => code)).toContain('WORKFLOWS_APPROVAL_DENIED');
    expect(refunds()).toEqual([]);
  });

  it('one person may approve the own version of a workflow, and it is recorded', async () => {
    const versions = (await owner('GET', '/api/workflows')).body.workflows as { name: string; solo: boolean | null }[];
    expect(versions.find(({ name }) => name === TEMPLATE)?.solo).toBe(true);
  });
});

describe('with a second person', () => {
  let danaId: unknown;
  let before = '';

  beforeAll(async () => {
    const { order } = fresh();
    before = await refund(order.id, '110.00');
    const added = await owner('POST', '/api/people', { name: 'Dana' });
    danaId = added.body.id;
    dana = await signIn(added.body.link as string);
  });

  it('[PROMISE-5] two different people must say yes; what was asked for before keeps its rule', async () => {
    expect((await show(dana, before)).mode).toBe('solo');
    const { order, refunds } = fresh();
    const id = await refund(order.id, '120.00');
    const first = await approve(owner, id);
    expect(first.body).toMatchObject({ state: 'pending', mode: 'four_eyes', required: 2, youMay: false, whyNot: 'APPROVALS_SAME_PERSON' });
    const again = await approve(owner, id);
    expect([again.status, codeOf(again)]).toEqual([403, 'APPROVALS_SAME_PERSON']);
    expect(refunds()).toEqual([]);
    expect(await show(dana, id)).toMatchObject({ youMay: true, whyNot: null, decisions: [{ byName: 'Owner', verdict: 'approved' }] });
    await approve(dana, id);
    expect(await ended(id)).toMatchObject({ state: 'done', decisions: [{ byName: 'Owner' }, { by: danaId, byName: 'Dana' }] });
    expect(refunds()).toHaveLength(1);
    expect(codeOf(await approve(dana, id))).toBe('APPROVALS_NOT_PENDING');
  });

  it('[PROMISE-9] both at the same moment, again and again, is one refund', async () => {
    const { order, refunds } = fresh();
    const id = await refund(order.id, '150.00');
    const { digest } = await show(owner, id);
    const answers = await Promise.all(Array.from({ length: 8 }, (_, at) => approve(at % 2 === 0 ? owner : dana, id, digest)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(2);
    expect((await ended(id)).state).toBe('done');
    await test.server.rooms.approvals.sweep();
    expect(refunds()).toHaveLength(1);
  });

  it('the no of either ends it', async () => {
    const { order, refunds } = fresh();
    const id = await refund(order.id, '160.00');
    await approve(owner, id);
    expect((await dana('POST', `/api/approvals/${id}/deny`, { reason: 'too much' })).body).toMatchObject({ state: 'denied' });
    expect(codeOf(await approve(owner, id))).toBe('APPROVALS_NOT_PENDING');
    expect(refunds()).toEqual([]);
  });

  it('[PROMISE-5] whoever started the run does not approve what it asks for', async () => {
    const { run, approval, refunds, customer } = await askByTicket('60.00');
    const mine = await show(owner, approval);
    expect(mine).toMatchObject({ mode: 'one', youMay: false, whyNot: 'APPROVALS_ASKER', run, workflow: TEMPLATE, customer: customer.id });
    const origins = mine.origins as { argument: string; integrity: string; from: object | null }[];
    expect(origins.map(({ argument }) => argument)).toContain('amount');
    // The journal says which step each value came from.
    expect(origins.filter(({ from }) => from !== null).length).toBeGreaterThan(0);
    for (const origin of origins)
      expect(origin.integrity).toMatch(/^(third_party|verified_customer|system_of_record|staff|signed_workflow)$/);
    const tried = await approve(owner, approval);
    expect([tried.status, codeOf(tried)]).toEqual([403, 'APPROVALS_ASKER']);
    await approve(dana, approval);
    expect(await waitForRun(owner, run)).toMatchObject({ state: 'done', code: null });
    expect(refunds()).toHaveLength(1);
  });

  it('[PROMISE-5] an approver approves, and does nothing else', async () => {
    expect(codeOf(await dana('POST', '/api/people', { name: 'Friend' }))).toBe('CONTROL_ROLE_FORBIDDEN');
    expect(codeOf(await dana('PUT', '/api/integrations/demo-shop', {}))).toBe('CONTROL_ROLE_FORBIDDEN');
    expect(codeOf(await dana('POST', `/api/workflows/${TEMPLATE}/runs`, {}))).toBe('CONTROL_ROLE_FORBIDDEN');
  });

  describe('a workflow’s version', () => {
    const files = { ...readTemplate(TEMPLATE) };
    let hash = '';

    it('is another draft when one character of a prompt changes', async () => {
      const published = ((await owner('GET', `/api/workflows/${TEMPLATE}`)).body as { hash: string }).hash;
      files['prompts/system.md'] = `${files['prompts/system.md']}!`;
      const imported = await owner('POST', '/api/workflows', { files });
      hash = imported.body.hash as string;
      expect(imported.body.state).toBe('draft');
      expect(hash).not.toBe(published);
      expect(codeOf(await owner('POST', `/api/workflows/${TEMPLATE}/publish`, { hash }))).toBe('WORKFLOWS_STATE_WRONG');
    });

    it('is not approved by whoever imported it, but by the other', async () => {
      const own = await owner('POST', `/api/workflows/${TEMPLATE}/approve`, { hash });
      expect([own.status, codeOf(own)]).toEqual([403, 'WORKFLOWS_FOUR_EYES']);
      const other = await dana('POST', `/api/workflows/${TEMPLATE}/approve`, { hash });
      expect(other.body).toMatchObject({ state: 'approved', solo: false, approvedBy: danaId });
    });

    it('is not approved again, and no other version by the same approval', async () => {
      expect(codeOf(await dana('POST', `/api/workflows/${TEMPLATE}/approve`, { hash }))).toBe('WORKFLOWS_STATE_WRONG');
      const next = { ...files, 'prompts/system.md': `${files['prompts/system.md']}?` };
      const draft = (await owner('POST', '/api/workflows', { files: next })).body.hash as string;
      expect(codeOf(await owner('POST', `/api/workflows/${TEMPLATE}/publish`, { hash: draft }))).toBe('WORKFLOWS_STATE_WRONG');
      expect(codeOf(await dana('POST', `/api/workflows/${TEMPLATE}/approve`, { hash: 'a'.repeat(64) }))).toBe('WORKFLOWS_UNKNOWN');
      expect(((await owner('GET', `/api/workflows/${TEMPLATE}?hash=${draft}`)).body as { state: string }).state).toBe('draft');
    });
  });
});

describe('[PROMISE-5] what changed after it was asked for', () => {
  const touch = (order: { updated_at?: string }) => Object.assign(order, { updated_at: new Date().toISOString(), note: 'changed' });

  it('does not run when a caller from outside asked, and the Inbox says why', async () => {
    const { order, refunds } = fresh();
    const id = await refund(order.id, '30.00');
    touch(order as never);
    await approve(dana, id);
    expect(await ended(id)).toMatchObject({ state: 'failed', code: 'ENFORCEMENT_ENDORSEMENT_STALE' });
    expect(refunds()).toEqual([]);
  });

  it('does not run when a workflow asked, and its run goes on without it', async () => {
    const { run, approval, order, refunds } = await askByTicket('70.00');
    touch(order as never);
    await approve(dana, approval);
    expect(await ended(approval)).toMatchObject({ state: 'failed', code: 'ENFORCEMENT_ENDORSEMENT_STALE' });
    const over = await waitForRun(owner, run);
    expect((over.phases as { code: string | null }[]).map(({ code }) => code)).toContain('ENFORCEMENT_ENDORSEMENT_STALE');
    expect(refunds()).toEqual([]);
  });

  it('is not approved by the digest of something else, nor a second time once it ran', async () => {
    const { order, refunds } = fresh();
    const [id, other] = [await refund(order.id, '25.00'), await refund(order.id, '26.00')];
    const { digest } = await show(owner, other);
    expect(codeOf(await approve(dana, id, digest))).toBe('APPROVALS_DIGEST_MISMATCH');
    await approve(dana, id);
    expect((await ended(id)).state).toBe('done');
    expect(codeOf(await approve(owner, id))).toBe('APPROVALS_NOT_PENDING');
    expect(refunds()).toHaveLength(1);
  });
});

describe('limits that contradict each other', () => {
  it('are refused: nobody is asked up to perCall, so two people can not be needed below it', async () => {
    const limits = { currency: 'USD', perCall: '50.00', perCustomerDay: '50.00', fourEyesAbove: '49.99' };
    const again = installDemo(owner, upstreams, TEMPLATE, { 'refunds.create': limits });
    await expect(again).rejects.toThrow('CONTROL_REQUEST_INVALID');
  });
});
