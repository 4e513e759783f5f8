// Effects through the whole server and a real shop: what needs a person waits, what runs runs once, what is not allowed never reaches
// the shop, and every refusal leaves exactly one event that says where and why.

import { newRunId } from '@sallyport/demo';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { type Answer, type GuardedShop, openGuardedShop } from '../../../testkit/crash/guarded-shop.ts';

let world: GuardedShop;
let customers: readonly string[] = [];
let used = 0;

beforeAll(async () => {
  const cluster = inject('testCluster');
  if (cluster === undefined) throw new Error('this project has no Postgres cluster');
  world = await openGuardedShop(cluster);
  customers = [...world.shop.state.customers.keys()];
});
afterEach(async () => {
  world.weather(null);
  world.breakGuard(null);
});
afterAll(() => world?.close());

/** A customer no other test has touched, with two orders. */
function fresh() {
  const customer = customers[used++] as string;
  const orders = [...world.shop.state.orders.values()].filter((order) => order.customer_id === customer);
  const [order, other] = orders;
  if (order === undefined || other === undefined) throw new Error('a demo customer has two orders');
  return { customer, order: order.id, other: other.id, run: newRunId(Date.now()) };
}

const refunds = (order: string) => world.shop.ledger.after(0).filter((entry) => entry.kind === 'refund' && entry.object === order);
const cents = (entries: ReturnType<typeof refunds>) =>
  entries.reduce((sum, entry) => sum + Math.round(Number(entry.fields.amount) * 100), 0);
const changes = (customer: string) =>
  world.shop.ledger.after(0).filter((entry) => entry.kind === 'customer_updated' && entry.object === customer);

function refund(order: string, amount: string, binding: string | null, headers: Record<string, string> = {}): Promise<Answer> {
  return world.call('POST', `/connect/shop/orders/${order}/refunds`, { amount }, { binding, headers });
}
const change = (customer: string, zip: string, binding: string | null) =>
  world.call('PUT', `/connect/shop/customers/${customer}`, { zip }, { binding });
const message = (customer: string, body: string, binding: string) =>
  world.call(
    'POST',
    '/connect/shop/messages',
    { customer_id: customer, recipient: world.shop.state.customers.get(customer)?.email, body },
    { binding },
  );

/** The customer's record changes at the shop. */
function touch(customer: string): void {
  const record = world.shop.state.customers.get(customer);
  if (record !== undefined) record.updated_at = new Date(Date.parse(record.updated_at) + 1).toISOString();
}

function changeManifest(): Promise<void> {
  return world.installShop((manifest) => {
    Object.assign(manifest.operations['customers.list'] ?? {}, { sentence: 'Read everything there is' });
  });
}

/** The refusal reached the caller, and the ledger has exactly one event of it. */
async function expectRefused(answer: Answer, stage: string, code: string): Promise<void> {
  expect([answer.status, answer.body.code], answer.text).toEqual([403, code]);
  const events = await world.events(answer.body.call);
  expect(events.map((event) => [event.type, event.facts.stage, event.facts.code])).toEqual([['enforcement.call.refused', stage, code]]);
}

