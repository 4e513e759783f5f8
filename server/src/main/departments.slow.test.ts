// What departments may use and spend, through a whole server and a real shop: what their rules or budgets do not allow never reaches the shop,
// the refusal says whose they are, and a change holds for the next call.

import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { type Answer, type GuardedShop, MODEL, openGuardedShop } from '../../../testkit/crash/guarded-shop.ts';

let world: GuardedShop;
let customers: readonly string[] = [];
let used = 0;
type Rows = readonly Record<string, unknown>[];

beforeAll(async () => {
  const cluster = inject('testCluster');
  if (cluster === undefined) throw new Error('this project has no Postgres cluster');
  world = await openGuardedShop(cluster);
  customers = [...world.shop.state.customers.keys()];
  for (const name of ['support', 'finance']) await must('POST', '/api/workspaces', { name });
  await move('support', 'workload', world.agent.workload);
}, 60_000);
afterAll(() => world?.close());

async function must(method: string, path: string, body?: unknown): Promise<Record<string, unknown>> {
  const answer = await world.owner(method, path, body);
  expect(answer.status, `${method} ${path} ${answer.text}`).toBeLessThan(300);
  return answer.body;
}
const move = (workspace: string, kind: string, name: string) =>
  must('PUT', `/api/workspaces/${workspace}/members`, { members: [{ kind, name }] });
const rule = (workspace: string, rules: object) => must('PUT', `/api/workspaces/${workspace}/rules`, rules);
const budget = (workspace: string, ...limits: readonly object[]) => must('PUT', `/api/workspaces/${workspace}/budget`, { limits });
const limitsOf = async (name: string): Promise<Rows> => {
  const workspaces = (await must('GET', '/api/workspaces')).workspaces as Rows;
  return workspaces.find((one) => one.name === name)?.limits as Rows;
};

/** An order of a customer no other test has touched. */
function fresh(): { readonly order: string; readonly customer: string } {
  const customer = customers[used++] as string;
  const order = [...world.shop.state.orders.values()].find((one) => one.customer_id === customer)?.id;
  if (order === undefined) throw new Error('a demo customer has orders');
  return { customer, order };
}
const refund = ({ order, customer }: ReturnType<typeof fresh>, amount: string, isBound = true): Promise<Answer> =>
  world.call('POST', `/connect/shop/orders/${order}/refunds`, { amount }, { binding: isBound ? world.bind(customer) : null });
const refunds = (order: string) => world.shop.ledger.after(0).filter((entry) => entry.kind === 'refund' && entry.object === order);
const chat = (isBound = true) =>
  world.call(
    'POST',
    '/v1/chat/completions',
    { model: MODEL, messages: [{ role: 'user', content: 'Where is my parcel?' }] },
    { binding: isBound ? world.bind(customers[0] ?? '') : null },
  );

describe('[M7] the rules of a department', () => {
  it('refuse an effect, a model and an integration it does not use, whatever else allows them, and say whose rule it is', async () => {
    const before = fresh();
    expect((await refund(before, '12.00')).status).toBe(201);
    await rule('support', { effects: ['read', 'write'] });
    const refused = fresh();
    const answer = await refund(refused, '12.00');
    expect([answer.status, answer.body.code], answer.text).toEqual([403, 'POLICY_OUTSIDE_WORKSPACE']);
    expect(answer.text).toContain('support');
    expect(refunds(refused.order)).toEqual([]);
    const [event] = await world.events(answer.body.call);
    expect(event?.facts).toMatchObject({ stage: 'authorize', evidence: { workspace: 'support', workspaceRule: 'effect' } });
    // A program of no department is held by none of it.
    expect((await refund(refused, '12.00', false)).body.code).toBe('ENDORSEMENT_REQUIRED');

    expect((await chat()).status).toBe(200);
    await rule('support', { models: [] });
    expect((await chat()).body.error).toMatchObject({ code: 'POLICY_OUTSIDE_WORKSPACE' });
    const listed = async (binding: string | null) =>
      ((await world.call('GET', '/v1/models', undefined, { binding })).body.data as Rows).length;
    expect([await listed('none'), await listed(null)]).toEqual([0, 1]);
    await rule('support', { integrations: ['model'] });
    expect((await chat()).status).toBe(200);
    expect((await refund(fresh(), '1.00')).body.code).toBe('POLICY_OUTSIDE_WORKSPACE');
    await rule('support', {});
  });

  it('hold for whoever uses its integrations, and what they would be given of personal data they do not see', async () => {
    await move('finance', 'integration', 'shop');
    await rule('finance', { dataClasses: ['order'] });
    const one = fresh();
    const read = await world.call('GET', `/connect/shop/orders/${one.order}`, undefined, { binding: world.bind(one.customer) });
    expect([read.status, read.body.code], read.text).toEqual([403, 'POLICY_OUTSIDE_WORKSPACE']);
    expect(read.text).toContain('finance');
    await rule('finance', {});
    expect((await world.call('GET', `/connect/shop/orders/${one.order}`, undefined, { binding: world.bind(one.customer) })).status).toBe(
      200,
    );
  });

  it('can be tried on what happened lately before they hold', async () => {
    await world.server.rooms.sequencer.runOnce();
    const tried = await must('POST', '/api/workspaces/support/rules/preview', { effects: ['read'] });
    expect(tried).toMatchObject({
      refused: 1,
      kinds: 1,
      examples: [{ rule: 'effect', integration: 'shop', operation: 'refunds.create', times: 1 }],
    });
    expect(tried.calls).toBeGreaterThan(2);
    expect(await must('POST', '/api/workspaces/support/rules/preview', {})).toMatchObject({ refused: 0, examples: [] });
    expect((await world.owner('POST', '/api/workspaces/nowhere/rules/preview', {})).body.code).toBe('IDENTITY_WORKSPACE_UNKNOWN');
  });
});

