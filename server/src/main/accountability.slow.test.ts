// Breaches, assessments and automated decisions through a whole server: what really happened is found in the log, clocks and dates are set,
// and what somebody opted out of waits for a person.

import { newRunId } from '@sallyport/demo';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { type Answer, type GuardedShop, MODEL, openGuardedShop } from '../../../testkit/crash/guarded-shop.ts';

const HOUR_MS = 60 * 60_000;
let world: GuardedShop;
let aheadMs = 0;
let customers: readonly string[] = [];
let used = 0;
type Row = Record<string, unknown>;

beforeAll(async () => {
  const cluster = inject('testCluster');
  if (cluster === undefined) throw new Error('this project has no Postgres cluster');
  world = await openGuardedShop(cluster, { clock: { now: () => Date.now() + aheadMs } });
  customers = [...world.shop.state.customers.keys()];
}, 60_000);
afterAll(() => world?.close());

async function must(method: string, path: string, body?: unknown): Promise<Row> {
  const answer = await world.owner(method, path, body);
  expect(answer.status, `${method} ${path} ${answer.text}`).toBeLessThan(300);
  return answer.body;
}
const refused = async (method: string, path: string, body?: unknown): Promise<unknown> => (await world.owner(method, path, body)).body.code;
function fresh(): { readonly order: string; readonly customer: string } {
  const customer = customers[used++] as string;
  const order = [...world.shop.state.orders.values()].find((one) => one.customer_id === customer)?.id;
  if (order === undefined) throw new Error('a demo customer has orders');
  return { customer, order };
}
const tenant = () => world.server.rooms.tenant;
const told = async (type: string): Promise<readonly Row[]> => {
  const { rows } = await world.db.query(
    `select public::json as facts from event_inbox where type = $1 union all select (leaf::json -> 'public') from audit_log where type = $1`,
    [type],
  );
  return rows.map(({ facts }) => facts as Row);
};
const sealed = async (type: string, count: number): Promise<void> => {
  await expect
    .poll(async () => Number((await world.db.query('select count(*) from audit_log where type = $1', [type])).rows[0]?.count), {
      timeout: 15_000,
    })
    .toBeGreaterThanOrEqual(count);
};