describe('a call that needs a person', () => {
  it('[PROMISE-5] waits, reaches the shop once after the yes, and gives its result to its own workload only', async () => {
    const { order } = fresh();
    const asked = await refund(order, '12.00', null);
    await expectRefused(asked, 'authorize', 'ENDORSEMENT_REQUIRED');
    const { approval } = asked.body;
    expect(refunds(order)).toEqual([]);
    expect((await world.result(approval, world.plain.key)).body).toMatchObject({ state: 'pending', result: null });

    expect(await world.approve(approval)).toBe('done');
    expect(cents(refunds(order))).toBe(1_200);
    const result = await world.result(approval, world.plain.key);
    expect(result.body).toMatchObject({ state: 'done', code: null, result: { status: 201, body: { order_id: order, amount: '12.00' } } });
    const foreign = await world.result(approval, world.agent.key);
    expect([foreign.status, foreign.body.code]).toEqual([404, 'APPROVALS_UNKNOWN']);

    const shown = await world.owner('GET', `/api/approvals/${approval}`);
    const twice = await world.owner('POST', `/api/approvals/${approval}/approve`, { digest: shown.body.digest });
    expect([twice.status, twice.body.code]).toEqual([409, 'APPROVALS_NOT_PENDING']);
    expect(refunds(order)).toHaveLength(1);
  });

  it('[PROMISE-9] asked for again under its tool call, after it was done, gives the stored result and asks nobody', async () => {
    const { customer, run } = fresh();
    const bind = () => world.bind(customer, { run, toolCallId: 'change' });
    const asked = await change(customer, '54321', bind());
    expect(await world.approve(asked.body.approval)).toBe('done');
    const again = await change(customer, '54321', bind());
    expect([again.status, again.body.id]).toEqual([200, customer]);
    expect(changes(customer)).toHaveLength(1);
    await expectRefused(await change(customer, '99999', bind()), 'authorize', 'ENFORCEMENT_IDEMPOTENCY_MISMATCH');
    expect(changes(customer)).toHaveLength(1);
  });

  it('[PROMISE-9] asked for again under its idempotency key, after it was done, gives the stored result and asks nobody', async () => {
    const { order } = fresh();
    const again = () => refund(order, '5.00', null, { 'idempotency-key': `again-${order}` });
    const asked = await again();
    expect(await world.approve(asked.body.approval)).toBe('done');
    const repeated = await again();
    expect([repeated.status, repeated.body.amount]).toEqual([201, '5.00']);
    expect(refunds(order)).toHaveLength(1);
  });

  it('[PROMISE-9] approved twice for one tool call is still one effect', async () => {
    const { customer, run } = fresh();
    const bind = () => world.bind(customer, { run, toolCallId: 'change' });
    const first = (await change(customer, '54321', bind())).body.approval;
    // The object changes, so that the same call is another one to approve.
    touch(customer);
    const second = (await change(customer, '54321', bind())).body.approval;
    expect(second).not.toBe(first);
    expect(await world.approve(second)).toBe('done');
    expect(await world.approve(first)).toBe('failed');
    expect(changes(customer)).toHaveLength(1);
  });

  it.each([
    ['the object changed', touch, 'ENFORCEMENT_ENDORSEMENT_STALE'],
    ['the manifest changed', changeManifest, 'ENFORCEMENT_ENDORSEMENT_STALE'],
    ['the integration was removed', () => world.owner('DELETE', '/api/integrations/shop'), 'ENFORCEMENT_INTEGRATION_UNKNOWN'],
  ])('[PROMISE-5] approved after %s, does not run', async (_what, happen, code) => {
    const { customer } = fresh();
    const asked = await change(customer, '54321', world.bind(customer));
    await happen(customer);
    try {
      expect(await world.approve(asked.body.approval)).toBe('failed');
      expect((await world.result(asked.body.approval)).body.code).toBe(code);
      expect(changes(customer)).toEqual([]);
    } finally {
      await world.installShop();
    }
  });

  it('[PROMISE-5] approved after its key was revoked, does not run', async () => {
    const { order } = fresh();
    const leaving = await world.workload('leaving', false);
    const asked = await world.call(
      'POST',
      `/connect/shop/orders/${order}/refunds`,
      { amount: '3.00' },
      { key: leaving.key, binding: null },
    );
    expect(asked.body.code).toBe('ENDORSEMENT_REQUIRED');
    await world.owner('DELETE', `/api/keys/${leaving.keyId}`);
    expect(await world.approve(asked.body.approval)).toBe('failed');
    expect(refunds(order)).toEqual([]);
  });
});