describe('[M7] the budget of a department', () => {
  it('stops the effect that would pass it, also one that a person approved, and shows what is left', async () => {
    await budget('finance', { what: 'money', per: 'month', most: '30.00', currency: 'USD' });
    const [first, second, third] = [fresh(), fresh(), fresh()];
    expect((await refund(first, '12.00')).status).toBe(201);
    const over = await refund(second, '18.01');
    expect([over.body.code, over.text.includes('finance')]).toEqual(['LIMITS_DEPARTMENT_EXCEEDED', true]);
    const asked = await refund(third, '18.01', false);
    expect(await world.approve(asked.body.approval)).toBe('failed');
    expect([...refunds(second.order), ...refunds(third.order)]).toEqual([]);
    const [limit] = await limitsOf('finance');
    expect(limit).toMatchObject({ what: 'money', per: 'month', currency: 'USD', most: '30.00', used: '12.00', left: '18.00' });
    expect((await refund(second, '18.00')).status).toBe(201);
    await budget('finance', { what: 'money', per: 'month', most: '5.00', currency: 'EUR' });
    expect((await refund(third, '1.00')).body.code).toBe('LIMITS_DEPARTMENT_CURRENCY');
    await budget('finance');
  });

  it('counts calls, effects and tokens, and gives back what was refused', async () => {
    await budget('support', { what: 'effects', per: 'day', most: '1' }, { what: 'calls', per: 'month', most: '3' });
    await rule('finance', { effects: ['read'] });
    expect((await refund(fresh(), '1.00')).body.code).toBe('POLICY_OUTSIDE_WORKSPACE');
    await rule('finance', {});
    expect((await refund(fresh(), '1.00')).status).toBe(201);
    expect((await refund(fresh(), '1.00')).body.code).toBe('LIMITS_DEPARTMENT_EXCEEDED');
    for (const status of [200, 200, 403]) expect((await chat()).status).toBe(status);
    expect((await chat(false)).status).toBe(200);
    await budget('support', { what: 'tokens', per: 'hour', most: '10000' });
    expect((await chat()).status).toBe(200);
    await expect.poll(async () => (await limitsOf('support'))[0]?.used, { timeout: 5_000 }).not.toBe('0');
    const [tokens] = await limitsOf('support');
    // Not the estimate of some thousands: what the provider told.
    expect(Number(tokens?.used)).toBeLessThan(1_000);
    await budget('support', { what: 'model_cost', per: 'day', most: '1.00', currency: 'USD' });
    expect((await chat()).body.error).toMatchObject({ code: 'LIMITS_DEPARTMENT_CURRENCY' });
    await budget('support');
  });

  it('counts what a model was asked by a caller who left before the answer', async () => {
    const asked = { model: MODEL, max_tokens: 6_000, messages: [{ role: 'user', content: 'Write a long story' }] };
    const headers = {
      authorization: `Bearer ${world.agent.key}`,
      'content-type': 'application/json',
      'sallyport-binding': world.bind(customers[0] ?? ''),
    };
    await budget('support', { what: 'tokens', per: 'month', most: '10000' });
    world.model.next({ kind: 'wire', bytes: new Uint8Array(), ending: 'hang' });
    const leaving = new AbortController();
    const arrived = world.model.arrived();
    const url = `http://127.0.0.1:${world.server.gateway.port}/v1/chat/completions`;
    const call = fetch(url, { method: 'POST', headers, body: JSON.stringify(asked), signal: leaving.signal }).catch(() => 'left');
    await arrived;
    leaving.abort();
    expect(await call).toBe('left');
    const outcomes = `select 1 from event_inbox where type = 'enforcement.call.aborted'
      union all select 1 from audit_log where type = 'enforcement.call.aborted'`;
    await expect.poll(async () => (await world.db.query(outcomes)).rows.length).toBeGreaterThan(0);
    const again = await world.call('POST', '/v1/chat/completions', asked, { binding: world.bind(customers[0] ?? '') });
    expect(again.body.error, again.text).toMatchObject({ code: 'LIMITS_DEPARTMENT_EXCEEDED' });
    await budget('support');
  });

  it('is not got rid of by whoever may move things but not set rules', async () => {
    await rule('support', { effects: ['read'] });
    const { link } = await must('POST', '/api/people', { name: 'Ada Example', roles: ['admin'] });
    const controlUrl = `http://127.0.0.1:${world.server.control.port}`;
    const ask = async (token: string, method: string, path: string, body: object) => {
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
      const response = await fetch(`${controlUrl}${path}`, { method, headers, body: JSON.stringify(body) });
      return (await response.json()) as Record<string, unknown>;
    };
    const { token } = await ask('', 'POST', '/api/session', { secret: new URL(String(link)).hash.slice(1) });
    const admin = (method: string, path: string, body: object) => ask(String(token), method, `/api/workspaces/support${path}`, body);
    const members = [{ kind: 'workload', name: world.agent.workload }];
    expect((await admin('DELETE', '/members', { members })).code).toBe('IDENTITY_WORKSPACE_RULED');
    expect((await ask(String(token), 'PUT', '/api/workspaces/finance/members', { members })).code).toBe('IDENTITY_WORKSPACE_RULED');
    expect((await admin('DELETE', '', {})).code).toBe('IDENTITY_WORKSPACE_RULED');
    for (const [path, body] of [
      ['/rules', {}],
      ['/budget', { limits: [] }],
    ] as const)
      expect((await admin('PUT', path, body)).code).toBe('CONTROL_ROLE_FORBIDDEN');
    expect((await refund(fresh(), '1.00')).body.code).toBe('POLICY_OUTSIDE_WORKSPACE');
    // Who may set them is held by what holds changes of them: a freeze of policies is one of these.
    const [from, to] = [-60_000, 3_600_000].map((ms) => new Date(Date.now() + ms).toISOString());
    const { freezes } = await must('POST', '/api/conditions/freezes', { from, to, stops: ['policy'], reason: 'end of the year' });
    for (const [method, path, body] of [
      ['DELETE', '/api/workspaces/support/members', { members }],
      ['PUT', '/api/workspaces/finance/members', { members }],
      ['DELETE', '/api/workspaces/support', undefined],
    ] as const)
      expect((await world.owner(method, path, body)).body.code, `${method} ${path}`).toBe('CONTROL_FROZEN');
    expect((await refund(fresh(), '1.00')).body.code).toBe('POLICY_OUTSIDE_WORKSPACE');
    const freeze = (freezes as Rows).find(({ active }) => active === true);
    await must('POST', `/api/conditions/freezes/${String(freeze?.id)}/lift`, { reason: 'over' });
    await rule('support', {});
  });

  it('is read strictly, and every change is told with what was before; more than before raises an alert', async () => {
    for (const limits of [[{ what: 'calls', per: 'day', most: '1', currency: 'USD' }], [{ what: 'money', per: 'day', most: '1' }]])
      expect((await world.owner('PUT', '/api/workspaces/support/budget', { limits })).body.code).toBe('CONTROL_REQUEST_INVALID');
    expect((await world.owner('PUT', '/api/workspaces/support/rules', { effects: ['all'] })).body.code).toBe('CONTROL_REQUEST_INVALID');
    expect((await world.owner('PUT', '/api/workspaces/nowhere/budget', { limits: [] })).body.code).toBe('IDENTITY_WORKSPACE_UNKNOWN');
    await rule('support', { effects: ['read'] });
    await rule('support', { effects: ['read', 'send'] });
    await move('finance', 'workload', world.agent.workload);
    const told = (await world.events('workspace:support')).map(
      ({ type, facts }) => `${type.replace('identity.workspace.', '')} ${facts.loosened}`,
    );
    for (const said of ['ruled effects', 'ruled models', 'limited model_cost', 'limited calls,effects']) expect(told).toContain(said);
    expect((await world.events('workspace:finance')).map(({ facts }) => String(facts.loosened))).toContain('membership');
    await expect
      .poll(async () => ((await must('GET', '/api/alerts?rule=loosened')).alerts as Rows).length, { timeout: 20_000, interval: 500 })
      .toBeGreaterThan(2);
  });
});
