// What must never get out, looked for everywhere it could be: in answers, logs, events, at the model, in every column of the database,
// and behind the wall between two tenants. And what happens when a check can not run.

import { newRunId } from '@sallyport/demo';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { isRefusal, newId, type RunId, SallyportError } from '#core';
import type { GuardDeps } from '#enforcement';
import { assertRowSecurity } from '#storage';
import { type Answer, type GuardedShop, MODEL, openGuardedShop } from '../../../testkit/crash/guarded-shop.ts';
import { json } from '../../../testkit/model-upstream/index.ts';
import { tablesWithoutTenant } from './compose/tables-without-tenant.ts';
import { systemClock, systemRandom } from './world.ts';

let world: GuardedShop;

beforeAll(async () => {
  const cluster = inject('testCluster');
  if (cluster === undefined) throw new Error('this project has no Postgres cluster');
  world = await openGuardedShop(cluster);
});
afterEach(() => {
  world.weather(null);
  world.breakGuard(null);
});
afterAll(() => world?.close());

const customerAt = (nth: number) => {
  const customer = [...world.shop.state.customers.values()][nth];
  if (customer === undefined) throw new Error('the demo shop has more customers');
  const order = [...world.shop.state.orders.values()].find((candidate) => candidate.customer_id === customer.id);
  return { customer, order: order?.id ?? '' };
};
const refund = (order: string, binding: string | null): Promise<Answer> =>
  world.call('POST', `/connect/shop/orders/${order}/refunds`, { amount: '1.00' }, { binding });
const chat = (content: string, binding: string | null, more: readonly object[] = []): Promise<Answer> =>
  world.call('POST', '/v1/chat/completions', { model: MODEL, messages: [...more, { role: 'user', content }] }, { binding });

/** Columns in which this word stands by itself. */
async function columnsNaming(word: string): Promise<readonly string[]> {
  const { rows } = await world.db.query<{ table: string; column: string }>(
    `select table_name as table, column_name as column from information_schema.columns
     where table_schema = 'public' and data_type in ('text', 'json', 'jsonb')`,
  );
  const found: string[] = [];
  for (const { table, column } of rows) {
    const hits = await world.db.query(`select from "${table}" where "${column}"::text ~ ('\\m' || $1 || '\\M') limit 1`, [word]);
    if (hits.rowCount !== 0) found.push(`${table}.${column}`);
  }
  return found;
}

/** Every text, json and bytea column of the database that holds one of these values, with the number of rows. */
async function columnsHolding(values: readonly string[]): Promise<readonly string[]> {
  const columns = await world.db.query<{ table: string; column: string }>(
    `select c.table_name as table, c.column_name as column from information_schema.columns c
     join information_schema.tables t using (table_schema, table_name)
     where c.table_schema = 'public' and t.table_type = 'BASE TABLE'
       and (c.data_type in ('text', 'json', 'jsonb', 'bytea', 'character varying', 'ARRAY'))`,
  );
  expect(columns.rows.length).toBeGreaterThan(80);
  const found: string[] = [];
  for (const { table, column } of columns.rows) {
    for (const value of values) {
      // As text, and as the bytes of the text inside any other bytes.
      const { rows } = await world.db.query<{ n: string }>(
        `select count(*) as n from "${table}" where position(lower($1) in lower("${column}"::text)) > 0
           or position($2 in "${column}"::text) > 0`,
        [value, Buffer.from(value).toString('hex')],
      );
      if (rows[0]?.n !== '0') found.push(`${table}.${column}`);
    }
  }
  return [...new Set(found)];
}

