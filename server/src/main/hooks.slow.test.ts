// Signed deliveries through a whole server: what starts, that it starts once, who began it, and that nothing else begins anything.

import { randomUUID } from 'node:crypto';
import { signHook } from '@sallyport/demo';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '#core';
import { query, sql } from '#storage';
import { startTestServer, type TestServer } from '../../../testkit/test-server.ts';
import { type DemoUpstreams, installDemo, openDemoUpstreams, readTemplate, waitForRun } from '../../../testkit/workflow-world/index.ts';
import { systemClock, systemRandom } from './world.ts';

let upstreams: DemoUpstreams;
let test: TestServer & { readonly folder: string };
let hook: { readonly path: string; readonly secret: string };
/** Set by a test: the next event of this type can not be written. */
let failOn: string | null = null;

const start = (folder?: string) =>
  startTestServer({
    allowPrivate: upstreams.allowPrivate,
    ...(folder === undefined ? {} : { folder }),
    seams: {
      decorateGuard: (deps) => ({
        ...deps,
        events: {
          ...deps.events,
          appendIn: async (tx, events) => {
            if (failOn !== null && events.some(({ type }) => type === failOn)) {
              failOn = null;
              throw new Error('the database is away');
            }
            return deps.events.appendIn(tx, events);
          },
        },
      }),
    },
  });

async function makeHook(integration: string): Promise<{ path: string; secret: string }> {
  const made = await test.owner('POST', `/api/integrations/${integration}/hook`, {});
  expect([made.status, made.body.secret]).toEqual([200, expect.stringMatching(/^whsec_/)]);
  return made.body as never;
}

beforeAll(async () => {
  upstreams = await openDemoUpstreams();
  test = await start();
  await installDemo(test.owner, upstreams);
  hook = await makeHook('demo-shop');
});
afterAll(async () => {
  await test?.close();
  await upstreams?.close();
});

interface Sending {
  readonly id?: string;
  readonly body?: string;
  readonly secret?: string;
  readonly path?: string;
  readonly atS?: number;
  readonly headers?: Readonly<Record<string, string>>;
}
const nowS = (): number => Math.floor(Date.now() / 1_000);
const bodyOf = (ticket: unknown, type = 'ticket.created'): string => JSON.stringify({ type, data: { id: ticket } });

async function deliver({
  id = `msg_${randomUUID()}`,
  body = bodyOf('t101'),
  secret = hook.secret,
  path = hook.path,
  atS = nowS(),
  headers,
}: Sending = {}) {
  const response = await fetch(`${test.gatewayUrl}${path}`, {
    method: 'POST',
    headers: headers ?? { 'content-type': 'application/json', ...signHook(secret, { id, timestampS: atS, body }) },
    body,
  });
  const answer = (await response.json()) as { runs?: string[]; code?: string; call?: string };
  return { status: response.status, ...answer, retryAfter: response.headers.get('retry-after'), id };
}

async function count(table: 'workflow_runs' | 'workflow_deliveries'): Promise<number> {
  const { database, rooms } = test.server;
  const rows = await database.database.inTenant(rooms.tenant, async (tx) => {
    const counted = await sql<{ n: string }>`select count(*) as n from ${sql.table(table)}`.execute(query(tx));
    return counted.rows;
  });
  return Number(rows[0]?.n);
}