describe('a breach', () => {
  let id = '';
  const of = { one: '', other: '' };
  const from = new Date(Date.now() - HOUR_MS).toISOString();
  const later = (hours: number): string => new Date(Date.now() + aheadMs + hours * HOUR_MS).toISOString();

  it('finds in the log whose data was sent and given back, by whom, through what; nobody else is in it', async () => {
    // One customer's data is read in a run, and shown to a model that gives it back; another's is only read.
    const [shown, read] = [fresh(), fresh()];
    [of.one, of.other] = [shown.customer, read.customer];
    const origin = { run: newRunId(Date.now()), toolCallId: 'call_1' };
    const order = await world.call('GET', `/connect/shop/orders/${shown.order}`, undefined, {
      binding: world.bind(shown.customer, origin),
    });
    expect(order.status, order.text).toBe(200);
    const { email } = world.shop.state.customers.get(shown.customer) as { email: string };
    const asked = await world.call(
      'POST',
      '/v1/chat/completions',
      { model: MODEL, messages: [{ role: 'user', content: `Please write to ${email} about it.` }] },
      { binding: world.bind(shown.customer, { ...origin, toolCallId: null }) },
    );
    expect(asked.status, asked.text).toBe(200);
    const plain = await world.workload('other-agent', true);
    expect((await world.call('GET', `/connect/shop/orders/${read.order}`, undefined, { binding: world.bind(read.customer) })).status).toBe(
      200,
    );
    await sealed('enforcement.call.completed', 3);

    const opened = await must('POST', '/api/breaches', { what: 'A key of our agent was found in a public repository.' });
    id = String(opened.id);
    expect(opened).toMatchObject({ state: 'open', isRunning: true, hours: 72, missing: ['contain', 'scope', 'risk', 'authority'] });
    const scoped = await must('POST', `/api/breaches/${id}/scope`, { from, to: later(1), actor: world.agent.workload });
    expect(scoped.scope).toMatchObject({ people: 2, customers: 2, unknown: 0, complete: true, actors: { [world.agent.workload]: 2 } });
    const model = await must('POST', `/api/breaches/${id}/scope`, { from, to: later(1), integration: 'model' });
    expect(model.scope).toMatchObject({ people: 1, integrations: { model: 1 }, classes: { email_address: 1 } });
    const { people } = await must('POST', `/api/breaches/${id}/people`);
    expect(people).toEqual([expect.objectContaining({ name: { customer: of.one, addresses: [] }, integrations: ['model'] })]);
    expect(await told('governance.breach.people_read')).toEqual([{ breach: id, people: 1 }]);
    // Nothing outside the window, and nobody of another actor.
    const none = await must('POST', `/api/breaches/${id}/scope`, { from: later(-2), to: from });
    expect(none.scope).toMatchObject({ people: 0, calls: 0 });
    const nobody = await must('POST', `/api/breaches/${id}/scope`, { from, to: later(1), actor: plain.workload });
    expect(nobody.scope).toMatchObject({ people: 0 });
    await must('POST', `/api/breaches/${id}/scope`, { from, to: later(1), actor: world.agent.workload });
    for (const type of ['governance.breach.scoped', 'governance.breach.opened'])
      expect(JSON.stringify(await told(type))).not.toMatch(new RegExp(`${of.one}|${email}`));
  });

  it('counts whose tokens somebody opened, by the person and not by the token', async () => {
    await must('PUT', '/api/tokens/purposes/support', { classes: ['email_address'], openers: ['role:owner'], keepDays: 30 });
    const values = [
      { class: 'email_address', value: 'one@example.com', subject: of.one },
      { class: 'email_address', value: 'two@example.com', subject: of.one },
      { class: 'email_address', value: 'other@example.com', subject: of.other },
    ];
    const made = (await must('POST', '/api/tokens', { purpose: 'support', values })).tokens as readonly unknown[];
    const tokens = made.map((one) => (typeof one === 'string' ? one : String((one as Row).token)));
    await must('POST', '/api/tokens/open', { purpose: 'support', tokens: tokens.slice(0, 2), reason: 'A case of support.' });
    await sealed('vault.token.opened', 1);
    const whole = await must('POST', `/api/breaches/${id}/scope`, { from, to: later(1) });
    expect(whole.scope).toMatchObject({ people: 2, openings: 1, how: { opened: 1, sent: 2 } });
    const { people } = await must('POST', `/api/breaches/${id}/people`);
    const [opened, ...rest] = (people as Row[]).filter(({ how }) => (how as string[]).includes('opened'));
    expect([opened?.name, rest]).toEqual([expect.objectContaining({ customer: of.one }), []]);
  });

  it('has a clock that is set back with a reason and never forward, and that nobody can keep quiet', async () => {
    expect(await refused('POST', '/api/breaches', { what: 'x', awareAt: later(1) })).toBe('GOVERNANCE_BREACH_AHEAD');
    expect(await refused('POST', '/api/breaches', { what: 'x', awareAt: later(-1) })).toBe('GOVERNANCE_BREACH_REASON');
    expect(await refused('POST', `/api/breaches/${id}/aware`, { awareAt: later(0), reason: 'x' })).toBe('GOVERNANCE_BREACH_AHEAD');
    const back = await must('POST', `/api/breaches/${id}/aware`, { awareAt: later(-2), reason: 'Support had a letter about it.' });
    expect(Date.parse(String(back.dueAt)) - Date.parse(String(back.awareAt))).toBe(72 * HOUR_MS);
    const { watch } = world.server.accountability.breaches;
    const marks = async (): Promise<unknown[]> => {
      await watch([tenant()]);
      await watch([tenant()]);
      return (await told('governance.breach.due')).map(({ mark }) => mark).sort();
    };
    expect(await marks()).toEqual([]);
    const seen: string[] = [];
    for (const [hours, mark] of [
      [22.1, '24h'],
      [46.1, '48h'],
      [64.1, '66h'],
      [70.1, 'overdue'],
    ] as const) {
      aheadMs = hours * HOUR_MS;
      seen.push(mark);
      expect(await marks(), mark).toEqual([...seen].sort());
    }
    await sealed('governance.breach.due', 4);
    await world.server.alerting.runOnce();
    const { alerts } = await must('GET', '/api/alerts?rule=breach_clock');
    expect(alerts).toHaveLength(4);
    expect(alerts).toContainEqual(expect.objectContaining({ severity: 'critical', facts: expect.objectContaining({ mark: 'overdue' }) }));
  });

  it('is drafted for the authority with what is missing marked, wants a reason when it is late, and is closed when nothing is open', async () => {
    await must('PUT', '/api/flows/profile', { home: null, controller: 'Example Shop GmbH', contact: 'privacy@example.com' });
    expect((await must('GET', `/api/breaches/${id}/draft`)).missing).toEqual(['33(1)', '33(3)(c)', '33(3)(d)']);
    const told = { whom: 'authority', text: 'Filed under number 4711.' };
    expect(await refused('POST', `/api/breaches/${id}/notify`, { ...told, needed: false })).toBe('GOVERNANCE_BREACH_RISK_FIRST');
    await must('POST', `/api/breaches/${id}/steps`, { kind: 'risk', risk: 'high', text: 'Fraud by mail.' });
    expect(await refused('POST', `/api/breaches/${id}/notify`, { ...told, needed: false })).toBe('GOVERNANCE_BREACH_AUTHORITY_NEEDED');
    expect(await refused('POST', `/api/breaches/${id}/notify`, told)).toBe('GOVERNANCE_BREACH_DELAY_REASON');
    const late = await must('POST', `/api/breaches/${id}/notify`, { ...told, delayReason: 'The vendor answered late.' });
    expect(late).toMatchObject({ isRunning: false, isLate: true, missing: ['contain', 'persons'] });
    expect(await refused('POST', `/api/breaches/${id}/close`, { text: 'Done.' })).toBe('GOVERNANCE_BREACH_OPEN_POINTS');
    await must('POST', `/api/breaches/${id}/steps`, { kind: 'contained', text: 'The key was revoked.' });
    await must('POST', `/api/breaches/${id}/notify`, {
      whom: 'persons',
      needed: false,
      text: 'The data was unreadable to whoever had it.',
    });
    const draft = await must('GET', `/api/breaches/${id}/draft`);
    expect(draft.missing).toEqual([]);
    expect(String(draft.html)).toContain('The vendor answered late.');
    expect(await must('POST', `/api/breaches/${id}/close`, { text: 'Keys are kept in the vault now.' })).toMatchObject({ state: 'closed' });
    expect(await refused('POST', `/api/breaches/${id}/steps`, { kind: 'note', text: 'x' })).toBe('GOVERNANCE_BREACH_CLOSED');
    aheadMs = 0;
  });
});