describe('an effect happens once', () => {
  it('[PROMISE-9] under one tool call, which gives the stored result again and takes no other arguments', async () => {
    const { customer, order, run } = fresh();
    const bind = () => world.bind(customer, { run, toolCallId: 'one' });
    const first = await refund(order, '5.00', bind());
    const second = await refund(order, '5.00', bind());
    expect([first.status, second.status]).toEqual([201, 201]);
    expect(second.body).toEqual(first.body);
    await expectRefused(await refund(order, '6.00', bind()), 'commit', 'ENFORCEMENT_IDEMPOTENCY_MISMATCH');
    expect(refunds(order)).toHaveLength(1);
  });

  it('[PROMISE-9] also when nothing remains to refund by the time its caller asks again', async () => {
    const { customer, order, run } = fresh();
    const record = world.shop.state.orders.get(order);
    if (record !== undefined) Object.assign(record, { total: '20.00', refundable: '20.00' });
    const bind = () => world.bind(customer, { run, toolCallId: 'all' });
    const first = await refund(order, '20.00', bind());
    const second = await refund(order, '20.00', bind());
    expect([first.status, second.status, second.body.id]).toEqual([201, 201, first.body.id]);
    expect(refunds(order)).toHaveLength(1);
  });

  it('[PROMISE-9] when 20 identical calls arrive at once', async () => {
    const { customer, order, run } = fresh();
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => refund(order, '4.00', world.bind(customer, { run, toolCallId: 'burst' }))),
    );
    expect(refunds(order)).toHaveLength(1);
    for (const answer of answers) {
      if (answer.status !== 201) expect([answer.status, answer.body.code]).toEqual([403, 'ENFORCEMENT_EFFECT_IN_PROGRESS']);
      else expect(answer.body).toMatchObject({ order_id: order, amount: '4.00' });
    }
    expect(answers.some((answer) => answer.status === 201)).toBe(true);
  });

  it('[PROMISE-9] under one signed statement', async () => {
    const { customer, order } = fresh();
    const statement = world.bind(customer);
    expect((await refund(order, '2.00', statement)).status).toBe(201);
    await expectRefused(await refund(order, '2.00', statement), 'commit', 'IDENTITY_BINDING_REPLAYED');
    expect(refunds(order)).toHaveLength(1);
  });

  it('[PROMISE-9] [PROMISE-10] for its own workload: another one naming the same run and tool call gets no result of it', async () => {
    const { customer, order, run } = fresh();
    const other = await world.workload('other-agent', true);
    const first = await refund(order, '2.00', world.bind(customer, { run, toolCallId: 'mine' }));
    const binding = other.signer?.sign({ run, customer: { id: customer, assurance: 'session' }, toolCallId: 'mine' }) ?? '';
    const answer = await world.call('POST', `/connect/shop/orders/${order}/refunds`, { amount: '2.00' }, { key: other.key, binding });
    expect(answer.status).toBe(201);
    expect(answer.body.id).not.toBe(first.body.id);
  });
});

describe('an unknown outcome', () => {
  it('[PROMISE-9] is tried again under the same key of the upstream when the caller asks again: one refund, and its answer', async () => {
    const { customer, order, run } = fresh();
    const bind = () => world.bind(customer, { run, toolCallId: 'lost' });
    world.weather(({ method, status, body }) => (method === 'POST' ? 'drop' : { status, body }));
    const lost = await refund(order, '5.00', bind());
    expect(lost.status).toBeGreaterThanOrEqual(500);
    expect(refunds(order)).toHaveLength(1);
    const open = await world.owner('GET', '/api/effects/unresolved');
    expect(JSON.stringify(open.body)).toContain(String(lost.body.call));
    world.weather(null);
    const again = await refund(order, '5.00', bind());
    expect([again.status, again.body.amount]).toEqual([201, '5.00']);
    expect(refunds(order)).toHaveLength(1);
    expect(JSON.stringify((await world.owner('GET', '/api/effects/unresolved')).body)).not.toContain(String(lost.body.call));
  });

  it('[PROMISE-9] is not called a failure because a repeat of the same key meets the first attempt', async () => {
    const { customer, order, run } = fresh();
    const bind = () => world.bind(customer, { run, toolCallId: 'conflict' });
    let posts = 0;
    world.weather(({ method, status, body }) => {
      if (method !== 'POST') return { status, body };
      posts += 1;
      return posts === 1 ? { status: 503, body: '{}' } : { status: 409, body: '{"error":"this key is being worked on"}' };
    });
    expect((await refund(order, '5.00', bind())).status).toBe(409);
    world.weather(null);
    const again = await refund(order, '5.00', bind());
    expect([again.status, again.body.amount]).toEqual([201, '5.00']);
    expect(refunds(order)).toHaveLength(1);
  });

  it.each([
    ['a broken connection', () => 'drop' as const],
    ['a server error', () => ({ status: 502, body: '{}' })],
    ['a redirect', () => ({ status: 303, body: '', headers: { location: '/orders' } })],
  ])('[PROMISE-9] after %s is shown, never repeated without a key, and ends by a person’s word', async (_what, answer) => {
    const { customer, run } = fresh();
    await world.installShop((manifest) => {
      delete manifest.operations['customers.update']?.idempotencyHeader;
      delete manifest.operations['customers.update']?.readBack;
    });
    try {
      const bind = () => world.bind(customer, { run, toolCallId: 'move' });
      const asked = await change(customer, '11111', bind());
      world.weather(({ method, status, body }) => (method === 'PUT' ? answer() : { status, body }));
      expect(await world.approve(asked.body.approval)).toBe('unknown');
      world.weather(null);
      await expectRefused(await change(customer, '11111', bind()), 'authorize', 'ENFORCEMENT_OUTCOME_UNKNOWN');
      const resolved = await world.owner('POST', '/api/effects/resolve', {
        effectKey: `run:${world.agent.workload}:${run}:move`,
        outcome: 'done',
      });
      expect(resolved.status).toBe(200);
      expect((await world.result(asked.body.approval)).body.state).toBe('done');
      await expectRefused(await change(customer, '11111', bind()), 'authorize', 'ENFORCEMENT_RESULT_LOST');
      expect(changes(customer)).toHaveLength(1);
    } finally {
      await world.installShop();
    }
  });
});

