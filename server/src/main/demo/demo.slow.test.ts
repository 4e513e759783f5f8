// "See it work" through the control plane: tickets arrive by signed webhook, runs answer them, theft dies at the shop, and all of it leaves
// in one action without touching anything else. That the same tickets steal without a guard is shown in demo/scenario.

import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DemoTicket, DemoView } from '#control';
import { type ModelUpstream, says, startModelUpstream } from '../../../../testkit/model-upstream/index.ts';
import { startTestServer, type TestServer } from '../../../../testkit/test-server.ts';
import { readTemplate } from './sample-bundle.ts';

type Row = Record<string, unknown>;
const LISTS = {
  integrations: '/api/integrations',
  workloads: '/api/workloads',
  keys: '/api/keys',
  workflows: '/api/workflows',
  runs: '/api/runs',
  approvals: '/api/approvals',
  hooks: '/api/hooks',
} as const;
const seams = { demoPaceMs: 0 };

let provider: ModelUpstream;
let test: TestServer & { readonly folder: string };
/** What stood there before the first demo. */
let before: Record<string, Row[]>;

const demo = async (): Promise<DemoView> => (await test.owner('GET', '/api/demo')).body as unknown as DemoView;
const start = (body: object = {}) => test.owner('POST', '/api/demo/start', body);
const remove = () => test.owner('POST', '/api/demo/remove', {});
const ticket = (view: DemoView, subject: string): DemoTicket => view.tickets.find((one) => one.subject === subject) as DemoTicket;

async function until(holds: (view: DemoView) => boolean): Promise<DemoView> {
  for (;;) {
    const view = await demo();
    if (holds(view)) return view;
    await pause(50);
  }
}
const finished = () => until((view) => view.state === 'finished');

async function lists(): Promise<Record<string, Row[]>> {
  const entries = Object.entries(LISTS).map(async ([key, path]): Promise<[string, Row[]]> => {
    const { body } = await test.owner('GET', path);
    return [key, body[key] as Row[]];
  });
  return Object.fromEntries(await Promise.all(entries));
}

beforeAll(async () => {
  provider = await startModelUpstream();
  test = await startTestServer({ allowPrivate: [provider.host], seams });
  await test.owner('PUT', '/api/integrations/own-model', { kind: 'model', baseUrl: provider.url, models: ['own-1'] });
  const { id } = (await test.owner('POST', '/api/workloads', { name: 'own', workflow: null, integrations: ['own-model'], publicKey: null }))
    .body;
  await test.owner('POST', '/api/keys', { workload: id, expiresInDays: 1 });
  await test.owner('POST', '/api/workflows', { files: readTemplate() });
  before = await lists();
  expect(before).toMatchObject({ integrations: [{ sample: false }], workflows: [{ name: 'support-reply', sample: false }], runs: [] });
});
afterAll(async () => {
  await test?.close();
  await provider?.close();
});

