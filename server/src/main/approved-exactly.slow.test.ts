// What is approved is exactly what was shown: versions of workflows by their hash, calls by their digest, and nothing that changed since.
// What happened is counted at the shop.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApprovalWorld, type Ask, openApprovalWorld, TEMPLATE } from '../../../testkit/approval-world.ts';
import { installDemo, readTemplate, waitForRun } from '../../../testkit/workflow-world/index.ts';

let world: ApprovalWorld;
let owner: Ask;
let dana: Ask;
let danaId = '';

beforeAll(async () => {
  world = await openApprovalWorld();
  owner = world.owner;
  ({ id: danaId, ask: dana } = await world.addPerson('Dana'));
});
afterAll(() => world?.close());

const codeOf = (answer: { readonly body: Record<string, unknown> }): unknown => answer.body.code;

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

  it('is not approved by whoever imported it, but by the other [R1]', async () => {
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

describe('[PROMISE-5] what changed after it was asked for', () => {
  const touch = (order: { updated_at?: string }) => Object.assign(order, { updated_at: new Date().toISOString(), note: 'changed' });

  it('does not run when a caller from outside asked, and the Inbox says why', async () => {
    const { order, refunds } = world.fresh();
    const id = await world.refund(order.id, '30.00');
    touch(order as never);
    await world.approve(dana, id);
    expect(await world.ended(id)).toMatchObject({ state: 'failed', code: 'ENFORCEMENT_ENDORSEMENT_STALE' });
    expect(refunds()).toEqual([]);
  });

  it('does not run when a workflow asked, and its run goes on without it', async () => {
    const { run, approval, order, refunds } = await world.askByTicket('70.00');
    touch(order as never);
    await world.approve(dana, approval);
    expect(await world.ended(approval)).toMatchObject({ state: 'failed', code: 'ENFORCEMENT_ENDORSEMENT_STALE' });
    const over = await waitForRun(owner, run);
    expect((over.phases as { code: string | null }[]).map(({ code }) => code)).toContain('ENFORCEMENT_ENDORSEMENT_STALE');
    expect(refunds()).toEqual([]);
  });

  it('is not approved by the digest of something else, nor a second time once it ran', async () => {
    const { order, refunds } = world.fresh();
    const [id, other] = [await world.refund(order.id, '25.00'), await world.refund(order.id, '26.00')];
    const { digest } = await world.show(owner, other);
    expect(codeOf(await world.approve(dana, id, digest))).toBe('APPROVALS_DIGEST_MISMATCH');
    await world.approve(dana, id);
    expect((await world.ended(id)).state).toBe('done');
    expect(codeOf(await world.approve(owner, id))).toBe('APPROVALS_NOT_PENDING');
    expect(refunds()).toHaveLength(1);
  });
});

describe('limits that contradict each other', () => {
  it('are refused: nobody is asked up to perCall, so two people can not be needed below it', async () => {
    const limits = { currency: 'USD', perCall: '50.00', perCustomerDay: '50.00', fourEyesAbove: '49.99' };
    const again = installDemo(owner, world.upstreams, TEMPLATE, { 'refunds.create': limits });
    await expect(again).rejects.toThrow('CONTROL_REQUEST_INVALID');
  });
});