describe('money', () => {
  it('[PROMISE-5] split over many refunds never passes the customer’s day', async () => {
    const { customer, order, other } = fresh();
    expect((await refund(order, '20.00', world.bind(customer))).status).toBe(201);
    expect((await refund(other, '20.00', world.bind(customer))).status).toBe(201);
    await expectRefused(await refund(order, '20.00', world.bind(customer)), 'commit', 'LIMITS_AMOUNT_EXCEEDED');
    expect(cents([...refunds(order), ...refunds(other)])).toBe(4_000);
  });

  it('[PROMISE-5] not when ten parts arrive at once', async () => {
    const { customer, order, other } = fresh();
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, nth) => refund(nth % 2 === 0 ? order : other, '30.00', world.bind(customer))),
    );
    const paid = cents([...refunds(order), ...refunds(other)]);
    expect(paid).toBe(answers.filter((answer) => answer.status === 201).length * 3_000);
    expect(paid).toBeLessThanOrEqual(5_000);
    expect(paid).toBe(3_000);
  });

  it('[PROMISE-5] never goes above what the shop says remains, and no approval makes it', async () => {
    const { customer, order } = fresh();
    const record = world.shop.state.orders.get(order);
    if (record !== undefined) Object.assign(record, { refundable: '7.00' });
    await expectRefused(await refund(order, '7.01', world.bind(customer)), 'authorize', 'POLICY_OVER_REMAINDER');
    await expectRefused(await refund(order, '7.01', null), 'authorize', 'POLICY_OVER_REMAINDER');
    expect(refunds(order)).toEqual([]);
  });

  it('[PROMISE-5] is paid once from one remainder, whoever asks or approves before the shop shows the new one', async () => {
    const { customer, order } = fresh();
    const approved = (await refund(order, '6.00', null)).body.approval;
    const before = JSON.stringify(world.shop.state.orders.get(order));
    world.weather((answer) => (answer.method === 'GET' && answer.path === `/orders/${order}` ? { status: 200, body: before } : answer));
    expect((await refund(order, '20.00', world.bind(customer))).status).toBe(201);
    await expectRefused(await refund(order, '20.00', world.bind(customer)), 'commit', 'ENFORCEMENT_REMAINDER_TAKEN');
    expect(await world.approve(approved)).toBe('failed');
    expect(refunds(order)).toHaveLength(1);
    world.weather(null);
    expect((await refund(order, '20.00', world.bind(customer))).status).toBe(201);
  });

  it('[PROMISE-5] of another customer’s order stays where it is', async () => {
    const mine = fresh();
    const theirs = fresh();
    await expectRefused(await refund(theirs.order, '1.00', world.bind(mine.customer)), 'authorize', 'POLICY_FOREIGN_OBJECT');
    expect(refunds(theirs.order)).toEqual([]);
  });
});