describe('an assessment', () => {
  const text = { purpose: 'Ads', necessity: 'Needed for it', risks: 'Unwanted ads', measures: 'Opt-outs', residualRisk: 'low' };
  const subjects = async (): Promise<readonly Row[]> => (await must('GET', '/api/assessments')).subjects as Row[];
  const flow = async (): Promise<Row | undefined> => (await subjects()).find(({ subject }) => subject === 'flow:shop');
  const declare = (more: object) =>
    must('PUT', '/api/flows/destinations/shop', { vendor: 'Example Inc', country: 'DE', legalBasis: 'consent', ...more });

  it('[D8] is found to be needed by itself, is bound to what flows, and is needed again when that changes or its date passes', async () => {
    expect(await flow()).toBeUndefined();
    await declare({ uses: ['ad_sharing'] });
    await world.server.accountability.assessments.watch([tenant()]);
    expect(await told('governance.assessment.needed')).toEqual([
      expect.objectContaining({ kind: 'flow', name: 'shop', trigger: 'sale_or_sharing', why: 'new' }),
    ]);
    expect(await flow()).toMatchObject({ state: 'needed' });
    expect(await refused('POST', '/api/assessments', { subject: 'flow:nothing', ...text })).toBe('GOVERNANCE_ASSESSMENT_SUBJECT');
    const made = await must('POST', '/api/assessments', { subject: 'flow:shop', ...text });
    expect(await flow()).toMatchObject({ state: 'waiting' });
    await must('POST', `/api/assessments/${String(made.id)}/approve`);
    expect(await flow()).toMatchObject({ state: 'current' });
    aheadMs = 366 * 24 * HOUR_MS;
    expect(await flow()).toMatchObject({ state: 'review_due' });
    aheadMs = 0;
    await declare({ uses: ['ad_sharing'], country: 'FR' });
    expect(await flow()).toMatchObject({ state: 'changed' });
    expect(await refused('POST', `/api/assessments/${String(made.id)}/approve`)).toBe('GOVERNANCE_ASSESSMENT_CHANGED');
    expect((await told('governance.assessment.needed')).map(({ why }) => why)).toEqual(
      expect.arrayContaining(['new', 'review_due', 'changed']),
    );
    const high = await must('POST', '/api/assessments', { subject: 'flow:shop', ...text, residualRisk: 'high' });
    expect(await refused('POST', `/api/assessments/${String(high.id)}/approve`)).toBe('GOVERNANCE_ASSESSMENT_CONSULT');
    await must('DELETE', '/api/flows/destinations/shop');
  });
});

