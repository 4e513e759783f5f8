// People and approvals through the whole server: one person, then two; calls from outside and calls of a workflow.
// What happened is counted at the shop.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApprovalWorld, type Ask, DELAY_MS, openApprovalWorld, TEMPLATE } from '../../../testkit/approval-world.ts';
import { waitForRun } from '../../../testkit/workflow-world/index.ts';

let world: ApprovalWorld;
let owner: Ask;
let dana: Ask;
let danaId = '';

beforeAll(async () => {
  world = await openApprovalWorld();
  owner = world.owner;
});
afterAll(() => world?.close());

const codeOf = (answer: { readonly body: Record<string, unknown> }): unknown => answer.body.code;

describe('alone', () => {
  it('below the limit one yes runs the call at once', async () => {
    const { order, refunds } = world.fresh();
    const id = await world.refund(order.id, '20.00');
    expect(await world.show(owner, id)).toMatchObject({ mode: 'one', required: 1, runsAt: null, youMay: true, whyNot: null });
    await world.approve(owner, id);
    expect(await world.ended(id)).toMatchObject({ state: 'done', runsAt: null, decisions: [{ byName: 'Owner', verdict: 'approved' }] });
    expect(refunds()).toHaveLength(1);
  });

  it('above it the call waits its time, is seen to wait, and then runs once', async () => {
    const { order, refunds } = world.fresh();
    const id = await world.refund(order.id, '120.00');
    const answer = await world.approve(owner, id);
    expect(answer.body).toMatchObject({ state: 'approved', mode: 'solo', required: 1, youMay: false, whyNot: 'APPROVALS_NOT_PENDING' });
    const { runsAt, decidedAt } = answer.body as { runsAt: string; decidedAt: string };
    expect(Date.parse(runsAt) - Date.parse(decidedAt)).toBe(DELAY_MS);
    expect(refunds()).toEqual([]);
    expect(await world.ended(id)).toMatchObject({ state: 'done' });
    expect(refunds()).toHaveLength(1);
    const claimed = await world.test.server.rooms.ledger
      .list(world.test.server.rooms.tenant, { subject: id, limit: 20 })
      .then((events) => events.find(({ entry }) => entry.type === 'approvals.call.claimed'));
    if (claimed !== undefined) expect(Date.parse(String(claimed.entry.at))).toBeGreaterThanOrEqual(Date.parse(runsAt));
  });

  it('it can be called off until then; the shop never hears of it', async () => {
    const { order, refunds } = world.fresh();
    const id = await world.refund(order.id, '130.00');
    expect(codeOf(await owner('POST', `/api/approvals/${id}/cancel`))).toBe('APPROVALS_NOT_CANCELLABLE');
    expect((await world.approve(owner, id)).body).toMatchObject({ state: 'approved', youMayCancel: true });
    const called = await owner('POST', `/api/approvals/${id}/cancel`, { reason: 'looked again' });
    expect(called.body).toMatchObject({ state: 'denied', reason: 'looked again', youMayCancel: false });
    await world.test.server.rooms.approvals.sweep();
    expect((await world.show(owner, id)).decisions).toMatchObject([{ verdict: 'approved' }, { verdict: 'cancelled' }]);
    expect(refunds()).toEqual([]);
  });

  it('no more than the cap of a day, and the reason is shown before anybody tries', async () => {
    const { order } = world.fresh();
    const id = await world.refund(order.id, '190.00');
    expect(await world.show(owner, id)).toMatchObject({ youMay: false, whyNot: 'APPROVALS_SOLO_CAP' });
    const tried = await world.approve(owner, id);
    expect([tried.status, codeOf(tried)]).toEqual([403, 'APPROVALS_SOLO_CAP']);
    expect((await world.show(owner, id)).state).toBe('pending');
  });

  it('a workflow’s call waits too, and its run goes on when it was called off', async () => {
    const { run, approval, refunds } = await world.askByTicket('140.00');
    expect((await world.approve(owner, approval)).body).toMatchObject({ state: 'approved', mode: 'solo', run, workflow: TEMPLATE });
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
  let before = '';

  beforeAll(async () => {
    const { order } = world.fresh();
    before = await world.refund(order.id, '110.00');
    ({ id: danaId, ask: dana } = await world.addPerson('Dana'));
  });

  it('[PROMISE-5] two different people must say yes; what was asked for before keeps its rule', async () => {
    expect((await world.show(dana, before)).mode).toBe('solo');
    const { order, refunds } = world.fresh();
    const id = await world.refund(order.id, '120.00');
    const first = await world.approve(owner, id);
    expect(first.body).toMatchObject({ state: 'pending', mode: 'four_eyes', required: 2, youMay: false, whyNot: 'APPROVALS_SAME_PERSON' });
    const again = await world.approve(owner, id);
    expect([again.status, codeOf(again)]).toEqual([403, 'APPROVALS_SAME_PERSON']);
    expect(refunds()).toEqual([]);
    expect(await world.show(dana, id)).toMatchObject({ youMay: true, whyNot: null, decisions: [{ byName: 'Owner', verdict: 'approved' }] });
    await world.approve(dana, id);
    expect(await world.ended(id)).toMatchObject({ state: 'done', decisions: [{ byName: 'Owner' }, { by: danaId, byName: 'Dana' }] });
    expect(refunds()).toHaveLength(1);
    expect(codeOf(await world.approve(dana, id))).toBe('APPROVALS_NOT_PENDING');
  });

  it('[PROMISE-9] both at the same moment, again and again, is one refund', async () => {
    const { order, refunds } = world.fresh();
    const id = await world.refund(order.id, '150.00');
    const { digest } = await world.show(owner, id);
    const answers = await Promise.all(Array.from({ length: 8 }, (_, at) => world.approve(at % 2 === 0 ? owner : dana, id, digest)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(2);
    expect((await world.ended(id)).state).toBe('done');
    await world.test.server.rooms.approvals.sweep();
    expect(refunds()).toHaveLength(1);
  });

  it('the no of either ends it', async () => {
    const { order, refunds } = world.fresh();
    const id = await world.refund(order.id, '160.00');
    await world.approve(owner, id);
    expect((await dana('POST', `/api/approvals/${id}/deny`, { reason: 'too much' })).body).toMatchObject({ state: 'denied' });
    expect(codeOf(await world.approve(owner, id))).toBe('APPROVALS_NOT_PENDING');
    expect(refunds()).toEqual([]);
  });

  it('[PROMISE-5] whoever started the run does not approve what it asks for', async () => {
    const { run, approval, refunds, customer } = await world.askByTicket('60.00');
    const mine = await world.show(owner, approval);
    expect(mine).toMatchObject({ mode: 'one', youMay: false, whyNot: 'APPROVALS_ASKER', run, workflow: TEMPLATE, customer: customer.id });
    const origins = mine.origins as { argument: string; integrity: string; from: object | null }[];
    expect(origins.map(({ argument }) => argument)).toContain('amount');
    // The journal says which step each value came from.
    expect(origins.filter(({ from }) => from !== null).length).toBeGreaterThan(0);
    for (const origin of origins)
      expect(origin.integrity).toMatch(/^(third_party|verified_customer|system_of_record|staff|signed_workflow)$/);
    const tried = await world.approve(owner, approval);
    expect([tried.status, codeOf(tried)]).toEqual([403, 'APPROVALS_ASKER']);
    await world.approve(dana, approval);
    expect(await waitForRun(owner, run)).toMatchObject({ state: 'done', code: null });
    expect(refunds()).toHaveLength(1);
  });

  it('a call whose customer was erased is shown without its words, never runs, and holds up no other', async () => {
    const { approval, refunds, customer } = await world.askByTicket('61.00');
    const erased = await owner('POST', '/api/erasures', { subject: customer.id, confirm: customer.id });
    expect(erased.status).toBe(200);
    expect((await owner('GET', '/api/approvals')).status).toBe(200);
    const shown = await world.show(owner, approval);
    expect(shown).toMatchObject({ state: 'pending', customer: null, origins: [] });
    expect(shown.sentence).toContain('erased');
    await world.approve(dana, approval);
    await world.test.server.rooms.approvals.sweep();
    expect(await world.ended(approval)).toMatchObject({ state: 'failed', code: 'VAULT_SUBJECT_ERASED' });
    expect(refunds()).toEqual([]);
  });

  it('[PROMISE-5] an approver approves, and does nothing else', async () => {
    expect(codeOf(await dana('POST', '/api/people', { name: 'Friend' }))).toBe('CONTROL_ROLE_FORBIDDEN');
    expect(codeOf(await dana('PUT', '/api/integrations/demo-shop', {}))).toBe('CONTROL_ROLE_FORBIDDEN');
    expect(codeOf(await dana('POST', `/api/workflows/${TEMPLATE}/runs`, {}))).toBe('CONTROL_ROLE_FORBIDDEN');
  });
});