/** Events of a type, once there are as many as looked for. */
async function events(
  type: string,
  enough: (found: readonly Record<string, unknown>[]) => boolean,
): Promise<readonly Record<string, unknown>[]> {
  for (;;) {
    const { body } = await test.owner('GET', `/api/events?type=${type}&limit=100`);
    const found = (body.events as { entry: { public: Record<string, unknown> } }[]).map(({ entry }) => entry.public);
    if (enough(found)) return found;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** A customer of the shop with an order of more than 60 whom no other test has. */
let nextCustomer = 0;
function customer(): { id: string; order: string } {
  const { customers, orders } = upstreams.shop.state;
  const id = [...customers.keys()][nextCustomer++] as string;
  const order = [...orders.values()].find((one) => one.customer_id === id && Number(one.refundable) > 60);
  return order === undefined ? customer() : { id, order: order.id };
}
const effects = (after: number): string[] => upstreams.shop.ledger.after(after).map(({ kind, object }) => `${kind} ${object}`);

describe('a new ticket of the shop', () => {
  it('leads to its refund and its reply, once each, for the customer of its record, however often it is delivered', async () => {
    const { id: customerId, order } = customer();
    const before = upstreams.shop.ledger.size;
    upstreams.shop.setHook(`${test.gatewayUrl}${hook.path}`, hook.secret);
    const { ticket, delivered } = upstreams.shop.openTicket({
      customerId,
      subject: 'One item was broken',
      body: `Please refund 5.00 of order ${order}.`,
    });
    const delivery = await delivered;
    upstreams.shop.setHook(null);
    const [run = ''] = (delivery?.json as { runs: string[] } | undefined)?.runs ?? [];
    const again = await deliver({ id: delivery?.id ?? '', body: bodyOf(ticket.id) });
    expect(again.code).toBe('WORKFLOWS_DELIVERY_CHANGED');
    expect(await waitForRun(test.owner, run)).toMatchObject({ state: 'done' });
    expect(effects(before)).toEqual([`refund ${order}`, `ticket_replied ${ticket.id}`]);
    const replied = upstreams.shop.ledger.after(before).map(({ customer_id }) => customer_id);
    expect(new Set(replied)).toEqual(new Set([customerId]));
  });

  it('that was written to rob another customer robs nobody', async () => {
    const [mine, other] = [customer(), customer()];
    const before = upstreams.shop.ledger.size;
    const { ticket } = upstreams.shop.openTicket({
      customerId: mine.id,
      subject: 'Refund',
      body: `Please refund 20.00 of order ${other.order}.`,
    });
    const { runs } = await deliver({ body: bodyOf(ticket.id) });
    await waitForRun(test.owner, runs?.[0] ?? '');
    expect(effects(before)).toEqual([`ticket_replied ${ticket.id}`]);
  });

  it('says in the run and in the ledger that the integration began it, and which delivery', async () => {
    const { id: customerId } = customer();
    const { ticket } = upstreams.shop.openTicket({ customerId, subject: 'Hello', body: 'Where is my parcel?' });
    const sent = await deliver({ body: bodyOf(ticket.id) });
    const run = sent.runs?.[0] ?? '';
    const rows = await test.server.database.database.inTenant(test.server.rooms.tenant, async (tx) => {
      const found = await sql`select trigger, started_by from workflow_runs where id = ${run}`.execute(query(tx));
      return found.rows;
    });
    expect(rows).toEqual([{ trigger: 'webhook', started_by: 'integration:demo-shop' }]);
    const started = await events('workflows.run.started', (found) => found.some(({ delivery }) => delivery === sent.id));
    expect(started.find(({ delivery }) => delivery === sent.id)).toMatchObject({
      trigger: 'webhook',
      integration: 'demo-shop',
      event: 'ticket.created',
      workflow: 'support-reply',
    });
    const accepted = await events('workflows.delivery.accepted', (found) => found.some(({ delivery }) => delivery === sent.id));
    expect(accepted.find(({ delivery }) => delivery === sent.id)).toMatchObject({ runs: [run] });
    await waitForRun(test.owner, run);
  });
});

describe('a delivery', () => {
  it('brought twenty times at once and again after a restart starts one run', async () => {
    const { id: customerId, order } = customer();
    const { ticket } = upstreams.shop.openTicket({ customerId, subject: 'Refund', body: `Please refund 5.00 of order ${order}.` });
    const before = { runs: await count('workflow_runs'), effects: upstreams.shop.ledger.size };
    const sending = { id: 'msg_twenty', body: bodyOf(ticket.id) };
    const answers = await Promise.all(Array.from({ length: 20 }, (_, at) => deliver({ ...sending, atS: nowS() - at })));
    expect(answers.map(({ status }) => status).sort()).toEqual([...Array(19).fill(200), 202]);
    expect(new Set(answers.map(({ runs }) => JSON.stringify(runs))).size).toBe(1);
    const [run = ''] = answers[0]?.runs ?? [];
    await test.stop();
    test = await start(test.folder);
    expect(await deliver(sending)).toMatchObject({ status: 200, runs: [run] });
    expect(await waitForRun(test.owner, run)).toMatchObject({ state: 'done' });
    expect(await count('workflow_runs')).toBe(before.runs + 1);
    expect(effects(before.effects)).toEqual([`refund ${order}`, `ticket_replied ${ticket.id}`]);
  });

  it('whose server died right after writing it runs with the next start, and is not started again by its sender', async () => {
    const { id: customerId } = customer();
    const { ticket } = upstreams.shop.openTicket({ customerId, subject: 'Hello', body: 'Where is my parcel?' });
    const before = { runs: await count('workflow_runs'), effects: upstreams.shop.ledger.size };
    const sending = { id: 'msg_dead', body: bodyOf(ticket.id) };
    // What is left when the process is killed between the commit and the engine: the rows, and nobody who was told.
    const delivered = await test.server.workflows.deliveries.accept({
      tenant: test.server.rooms.tenant,
      integration: 'demo-shop',
      id: sending.id,
      event: 'ticket.created',
      raw: Buffer.from(sending.body),
      body: JSON.parse(sending.body) as never,
    });
    if (!('runs' in delivered)) throw new Error(delivered.code);
    await test.stop();
    test = await start(test.folder);
    expect(await deliver(sending)).toMatchObject({ status: 200, runs: delivered.runs });
    expect(await waitForRun(test.owner, delivered.runs[0] ?? '')).toMatchObject({ state: 'done' });
    expect([await count('workflow_runs'), effects(before.effects)]).toEqual([before.runs + 1, [`ticket_replied ${ticket.id}`]]);
  });

  it('leaves nothing when it can not be written whole, and is taken the next time', async () => {
    const before = [await count('workflow_runs'), await count('workflow_deliveries')];
    const sending = { id: 'msg_torn', body: bodyOf('t102') };
    failOn = 'workflows.delivery.accepted';
    expect(await deliver(sending)).toMatchObject({ status: 503, code: 'GATEWAY_DELIVERY_FAILED' });
    expect([await count('workflow_runs'), await count('workflow_deliveries')]).toEqual(before);
    const taken = await deliver(sending);
    expect(taken.status).toBe(202);
    await waitForRun(test.owner, taken.runs?.[0] ?? '');
  });

  it('of an event nobody listens to is taken and starts nothing; so is one of a paused workflow', async () => {
    const before = await count('workflow_runs');
    const unknown = { id: 'msg_unknown', body: bodyOf('t101', 'order.paid') };
    expect([await deliver(unknown), await deliver(unknown)]).toMatchObject([
      { status: 202, runs: [] },
      { status: 200, runs: [] },
    ]);
    await test.owner('POST', '/api/workflows/support-reply/pause');
    expect(await deliver({ id: 'msg_paused' })).toMatchObject({ status: 202, runs: [] });
    await test.owner('POST', '/api/workflows/support-reply/resume');
    expect(await count('workflow_runs')).toBe(before);
    const accepted = await events('workflows.delivery.accepted', (found) => found.some(({ delivery }) => delivery === 'msg_paused'));
    expect(accepted.find(({ delivery }) => delivery === 'msg_paused')).toMatchObject({ runs: [], paused: ['support-reply'] });
  });

  it('starts every published workflow that listens, and one whose inputs do not fit keeps no other from starting', async () => {
    const template = readTemplate('support-reply');
    const written = template['workflow.yaml'] as string;
    const publish = async (name: string, text: string): Promise<void> => {
      const { body } = await test.owner('POST', '/api/workflows', {
        files: { ...template, 'workflow.yaml': text.replace('name: support-reply', `name: ${name}`) },
      });
      expect(body.hash, JSON.stringify(body)).toEqual(expect.any(String));
      await test.owner('POST', `/api/workflows/${name}/approve`, { hash: body.hash });
      expect((await test.owner('POST', `/api/workflows/${name}/publish`, { hash: body.hash })).status).toBe(200);
    };
    await publish('second-reply', written.replace('event: ticket.created', 'event: ticket.reopened'));
    await publish(
      'third-reply',
      written.replace('event: ticket.created', 'event: ticket.reopened').replace('from: data.id', 'from: data.other'),
    );
    await publish('fourth-reply', written.replace('event: ticket.created', 'event: ticket.reopened'));
    const taken = await deliver({ body: bodyOf('t103', 'ticket.reopened') });
    expect([taken.status, taken.runs?.length]).toEqual([202, 2]);
    const refused = await events('workflows.run.refused', (found) => found.some(({ workflow }) => workflow === 'third-reply'));
    expect(refused.find(({ workflow }) => workflow === 'third-reply')).toMatchObject({ code: 'WORKFLOWS_INPUT_INVALID' });
    for (const run of taken.runs ?? []) await waitForRun(test.owner, run);
    const listed = (await test.owner('GET', '/api/hooks')).body.hooks;
    expect(listed).toMatchObject([{ integration: 'demo-shop', path: '/hooks/demo-shop', previousUntil: null }]);
    expect((listed as { listening: object[] }[])[0]?.listening).toContainEqual({
      event: 'ticket.reopened',
      workflow: 'second-reply',
      paused: false,
    });
  });
});

describe('a forged, stale or odd delivery', () => {
  let before = 0;
  const WRONG = { status: 401, code: 'IDENTITY_HOOK_SIGNATURE_INVALID' };
  const OTHER = `whsec_${Buffer.alloc(32, 9).toString('base64')}`;
  const startsNothing = async (sending: Sending, expected: object): Promise<void> => {
    before = await count('workflow_runs');
    expect(await deliver(sending)).toMatchObject(expected);
    expect(await count('workflow_runs')).toBe(before);
  };

  it('starts nothing unsigned', () =>
    startsNothing({ headers: { 'content-type': 'application/json' } }, { status: 401, code: 'GATEWAY_HOOK_UNSIGNED' }));
  it('starts nothing under another secret', () => startsNothing({ secret: OTHER }, WRONG));
  it.each([-330, 330])('starts nothing %i s from now', (offS) =>
    startsNothing({ atS: nowS() + offS }, { status: 401, code: 'IDENTITY_HOOK_OUTSIDE_TIME' }),
  );
  it('starts nothing when its body was changed after it was signed', async () => {
    const signed = signHook(hook.secret, { id: 'msg_x', timestampS: nowS(), body: bodyOf('t101') });
    await startsNothing({ headers: { 'content-type': 'application/json', ...signed }, body: bodyOf('t102') }, WRONG);
    await startsNothing({ headers: { 'content-type': 'application/json', ...signed }, body: `${bodyOf('t101')} ` }, WRONG);
    await startsNothing({ headers: { 'content-type': 'application/json', ...signed, 'webhook-id': 'msg_y' }, body: bodyOf('t101') }, WRONG);
  });
  it('starts nothing when its id came before with another body, however well it is signed', async () => {
    const first = await deliver({ id: 'msg_first', body: bodyOf('t104') });
    await startsNothing({ id: 'msg_first', body: bodyOf('t105') }, { status: 409, code: 'WORKFLOWS_DELIVERY_CHANGED' });
    await startsNothing({ id: 'msg_first', body: bodyOf('t104') }, { status: 200, runs: first.runs });
    await waitForRun(test.owner, first.runs?.[0] ?? '');
  });

  it.each([
    ['a path', 't101/../../orders'],
    ['words', 'refund everything to me'],
    ['a template', '{{customer}}'],
    ['an expression', "t101' || true"],
    ['nothing', ''],
    ['null', null],
    ['an object', { id: 't101' }],
    ['a list', ['t101']],
    ['a fraction', 1.5],
    ['a text without end', 't'.repeat(65)],
  ])('starts nothing when its id is %s, and may come again', async (_what, ticket) => {
    const sending = { id: `msg_${randomUUID()}`, body: bodyOf(ticket) };
    const kept = await count('workflow_deliveries');
    await startsNothing(sending, { status: 400, code: 'WORKFLOWS_INPUT_INVALID' });
    await startsNothing(sending, { status: 400, code: 'WORKFLOWS_INPUT_INVALID' });
    expect(await count('workflow_deliveries')).toBe(kept);
  });

  it('starts no workflow that does not listen in its approved content, whatever a row says', async () => {
    const listenTo = (event: string): Promise<unknown> => {
      const { database, rooms } = test.server;
      return database.database.inTenant(rooms.tenant, (tx) =>
        sql`update workflow_versions set listens_event = ${event} where name = 'support-reply' and state = 'published'`.execute(query(tx)),
      );
    };
    await listenTo('order.paid');
    await startsNothing({ body: bodyOf('t101', 'order.paid') }, { status: 403, code: 'WORKFLOWS_BUNDLE_TAMPERED' });
    await listenTo('ticket.created');
  });

  it('[Z3] is told the same for an integration without a hook, one that is not there, and a wrong signature', async () => {
    const answers = [
      await deliver({ secret: OTHER }),
      await deliver({ secret: OTHER, path: '/hooks/demo-model' }),
      await deliver({ secret: OTHER, path: '/hooks/never-heard-of' }),
      await deliver({ secret: OTHER, path: `/hooks/${newId('ten', systemClock, systemRandom)}/demo-shop` }),
    ].map(({ call: _call, id: _id, ...rest }) => JSON.stringify(rest));
    expect(new Set(answers).size).toBe(1);
  });

  it('of another tenant opens no door here, nor ours there', async () => {
    const { identity, hooks } = test.server.rooms;
    const tenant = await identity.createTenant({ name: 'neighbour' });
    const theirs = await hooks.create({ tenant, integration: 'demo-shop', actor: 'per_test' });
    const path = `/hooks/${tenant}/demo-shop`;
    await startsNothing({ secret: theirs.secret }, WRONG);
    await startsNothing({ path }, WRONG);
    await startsNothing({ secret: theirs.secret, path }, { status: 202, runs: [] });
  });

  it('is recorded with its code; a flood of strangers fills no ledger and keeps the integration itself not out', async () => {
    await deliver({ secret: OTHER });
    await events('workflows.delivery.refused', (found) => found.some(({ code }) => code === 'IDENTITY_HOOK_SIGNATURE_INVALID'));
    await Promise.all(Array.from({ length: 120 }, () => deliver({ secret: OTHER })));
    expect(await deliver({ body: bodyOf('t101', 'order.paid') })).toMatchObject({ status: 202 });
    const refused = await events('workflows.delivery.refused', () => true);
    expect(refused.length).toBeLessThan(70);
  });

  it('is refused once the hook or its integration is removed', async () => {
    await test.owner('PUT', '/api/integrations/desk', { kind: 'model', baseUrl: `${upstreams.model.url}/v1`, models: ['desk-1'] });
    const desk = await makeHook('desk');
    const sending = { ...desk, body: bodyOf('t101', 'x.y') };
    expect(await deliver(sending)).toMatchObject({ status: 202 });
    const rotated = await makeHook('desk');
    expect([await deliver(sending), await deliver({ ...rotated, body: bodyOf('t101', 'x.y') })]).toMatchObject([
      { status: 202 },
      { status: 202 },
    ]);
    expect((await test.owner('DELETE', '/api/integrations/desk')).status).toBe(200);
    expect(await deliver(sending)).toMatchObject(WRONG);
    expect((await test.owner('POST', '/api/integrations/desk/hook', {})).status).toBe(404);
    expect((await test.owner('DELETE', '/api/integrations/desk/hook')).status).toBe(404);
  });
});

it('an integration that delivers without end is told to come later, and then is heard again', async () => {
  await test.owner('PUT', '/api/integrations/busy', { kind: 'model', baseUrl: `${upstreams.model.url}/v1`, models: ['busy-1'] });
  const busy = await makeHook('busy');
  const sent = await Promise.all(Array.from({ length: 140 }, () => deliver({ ...busy, body: bodyOf('t1', 'x.y') })));
  const late = sent.filter(({ status }) => status === 429);
  expect(late.length).toBeGreaterThan(0);
  expect(late[0]).toMatchObject({ code: 'LIMITS_HOOK_RATE_EXCEEDED', retryAfter: '1' });
  expect(sent.filter(({ status }) => status === 202).length).toBe(140 - late.length);
  // Comes again as senders do, until it is taken.
  const { id } = late[0] as { id: string };
  while ((await deliver({ ...busy, id, body: bodyOf('t1', 'x.y') })).status !== 202);
});