describe('a workflow that needs an assessment', () => {
  const files = (purpose: string) => ({
    'workflow.yaml': `apiVersion: sallyport.dev/v1
kind: Workflow
name: segments
owner: Test
purpose: ${purpose}
trigger: { kind: manual, inputs: { order: { type: string, maxBytes: 64 } } }
dataUse: [profiling]
uses:
  integrations: { shop: [orders.get] }
steps:
  - id: order
    call: { integration: shop, operation: orders.get, with: { order_id: input.order } }
`,
  });
  const approved = async (purpose: string): Promise<string> => {
    const { hash } = await must('POST', '/api/workflows', { files: files(purpose) });
    await must('POST', '/api/workflows/segments/approve', { hash });
    return String(hash);
  };
  const text = { purpose: 'Segments', necessity: 'Needed', risks: 'Wrong segments', measures: 'Opt-outs', residualRisk: 'medium' };

  it('is not published without a current one of that very version, where the tenant says so', async () => {
    const first = await approved('Segments of customers');
    await must('PUT', '/api/assessments/blocking', { blocking: true });
    const publish = (hash: string): Promise<Answer> => world.owner('POST', '/api/workflows/segments/publish', { hash });
    const no = await publish(first);
    expect([no.status, no.body.code], no.text).toEqual([409, 'GOVERNANCE_ASSESSMENT_MISSING']);
    expect(no.body.evidence).toMatchObject({ workflow: 'segments', state: 'needed', triggers: ['profiling'] });
    const made = await must('POST', '/api/assessments', { subject: 'workflow:segments', version: first, ...text });
    // Recorded is not approved.
    expect((await publish(first)).body.code).toBe('GOVERNANCE_ASSESSMENT_MISSING');
    await must('POST', `/api/assessments/${String(made.id)}/approve`);
    expect((await publish(first)).status).toBe(200);
    const second = await approved('Segments of customers, changed');
    expect((await publish(second)).body.evidence).toMatchObject({ state: 'changed' });
    await must('PUT', '/api/assessments/blocking', { blocking: false });
    expect((await publish(second)).status).toBe(200);
    await world.server.accountability.assessments.watch([tenant()]);
    const subjects = (await must('GET', '/api/assessments')).subjects as Row[];
    expect(subjects).toContainEqual(expect.objectContaining({ subject: 'workflow:segments', version: second, state: 'changed' }));
  });
});