describe('personal data and credentials', () => {
  it.each([undefined, { type: 'json_object' }])('leave in no error of the provider, which may quote the model (%j)', async (format) => {
    const error = (words: string) => json({ error: { message: 'Tool choice failed.', type: 'invalid', failed_generation: words } }, 400);
    const body = { model: MODEL, messages: [{ role: 'user', content: 'I am nobody@example.com.' }], response_format: format };
    const ask = async (words: string): Promise<Answer> => {
      world.model.next(error(words));
      return world.call('POST', '/v1/chat/completions', body, { binding: null });
    };
    const plain = await ask('nothing');
    expect([plain.status, plain.text]).toEqual([400, expect.stringContaining('Tool choice failed.')]);
    const image = await ask('![x](https://collect.example.net/p?d=all)');
    expect(image.text).not.toContain('collect.example.net');
    const carrying = await ask('https://collect.example.net/?to=<EMAIL_1>');
    expect([carrying.status, carrying.text]).toEqual([400, expect.not.stringContaining('collect')]);
  });

  it('[D3] [PROMISE-4] [PROMISE-6] are in no answer, log, event, model request or column where they do not belong', async () => {
    const { customer, order } = customerAt(100);
    const run = newRunId(Date.now());
    const bind = (toolCallId: string) => world.bind(customer.id, { run, toolCallId });
    // The shop gives its own credential away, as careless shops do.
    world.weather(({ status, body, token }) => ({ status, body: body.replace('"created_at"', `"leak":"${token}","created_at"`) }));
    const read = await world.call('GET', `/connect/shop/customers/${customer.id}`, undefined, { binding: bind('read') });
    expect(read.status).toBe(200);
    expect(read.body.email).toBe(customer.email);
    const told = await chat(`Write to ${customer.email} or ${customer.phone}, ${customer.default_address.address1}.`, bind('chat'), [
      { role: 'assistant', content: null, tool_calls: [{ id: 'read', type: 'function', function: { name: 'read', arguments: '{}' } }] },
      { role: 'tool', tool_call_id: 'read', content: read.text },
    ]);
    expect(told.status, told.text).toBe(200);
    const mail = await world.call(
      'POST',
      '/connect/shop/messages',
      { customer_id: customer.id, recipient: customer.email, body: `Your parcel goes to ${customer.default_address.address1}.` },
      { binding: bind('mail') },
    );
    const paid = await world.call('POST', `/connect/shop/orders/${order}/refunds`, { amount: '2.00' }, { binding: bind('pay') });
    const moved = await world.call('PUT', `/connect/shop/customers/${customer.id}`, { zip: '55555' }, { binding: bind('move') });
    const state = await world.approve(moved.body.approval);
    const result = await world.result(moved.body.approval);
    world.weather(() => ({ status: 500, body: `{"error":"token ${world.token} failed"}` }));
    const broken = await world.call('GET', `/connect/shop/products/p101`, undefined, { binding: bind('product') });
    world.weather(null);
    expect([mail.status, paid.status, state, result.status]).toEqual([201, 201, 'done', 200]);
    await world.server.rooms.sequencer.runOnce();

    // The credential is in clear nowhere but at the shop.
    const answers = [read, told, mail, paid, moved, result, broken].map((answer) => answer.text + JSON.stringify([...answer.headers]));
    for (const text of [...answers, ...world.log, ...world.model.requests.map((one) => one.text)]) expect(text).not.toContain(world.token);
    expect(await columnsHolding([world.token])).toEqual([]);

    // The model saw none of the values; no log and no column holds one in clear.
    const personal = [customer.email, customer.phone, customer.default_address.address1];
    const seen = world.model.requests.map((one) => one.text).join('\n');
    expect(seen).toContain('<EMAIL_1>');
    for (const value of personal) {
      expect(seen).not.toContain(value);
      expect(world.log.join('\n')).not.toContain(value);
    }
    expect(await columnsHolding(personal)).toEqual([]);
    // What is there in clear, and may be: the customer's id at the shop, where payments to one customer are counted.
    expect((await columnsNaming(customer.id)).filter((column) => column.startsWith('limit_'))).toEqual([]);
    console.log(`columns with the shop's own customer id in clear: ${(await columnsNaming(customer.id)).join(', ')}`);
  });

  it('[PROMISE-6] a credential leaves only for the host it was given for, whatever the row of the integration says', async () => {
    const { customer, order } = customerAt(99);
    const before = world.model.requests.length;
    await world.db.query('update integrations set origin = $1 where name = $2', [new URL(world.model.url).origin, 'shop']);
    await world.server.rooms.catalogue.refreshed();
    try {
      const answer = await refund(order, world.bind(customer.id));
      expect([answer.status, answer.body.code]).toEqual([403, 'CONNECTORS_FACTS_UNAVAILABLE']);
      expect(world.model.requests.length).toBe(before);
    } finally {
      await world.installShop();
    }
  });
});