describe('text that leaves for a customer', () => {
  const sent = (customer: string) =>
    world.shop.ledger.after(0).filter((entry) => entry.kind === 'message_sent' && entry.customer_id === customer);

  it('[PROMISE-4] holds no unresolved placeholder', async () => {
    const { customer } = fresh();
    const answer = await message(customer, 'Dear <PERSON_1>, it is on its way.', world.bind(customer));
    await expectRefused(answer, 'authorize', 'ENFORCEMENT_PLACEHOLDER_IN_ARGUMENT');
    expect(sent(customer)).toEqual([]);
  });

  it('[PROMISE-4] holds nothing the run has read about somebody else', async () => {
    const mine = fresh();
    const theirs = fresh();
    const read = await world.call('GET', `/connect/shop/customers/${theirs.customer}`, undefined, {
      binding: world.bind(theirs.customer, { run: mine.run }),
    });
    expect(read.status).toBe(200);
    const answer = await message(
      mine.customer,
      `Write to ${String(read.body.email)} instead.`,
      world.bind(mine.customer, { run: mine.run }),
    );
    await expectRefused(answer, 'authorize', 'ENFORCEMENT_CONTENT_OTHER_SUBJECT');
    expect(sent(mine.customer)).toEqual([]);
  });

  it('shows the customer their own values, masks what customers see of nobody, and what is refused to them is not sent', async () => {
    const { customer, run } = fresh();
    const own = await world.call('GET', `/connect/shop/customers/${customer}`, undefined, { binding: world.bind(customer, { run }) });
    const mail = String(own.body.email);
    const IBAN = 'DE89 3704 0044 0532 0130 00';
    const hits = async (): Promise<number> => {
      const { body } = await world.owner('GET', '/api/data/matrix');
      const cells = body.cells as { class: string; destination: string; hits: number }[];
      return cells.find((one) => one.destination === 'customer' && one.class === 'email_address')?.hits ?? 0;
    };
    const before = await hits();
    const texts = () => world.shop.ledger.after(0).filter((entry) => entry.kind === 'message_sent' && entry.customer_id === customer);
    const answer = await message(customer, `We wrote to ${mail}. The money goes to ${IBAN}.`, world.bind(customer, { run }));
    expect(answer.status, answer.text).toBe(201);
    expect(JSON.stringify(texts())).toContain(`We wrote to ${mail}. The money goes to [iban removed].`);
    const put = (destination: string, handling: string) =>
      world.owner('PUT', `/api/data/matrix/${destination}/email_address`, { handling, mode: 'enforce' });
    expect(await hits()).toBe(before + 1);
    await put('customer', 'refuse');
    const refused = await message(customer, `We wrote to ${mail}.`, world.bind(customer));
    await expectRefused(refused, 'readers', 'ENFORCEMENT_DATA_CLASS_REFUSED');
    await put('customer', 'mask');
    expect((await message(customer, `We wrote to ${mail}!`, world.bind(customer))).status).toBe(201);
    await world.owner('DELETE', '/api/data/matrix/customer/email_address');
    expect(texts()).toHaveLength(2);
    expect(JSON.stringify(texts())).toContain('We wrote to [email removed]!');
    expect(await hits()).toBe(before + 3);
  });

  it('is held to what the web may see where anybody reads it', async () => {
    await world.installShop((manifest) => {
      (manifest.operations['messages.send'] as Record<string, unknown>).readers = 'public';
    });
    const { customer } = fresh();
    const refused = await message(customer, 'Write to robin.field@example.com.', world.bind(customer));
    await expectRefused(refused, 'readers', 'ENFORCEMENT_DATA_CLASS_REFUSED');
    await world.installShop();
    expect(sent(customer)).toEqual([]);
  });

  it('[PROMISE-4] links to nobody the integration does not list', async () => {
    const { customer } = fresh();
    for (const link of [
      'https://collect.example.net/?d=1',
      'https://pay.example.net/now',
      '[pay here](https://pay.example.net)',
      'www.example.net',
    ]) {
      const answer = await message(customer, `Look at ${link} for more.`, world.bind(customer));
      await expectRefused(answer, 'authorize', 'ENFORCEMENT_CONTENT_LINK');
    }
    expect(sent(customer)).toEqual([]);
    expect((await message(customer, 'It is on its way.', world.bind(customer))).status).toBe(201);
    expect(sent(customer)).toHaveLength(1);
  });
});