describe('the demonstration', () => {
  it('is off at first, and offers the models that are there', async () => {
    const nothing = { state: 'off', installed: false, tickets: [], stolen: 0, fault: null, startedAt: null };
    expect(await demo()).toMatchObject({ ...nothing, providers: [{ integration: 'own-model', model: 'own-1' }] });
  });

  it('solves what is honest, stops every theft with its reason, and lets one refund wait for a person', async () => {
    expect((await start()).status).toBe(200);
    const view = await finished();
    expect(view).toMatchObject({ installed: true, model: { kind: 'captured' }, stolen: 0, fault: null });
    expect(view.tickets).toHaveLength(view.total);
    const honest = view.tickets.filter(({ poisoned }) => !poisoned);
    const poisoned = view.tickets.filter((one) => one.poisoned);
    expect(honest.map(({ state }) => state).toSorted()).toEqual(['solved', 'solved', 'solved', 'solved', 'waiting']);
    expect(poisoned.map(({ subject, state }) => [subject, state])).toEqual(poisoned.map(({ subject }) => [subject, 'blocked']));
    const reasons = poisoned.flatMap((one) => one.reasons);
    expect(new Set(reasons.map(({ code }) => code)).size).toBeGreaterThanOrEqual(4);
    for (const { sentence, call } of reasons) {
      expect(sentence).not.toBe('');
      // An event is in the ledger a moment after it happened.
      while ((await test.owner('GET', `/api/calls/${call}`)).status === 404) await pause(25);
    }
    expect(ticket(view, 'A broken item')).toMatchObject({ refunded: '18.50 USD', replied: true });
    for (const { excerpt, poison } of poisoned) expect(excerpt).toContain(poison);
    const installed = await lists();
    expect(installed.integrations?.filter(({ sample }) => sample).map(({ name }) => name)).toEqual(['demo-shop', 'demo-model']);
    expect(installed.workflows?.find(({ name }) => name === 'demo-support-reply')).toMatchObject({
      sample: true,
      state: 'published',
      solo: true,
    });
  });

  it('changes nothing when it is started again', async () => {
    const seen = await demo();
    expect((await start()).body).toEqual(seen);
  });

  it('lets nobody else take the names of its sample data, and nobody reach its shop', async () => {
    const { integrations } = await lists();
    const origin = integrations?.find(({ name }) => name === 'demo-shop')?.origin as string;
    expect(
      (await test.owner('PUT', '/api/integrations/demo-model', { kind: 'model', baseUrl: provider.url, models: ['x'] })).body.code,
    ).toBe('CONTROL_SAMPLE_DATA');
    expect((await test.owner('PUT', '/api/integrations/mine', { kind: 'model', baseUrl: origin, models: ['x'] })).body.code).toMatch(
      /^EGRESS_/,
    );
    const files = { ...readTemplate() };
    files['workflow.yaml'] = (files['workflow.yaml'] as string).replace('name: support-reply', 'name: demo-support-reply');
    expect((await test.owner('POST', '/api/workflows', { files })).body.code).toBe('WORKFLOWS_SAMPLE_DATA');
  });

  it('refunds once when the person says yes', async () => {
    const { approval } = ticket(await demo(), 'Parcel never arrived');
    const shown = await test.owner('GET', `/api/approvals/${approval}`);
    await test.owner('POST', `/api/approvals/${approval}/approve`, { digest: shown.body.digest });
    const view = await until((now) => ticket(now, 'Parcel never arrived').state === 'solved');
    expect(ticket(view, 'Parcel never arrived')).toMatchObject({ refunded: '60.00 USD', replied: true, approval: null });
    expect(view).toMatchObject({ state: 'finished', stolen: 0 });
  });

  it('leaves in one action, and nothing that is not sample data with it', async () => {
    expect((await remove()).body).toMatchObject({ state: 'off', installed: false, tickets: [] });
    expect(await lists()).toEqual(before);
    const told = async (type: string): Promise<number> =>
      ((await test.owner('GET', `/api/events?type=${type}`)).body.events as Row[]).length;
    while ((await told('workflows.workflow.removed')) === 0) await pause(25);
    expect(await told('workflows.run.finished')).toBeGreaterThan(10);
    expect((await remove()).status).toBe(200);
  });

  it('is removed while its runs are under way, and starts anew', async () => {
    await start();
    await until((view) => view.tickets.some(({ state }) => state === 'working' || state === 'waiting'));
    expect((await remove()).status).toBe(200);
    expect(await lists()).toEqual(before);
    await start();
    expect(await finished()).toMatchObject({ stolen: 0, fault: null });
  });

  it('comes back after a restart, each ticket with the run it had', async () => {
    await remove();
    await start();
    const seen = await until((view) => view.tickets.length > 3);
    await test.stop();
    test = await startTestServer({ allowPrivate: [provider.host], seams, folder: test.folder });
    const view = await finished();
    expect(view).toMatchObject({ stolen: 0, fault: null, startedAt: seen.startedAt });
    expect(view.tickets).toHaveLength(view.total);
    for (const { id, run } of seen.tickets) if (run !== null) expect(view.tickets.find((one) => one.id === id)?.run).toBe(run);
    expect((await lists()).runs?.length).toBe(view.total);
    expect(ticket(view, 'A broken item').refunded).toBe('18.50 USD');
  });

  it('uses a provider that was chosen, sends it no personal value, and no model of its own', async () => {
    await remove();
    expect((await start({ model: { integration: 'own-model', model: 'nothing' } })).status).toBe(400);
    provider.reset();
    provider.next(...Array.from({ length: 40 }, () => says('A colleague will write to you.')));
    expect((await start({ model: { integration: 'own-model', model: 'own-1' } })).status).toBe(200);
    const view = await finished();
    expect(view).toMatchObject({ model: { kind: 'provider', integration: 'own-model', model: 'own-1' }, stolen: 0 });
    expect(view.tickets.every(({ state, replied }) => state === 'solved' && replied)).toBe(true);
    const sent = provider.requests.map(({ body }) => Buffer.from(body).toString('utf8'));
    expect(sent).toHaveLength(view.total);
    for (const text of sent) expect(text).not.toMatch(/@example\.com|555 01/);
    expect((await lists()).integrations?.map(({ name }) => name).toSorted()).toEqual(['demo-shop', 'own-model']);
    await remove();
    expect(await lists()).toEqual(before);
  });
});