describe('an automated decision', () => {
  const count = (order: string): number => world.shop.ledger.after(0).filter((one) => one.kind === 'refund' && one.object === order).length;
  const refund = ({ order, customer }: ReturnType<typeof fresh>): Promise<Answer> =>
    world.call('POST', `/connect/shop/orders/${order}/refunds`, { amount: '5.00' }, { binding: world.bind(customer) });
  const path = '/api/decisions/operation/shop.refunds.create';

  it('[D8] is taken by a person for whoever opted out, by the machine for others, and stands in the copy of their data', async () => {
    const [free, out] = [fresh(), fresh()];
    expect(await refused('PUT', '/api/decisions/operation/shop.nothing', { decides: 'x' })).toBe('GOVERNANCE_DECISION_INVALID');
    await must('PUT', path, { decides: 'whether a refund is paid', purpose: 'Fast refunds', logic: 'Amount and age of the order.' });
    await must('POST', '/api/opt-outs', { customers: [out.customer], uses: ['admt'] });
    expect((await refund(free)).status).toBe(201);
    const waits = await refund(out);
    expect([waits.status, waits.body.code], waits.text).toEqual([403, 'ENDORSEMENT_REQUIRED']);
    expect(waits.body.evidence).toMatchObject({ optOut: 'admt' });
    expect(count(out.order)).toBe(0);
    expect(await world.approve((waits.body.evidence as { approval: string }).approval)).toBe('done');
    expect(count(out.order)).toBe(1);
    await must('PUT', path, { decides: 'whether a refund is paid', mode: 'refuse' });
    const no = await refund(out);
    expect([no.status, no.body.code], no.text).toEqual([403, 'ENFORCEMENT_OPTED_OUT']);
    // What is said to be insignificant is nobody's to opt out of.
    await must('PUT', path, { decides: 'whether a refund is paid', significant: false });
    expect((await refund(out)).status).toBe(201);
    // It is assessed all the same.
    expect(JSON.stringify(await must('GET', '/api/assessments'))).toContain('operation:shop.refunds.create');
  });

  it('[D8] comes with a notice, and with a date from which the law asks for it', async () => {
    await must('PUT', path, { decides: 'whether a refund is paid', purpose: 'Fast refunds', logic: 'Amount and age of the order.' });
    const notice = await must('GET', `${path}/notice`);
    expect(notice.missing).toEqual([]);
    expect(String(notice.html)).toContain('Amount and age of the order.');
    aheadMs = Date.UTC(2026, 11, 31) - Date.now();
    expect((await must('GET', '/api/decisions')).duty).toMatchObject({ status: 'from 2027-01-01', inForce: false });
    aheadMs = Date.UTC(2027, 0, 1) - Date.now() + HOUR_MS;
    expect((await must('GET', '/api/decisions')).duty).toMatchObject({ status: 'in force', inForce: true });
    aheadMs = 0;
  });

  it('[D8] stands in the copy of the data of whoever it was about, with how it was taken, by whom and with which result', async () => {
    const of = fresh();
    const origin = { run: newRunId(Date.now()), toolCallId: null };
    const binding = (): { binding: string } => ({ binding: world.bind(of.customer, origin) });
    expect((await world.call('GET', `/connect/shop/orders/${of.order}`, undefined, binding())).status).toBe(200);
    const paid = await world.call('POST', `/connect/shop/orders/${of.order}/refunds`, { amount: '5.00' }, binding());
    expect(paid.status, paid.text).toBe(201);
    const request = await must('POST', '/api/privacy/requests', { kind: 'export', subject: `customer:${of.customer}` });
    await must('POST', `/api/privacy/requests/${String(request.id)}/verify`, { how: 'account' });
    const copy = async (): Promise<unknown> =>
      ((await must('POST', `/api/privacy/requests/${String(request.id)}/export`)).data as Row).decisions;
    await expect.poll(copy, { timeout: 10_000 }).toContainEqual(
      expect.objectContaining({
        ...{ by: 'shop.refunds.create', decidedBy: 'machine', decides: 'whether a refund is paid', outcome: 'done' },
        logic: 'Amount and age of the order.',
      }),
    );
  });
});
