// People and customers’ details: who may read which field, for what, and what stands in the log afterwards. Everything is read from the shop
// at that moment, whose tickets open and close while the test runs.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
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
  for (const role of ['marketer', 'support', 'privacy', 'approver', 'auditor', 'admin', 'operator']) {
    const { body } = await test.owner('POST', '/api/people', { name: `Test ${role}`, roles: [role] });
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
  ask(whoIs(role).token, 'POST', '/api/integrations/demo-shop/customer', { for: forCase, classes });
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
    const denied = await events('support', 'control.access.denied', 3);
    expect(denied.map(({ entry }) => entry.public.code)).toContain('CONNECTORS_CASE_CLOSED');
    tickets.set('T-8001', { ...(tickets.get('T-8001') as object), status: 'open' } as never);
  });

  it('is a field of its class: nothing else comes with it, and payment data never', async () => {
    const names = async (...classes: readonly string[]) =>
      ((await read('support', 'ticket:T-8001', classes)).body.fields as readonly { name: string }[]).map(({ name }) => name);
    expect(await names('contact')).toEqual(['email', 'phone']);
    expect(await names('identity', 'address')).toEqual(['id', 'first_name', 'last_name', 'default_address']);
    for (const classes of [['payment'], ['secret'], [], ['address', 'address'], 'address'])
      expect(told(await read('support', 'ticket:T-8001', classes))).toBe('CONTROL_REQUEST_INVALID');
  });

  it('is out of reach of every role that has no customers of its own to look after', async () => {
    for (const role of ['marketer', 'approver', 'auditor', 'admin', 'operator'])
      expect([role, told(await read(role, 'ticket:T-8001'))]).toEqual([role, 'CONTROL_ROLE_FORBIDDEN']);
  });

  it('is not known when the shop names nobody or can not be asked, and then nothing stands in the log as read', async () => {
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
