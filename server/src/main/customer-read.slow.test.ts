// People and customers’ details: who may read which field, for what, and what stands in the log afterwards. Everything is read from the shop
// at that moment, whose tickets open and close while the test runs.

import { DEMO_SHOP_TOKEN } from '@sallyport/demo';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { ROUTE_ACTIONS } from '#control';
import { startTestServer, type TestServer } from '../../../testkit/test-server.ts';
import { type DemoUpstreams, installDemo, openDemoUpstreams, placeTicket } from '../../../testkit/workflow-world/index.ts';

type Body = Record<string, unknown>;
interface Answer {
  readonly status: number;
  readonly body: Body;
}
interface Event {
  readonly by: string;
  readonly entry: { readonly id: string; readonly type: string; readonly subject: string; readonly public: Body };
}

let upstreams: DemoUpstreams;
let test: TestServer;
const people = new Map<string, { readonly id: string; readonly token: string }>();
let customer: { readonly id: string; readonly email: string; readonly default_address: Body };
let foreign: { readonly id: string };

async function ask(token: string, method: string, path: string, body?: unknown): Promise<Answer> {
  const response = await fetch(`${test.controlUrl}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as Body };
}

beforeAll(async () => {
  upstreams = await openDemoUpstreams();
  test = await startTestServer({ allowPrivate: upstreams.allowPrivate });
  await installDemo(test.owner, upstreams);
  for (const role of ['marketer', 'support', 'privacy', 'approver', 'auditor', 'admin', 'operator', 'workflow_author']) {
    const { body } = await test.owner('POST', '/api/people', { name: `Test ${role.replace('_', ' ')}`, roles: [role] });
    const { body: opened } = await ask('', 'POST', '/api/session', { secret: new URL(String(body.link)).hash.slice(1) });
    people.set(role, { id: String(body.id), token: String(opened.token) });
  }
  people.set('owner', { id: '', token: test.server.ownerToken });
  const [first, second] = [...upstreams.shop.state.customers.values()];
  [customer, foreign] = [first as unknown as typeof customer, second as unknown as typeof foreign];
  placeTicket(upstreams.shop, { id: 'T-8001', customer: customer.id, body: 'Where is my parcel?' });
  placeTicket(upstreams.shop, { id: 'T-8002', customer: foreign.id, body: 'Where is mine?' });
}, 60_000);
afterAll(async () => {
  await test?.close();
  await upstreams?.close();
});

const whoIs = (role: string) => people.get(role) as { readonly id: string; readonly token: string };
const read = (role: string, forCase: unknown, classes: unknown = ['address']): Promise<Answer> =>
  ask(whoIs(role).token, 'POST', '/api/integrations/demo-shop/customer', { for: forCase, classes, reason: 'a parcel came back' });
const told = ({ status, body }: Answer): unknown => (status < 300 ? status : body.code);

/** The sealed events of a type by this person; waits for as many. */
async function events(role: string, type: string, count: number): Promise<readonly Event[]> {
  let found: readonly Event[] = [];
  await expect
    .poll(async () => {
      await test.server.rooms.sequencer.runOnce();
      const { body } = await test.owner('GET', `/api/events?type=${type}&actor=${whoIs(role).id}&limit=200`);
      found = body.events as readonly Event[];
      return found.length;
    })
    .toBeGreaterThanOrEqual(count);
  return found;
}

describe('a customer’s address [W2]', () => {
  it('is refused to a marketer, with an event; shown to support with an open ticket, and the event cites the ticket', async () => {
    const refused = await read('marketer', 'ticket:T-8001');
    expect([refused.status, refused.body.code]).toEqual([403, 'CONTROL_ROLE_FORBIDDEN']);
    const [denied] = await events('marketer', 'control.access.denied', 1);
    expect(denied?.entry.public).toMatchObject({ action: 'customers.read', code: 'CONTROL_ROLE_FORBIDDEN', roles: ['marketer'] });

    const shown = await read('support', 'ticket:T-8001');
    expect(shown.status).toBe(200);
    expect(shown.body).toEqual({
      purpose: 'ticket:T-8001',
      fields: [{ name: 'default_address', classes: ['address'], value: customer.default_address }],
      expiresInSeconds: 60,
    });
    const [event] = await events('support', 'enforcement.customer.read', 1);
    expect(event?.entry.public).toEqual({ integration: 'demo-shop', purpose: 'ticket:T-8001', classes: ['address'], rows: 1, fields: 1 });
    // The same person each time, and nobody’s name.
    expect(event?.entry.subject).toMatch(/^subject:[A-Za-z0-9_-]{43}$/);
    expect(JSON.stringify(event)).not.toContain(customer.id);
    expect((await read('privacy', 'ticket:T-8001', ['contact'])).status).toBe(200);
    expect((await events('privacy', 'enforcement.customer.read', 1))[0]?.entry.subject).toBe(event?.entry.subject);
  });

  it('is shown to nobody for a ticket that is closed, somebody else’s, not there, or no case at all: not to the owner either', async () => {
    for (const role of ['support', 'privacy', 'owner']) {
      expect(told(await read(role, 'ticket:T-9999'))).toBe('CONNECTORS_CASE_UNKNOWN');
      expect(told(await read(role, 'product:P-1'))).toBe('CONNECTORS_CASE_KIND');
      expect(told(await read(role, 'customer:C-1'))).toBe('CONNECTORS_CASE_KIND');
      for (const wrong of [undefined, '', 'T-8001', 'ticket:', 'ticket:../orders', 'ticket:4915112345678'])
        expect([wrong, told(await read(role, wrong))]).toEqual([wrong, expect.stringMatching(/^(?:CONTROL_REQUEST_INVALID|CONNECTORS_)/)]);
    }
    // Another customer’s ticket opens that customer’s record, never this one’s.
    const other = await read('support', 'ticket:T-8002', ['contact']);
    expect(JSON.stringify(other.body)).not.toContain(customer.email);
    const { tickets } = upstreams.shop.state;
    tickets.set('T-8001', { ...(tickets.get('T-8001') as object), status: 'answered' } as never);
    expect(told(await read('support', 'ticket:T-8001'))).toBe('CONNECTORS_CASE_CLOSED');
    tickets.set('T-8001', { ...(tickets.get('T-8001') as object), status: 'open' } as never);
    await expect
      .poll(async () => (await events('support', 'control.access.denied', 1)).map(({ entry }) => entry.public.code))
      .toContain('CONNECTORS_CASE_CLOSED');
  });

  it('is a field of its class: nothing else comes with it, and payment data never', async () => {
    const names = async (...classes: readonly string[]) =>
      ((await read('support', 'ticket:T-8001', classes)).body.fields as readonly { name: string }[]).map(({ name }) => name);
    expect(await names('contact')).toEqual(['email', 'phone']);
    expect(await names('identity', 'address')).toEqual(['id', 'first_name', 'last_name', 'default_address']);
    for (const classes of [['payment'], ['secret'], [], ['address', 'address'], 'address'])
      expect(told(await read('support', 'ticket:T-8001', classes))).toBe('CONTROL_REQUEST_INVALID');
  });

  it('is read by the classes a grant is narrowed to, and by no other', async () => {
    const { body } = await test.owner('POST', '/api/people', { name: 'Test clerk', roles: ['auditor'] });
    const { body: opened } = await ask('', 'POST', '/api/session', { secret: new URL(String(body.link)).hash.slice(1) });
    people.set('clerk', { id: String(body.id), token: String(opened.token) });
    expect(told(await read('clerk', 'ticket:T-8001', ['contact']))).toBe('CONTROL_ROLE_FORBIDDEN');
    const give = (scope: object) => test.owner('POST', '/api/access/grants', { subject: body.id, role: 'support', scope });
    expect(told(await give({ dataClass: 'payment' }))).toBe('IDENTITY_GRANT_CLASS_EMPTY');
    expect(told(await give({ dataClass: 'anything' }))).toBe('CONTROL_REQUEST_INVALID');
    expect((await give({ dataClass: 'contact' })).status).toBe(200);

    const shown = await read('clerk', 'ticket:T-8001', ['contact']);
    expect((shown.body.fields as readonly { name: string }[]).map(({ name }) => name)).toEqual(['email', 'phone']);
    for (const classes of [['address'], ['identity'], ['contact', 'address']]) {
      const refused = await read('clerk', 'ticket:T-8001', classes);
      expect(refused.body).toMatchObject({ code: 'CONTROL_ROLE_FORBIDDEN', evidence: { why: 'narrowed' } });
    }
    // What is not done class by class is not given at all, and a second narrowing counts too.
    expect(told(await ask(whoIs('clerk').token, 'POST', '/api/workflows/none/runs', {}))).not.toBe(200);
    expect((await give({ dataClass: 'address', integration: 'other-shop' })).status).toBe(200);
    expect(told(await read('clerk', 'ticket:T-8001', ['address']))).toBe('CONTROL_ROLE_FORBIDDEN');
    expect((await give({ dataClass: 'address', integration: 'demo-shop' })).status).toBe(200);
    expect((await read('clerk', 'ticket:T-8001', ['contact', 'address'])).status).toBe(200);
  });

  it('is out of reach of every role that has no customers of its own to look after', async () => {
    for (const role of ['marketer', 'approver', 'auditor', 'admin', 'operator'])
      expect([role, told(await read(role, 'ticket:T-8001'))]).toEqual([role, 'CONTROL_ROLE_FORBIDDEN']);
  });
});

const SOON = { timeout: 20_000, interval: 50 };
const WORKFLOW = 'parcel-desk';
const YAML = `apiVersion: sallyport.dev/v1
kind: Workflow
name: ${WORKFLOW}
owner: customer care
purpose: Asks before a parcel is sent again.
trigger: { kind: manual, inputs: { ticket: { type: string, maxBytes: 64 } } }
uses: { integrations: { demo-shop: [tickets.get, customers.get] } }
customer:
  read: { integration: demo-shop, operation: tickets.get, with: { ticket_id: input.ticket } }
  id: customer_id
  assurance: session
steps:
  - id: ticket
    call: { integration: demo-shop, operation: tickets.get, with: { ticket_id: input.ticket } }
  - id: profile
    call: { integration: demo-shop, operation: customers.get, with: { customer_id: customer.id } }
  - id: ok
    approval:
      title: Send the parcel again
      sentence: The parcel goes to {street} and {mail} is told
      show: { street: steps.profile.value.default_address.address1, mail: steps.profile.value.email }
      expiresAfter: 2h
      onDenied: stop
`;

async function must(role: string, method: string, path: string, body?: unknown): Promise<Body> {
  const answer = await ask(whoIs(role).token, method, path, body);
  if (answer.status >= 400) throw new Error(`${role} ${method} ${path}: ${answer.status} ${String(answer.body.code)}`);
  return answer.body;
}

describe('a call that waits for a person', () => {
  let run = '';
  let approval = '';
  let shown: Body = {};
  /** What of the customer must stand in no answer. */
  const raw = (): readonly string[] => [customer.email, String(customer.default_address.address1)];

  beforeAll(async () => {
    const { hash } = await must('workflow_author', 'POST', '/api/workflows', { files: { 'workflow.yaml': YAML } });
    await must('approver', 'POST', `/api/workflows/${WORKFLOW}/approve`, { hash });
    await must('operator', 'POST', `/api/workflows/${WORKFLOW}/publish`, { hash });
    run = String((await must('support', 'POST', `/api/workflows/${WORKFLOW}/runs`, { input: { ticket: 'T-8001' } })).id);
    shown = await vi.waitFor(async () => {
      const { approvals } = await must('owner', 'GET', '/api/approvals?state=pending');
      const found = (approvals as readonly Body[]).find((one) => one.run === run);
      if (found === undefined) throw new Error('the run asks nobody yet');
      return found;
    }, SOON);
    approval = String(shown.id);
  }, 30_000);

  it('is told with the customer’s values replaced; whoever decides reads the exact words, for this call while it waits, with an event [W2]', async () => {
    expect(shown).toMatchObject({ masked: 2 });
    expect(shown.sentence).toMatch(/goes to “<STREET_ADDRESS_1>” and “<EMAIL_1>” is told/);
    for (const role of ['owner', 'support', 'auditor', 'operator', 'approver']) {
      const seen = JSON.stringify([await must(role, 'GET', '/api/approvals'), await must(role, 'GET', `/api/approvals/${approval}`)]);
      for (const value of raw()) expect([role, seen.includes(value)]).toEqual([role, false]);
    }
    const words = (role: string) => ask(whoIs(role).token, 'POST', `/api/approvals/${approval}/words`);
    for (const role of ['support', 'auditor', 'operator', 'marketer'])
      expect([role, told(await words(role))]).toEqual([role, 'CONTROL_ROLE_FORBIDDEN']);
    const exact = await words('approver');
    expect(exact.body).toMatchObject({ purpose: approval, expiresInSeconds: 60 });
    for (const value of raw()) expect(String(exact.body.sentence)).toContain(value);
    const [event] = await events('approver', 'approvals.words.read', 1);
    expect(event?.entry.public).toEqual({ approval, classes: ['email', 'street_address'], rows: 2 });
    expect(event?.entry.subject).toMatch(/^subject:[A-Za-z0-9_-]{43}$/);
    expect(JSON.stringify(event)).not.toContain(customer.email);
  });

  it('is about a run whose content is read for a case also by whoever has a role that was made here', async () => {
    await test.owner('PUT', '/api/access/roles/desk', { meaning: 'A desk.', actions: ['runs.view', 'runs.content'] });
    const { body } = await test.owner('POST', '/api/people', { name: 'Desk clerk', roles: ['custom:desk'] });
    const { body: opened } = await ask('', 'POST', '/api/session', { secret: new URL(String(body.link)).hash.slice(1) });
    const content = (query: string) => ask(String(opened.token), 'GET', `/api/runs/${run}/content${query}`);
    expect(told(await content(''))).toBe('WORKFLOWS_CASE_REQUIRED');
    expect(told(await content('?for=ticket:T-9999'))).toBe('WORKFLOWS_CASE_UNKNOWN');
    expect(told(await content('?for=ticket:T-8001'))).toBe(200);
  });

  it('is one workflow’s owner’s to decide: they see its state in plain words and nothing else, no secret and no customer’s data [W10]', async () => {
    const { body } = await test.owner('POST', '/api/people', { name: 'Desk lead', roles: ['analyst'] });
    const { grants } = (await test.owner('GET', `/api/access/grants?subject=${String(body.id)}`)).body as { grants: readonly Body[] };
    const scope = { workflow: WORKFLOW };
    const given = await test.owner('POST', '/api/access/grants', { subject: body.id, role: 'approver', scope, reason: 'Leads the desk' });
    expect(told(given)).toBe(200);
    await test.owner('DELETE', `/api/access/grants/${String(grants[0]?.id)}`);
    const { body: opened } = await ask('', 'POST', '/api/session', { secret: new URL(String(body.link)).hash.slice(1) });
    people.set('lead', { id: String(body.id), token: String(opened.token) });

    const { workflows } = (await must('lead', 'GET', '/api/workflows')) as { workflows: readonly Body[] };
    expect([...new Set(workflows.map(({ name }) => name))]).toEqual([WORKFLOW]);
    expect(told(await ask(whoIs('lead').token, 'GET', '/api/workflows/support-reply'))).toBe('CONTROL_NOT_FOUND');
    const { runs } = (await must('lead', 'GET', '/api/runs')) as { runs: readonly Body[] };
    expect(runs).toMatchObject([{ id: run, workflow: WORKFLOW, state: 'waiting', waitingFor: approval }]);
    const { approvals } = (await must('lead', 'GET', '/api/approvals')) as { approvals: readonly Body[] };
    expect(approvals).toMatchObject([{ id: approval, workflow: WORKFLOW, youMay: true }]);

    // Every page there is, with everything there is to ask about: of the customer, of the ticket, and of the credentials nothing.
    const { email, phone, first_name, last_name } = customer as unknown as Record<string, string>;
    const canaries = [...raw(), email, phone, `${first_name} ${last_name}`, DEMO_SHOP_TOKEN];
    const calls = (await test.owner('GET', '/api/calls')).body.calls as readonly { call: string }[];
    const things = [run, approval, WORKFLOW, 'demo-shop', String(body.id), '0', '1', ...calls.slice(0, 5).map(({ call }) => call)];
    const all = Object.entries(ROUTE_ACTIONS as Readonly<Record<string, string>>)
      .filter(([route, action]) => route.startsWith('GET ') && action !== 'anyone')
      .flatMap(([route]) => (route.includes(':') ? things.map((thing) => route.replace(/:\w+/, thing)) : [route]))
      .map((route) => route.slice('GET '.length).replace(/:\w+/g, 'nothing'));
    const walk = async (pages: readonly string[]): Promise<readonly string[]> => {
      const open: string[] = [];
      for (const page of pages) {
        const response = await fetch(`${test.controlUrl}${page}`, { headers: { authorization: `Bearer ${whoIs('lead').token}` } });
        const text = await response.text();
        if (response.status < 400) open.push(page);
        for (const canary of canaries) expect([page, text.includes(String(canary))]).toEqual([page, false]);
      }
      return open;
    };
    const theirs = [
      '/api/workflows',
      '/api/runs',
      `/api/runs/${run}`,
      `/api/runs/${run}/content`,
      '/api/approvals',
      `/api/approvals/${approval}`,
    ];
    expect(await walk(theirs)).toEqual(theirs);
    expect(await must('lead', 'GET', '/api/integrations')).toEqual({ integrations: [] });

    await must('lead', 'POST', `/api/approvals/${approval}/approve`, { digest: approvals[0]?.digest });
    await expect.poll(async () => (await must('lead', 'GET', `/api/runs/${run}`)).state).toBe('done');
    expect(told(await ask(whoIs('approver').token, 'POST', `/api/approvals/${approval}/words`))).toBe('APPROVALS_WORDS_CLOSED');
    // Last: so many refusals make any session look like a thief’s.
    const open = await walk(all);
    expect(open).toEqual(expect.arrayContaining(theirs));
    expect(open.filter((page) => /\/api\/(?:keys|backups|people|events|ledger|conditions|alerts|tenants)/.test(page))).toEqual([]);
  }, 60_000);
});

describe('somebody who reads one open case after the other', () => {
  it('is flagged after some fifty customers, long before thousands of records', async () => {
    for (let nth = 0; nth < 52; nth += 1) {
      placeTicket(upstreams.shop, { id: `T-${9_000 + nth}`, customer: customer.id, body: 'Where is my parcel?' });
      expect(told(await read('privacy', `ticket:T-${9_000 + nth}`))).toBe(200);
    }
    const flagged = async () => {
      await test.server.rooms.sequencer.runOnce();
      const { flagged: all } = (await test.owner('GET', '/api/flagged')).body as { flagged: readonly Body[] };
      return all.find(({ subject }) => subject === whoIs('privacy').id)?.alerts;
    };
    await expect.poll(flagged, SOON).toMatchObject([{ rule: 'mass_export' }]);
  }, 40_000);
});

describe('a customer whom the shop', () => {
  it('does not name, or who can not be asked about, is not shown, and then nothing stands in the log as read', async () => {
    const before = (await events('support', 'enforcement.customer.read', 1)).length;
    const { tickets } = upstreams.shop.state;
    const ticket = tickets.get('T-8001') as object;
    tickets.set('T-8001', { ...ticket, customer_id: 'C-nobody' } as never);
    expect(told(await read('support', 'ticket:T-8001'))).toBe('CONNECTORS_CASE_UNKNOWN');
    tickets.set('T-8001', ticket as never);
    await upstreams.shop.close();
    expect((await read('support', 'ticket:T-8001')).status).toBeGreaterThanOrEqual(400);
    expect((await events('support', 'enforcement.customer.read', before)).length).toBe(before);
  });
});