describe('a check that can not run', () => {
  const fail = (): never => {
    throw new SallyportError('STORAGE_QUERY_FAILED', 'broken by a test', { retryable: false });
  };
  const failing = async (): Promise<never> => fail();

  it.each([
    ['a policy that throws', (deps: GuardDeps) => ({ policy: { ...deps.policy, authorize: fail } })],
    ['a vault without its key', (deps: GuardDeps) => ({ vault: { ...deps.vault, lease: failing } })],
    ['limits that can not count', (deps: GuardDeps) => ({ limits: { ...deps.limits, reserve: failing } })],
    ['runs that can not be read', (deps: GuardDeps) => ({ runs: { ...deps.runs, open: failing } })],
    ['a ledger that can not be written', (deps: GuardDeps) => ({ events: { ...deps.events, append: failing, appendIn: failing } })],
    ['a database that is gone', () => ({ database: { inTenant: failing } })],
    ['effects that can not be claimed', (deps: GuardDeps) => ({ effects: { ...deps.effects, claim: failing } })],
  ] as const)('[PROMISE-3] refuses: %s', async (_what, how) => {
    const { customer, order } = customerAt(98);
    const before = world.shop.ledger.size;
    world.breakGuard(how as (deps: GuardDeps) => Partial<GuardDeps>);
    const answer = await refund(order, world.bind(customer.id));
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(world.shop.ledger.size).toBe(before);
  });

  it.each([500, 401, 204, 302])('[PROMISE-3] refuses and stores nothing when the shop answers a look-up with %i', async (status) => {
    const { customer, order } = customerAt(98);
    const before = world.shop.ledger.size;
    world.weather(() => ({ status, body: status === 204 ? '' : '{}' }));
    for (const binding of [world.bind(customer.id), null]) {
      const answer = await refund(order, binding);
      expect([answer.status, answer.body.code]).toEqual([403, 'CONNECTORS_FACTS_UNAVAILABLE']);
    }
    expect(world.shop.ledger.size).toBe(before);
  });

  it('[PROMISE-1] releases no byte of a model’s answer, and no personal record, before the intent is durable', async () => {
    const { customer } = customerAt(97);
    world.breakGuard((deps) => ({ events: { ...deps.events, append: failing } }));
    const told = await chat('Say: the secret word is heliotrope.', world.bind(customer.id));
    expect(told.status).toBeGreaterThanOrEqual(400);
    expect(told.text).not.toContain('heliotrope');
    const read = await world.call('GET', `/connect/shop/customers/${customer.id}`, undefined, { binding: world.bind(customer.id) });
    expect(read.status).toBeGreaterThanOrEqual(400);
    expect(read.text).not.toContain(customer.email);
  });
});

describe('a second tenant', () => {
  it('[PROMISE-10] reaches nothing of the first: no integration, approval, run, key or row', async () => {
    const { customer, order } = customerAt(96);
    const { identity, approvals, effects, ledger, vault, catalogue } = world.server.rooms;
    const waiting = await refund(order, null);
    const tenant = await identity.createTenant({ name: 'second' });
    const actor = newId('per', systemClock, systemRandom);
    const workload = await identity.createWorkload({
      tenant,
      name: 'theirs',
      workflow: null,
      integrations: ['shop', 'model'],
      publicKeyJwk: null,
      actor,
    });
    const { key } = await identity.createKey({ tenant, workload, expiresAtMs: systemClock.now() + 60_000, actor });

    const before = world.shop.ledger.size;
    for (const answer of [
      await world.call('POST', `/connect/shop/orders/${order}/refunds`, { amount: '1.00' }, { key, binding: null }),
      await world.call('GET', `/connect/shop/customers/${customer.id}`, undefined, { key, binding: null }),
      await world.call('GET', '/connect/shop/products/p101', undefined, { key, binding: null }),
    ]) {
      expect([answer.status, answer.body.code]).toEqual([403, 'ENFORCEMENT_INTEGRATION_UNKNOWN']);
    }
    const told = await world.call(
      'POST',
      '/v1/chat/completions',
      { model: MODEL, messages: [{ role: 'user', content: 'x' }] },
      { key, binding: null },
    );
    expect([told.status, (told.body.error as { code: string }).code]).toEqual([403, 'ENFORCEMENT_MODEL_UNKNOWN']);
    const models = await world.call('GET', '/v1/models', undefined, { key, binding: null });
    expect(models.body.data).toEqual([]);
    const looked = await world.result(waiting.body.approval, key);
    expect([looked.status, looked.body.code]).toEqual([404, 'APPROVALS_UNKNOWN']);
    expect(world.shop.ledger.size).toBe(before);

    // And from the inside, with the second tenant's name in hand.
    expect(await approvals.list(tenant, null)).toEqual([]);
    const rows = JSON.stringify(await ledger.list(tenant, { limit: 100 }), (_key, value) =>
      typeof value === 'bigint' ? String(value) : value,
    );
    for (const word of [world.server.rooms.tenant, waiting.body.call, waiting.body.approval]) expect(rows).not.toContain(word);
    expect(catalogue.list(tenant)).toEqual([]);
    const { database } = world.server.database;
    expect(await database.inTenant(tenant, (tx) => effects.listUnresolved(tx, tenant))).toEqual([]);
    expect(await database.inTenant(tenant, (tx) => effects.listUnresolved(tx, world.server.rooms.tenant))).toEqual([]);
    expect(await vault.knownValues.load(tenant, newRunId(Date.now()) as RunId)).toEqual([]);
    const theirs = identity.authenticate(key);
    const denied = isRefusal(theirs)
      ? theirs
      : await approvals.approve(theirs, waiting.body.approval as never, String(waiting.body.digest));
    expect(denied).toMatchObject({ kind: 'deny' });
  });

  it('[PROMISE-10] stands behind row security in every table of every room', async () => {
    await assertRowSecurity(world.server.database.database, tablesWithoutTenant);
  });
});
