// What people ask about their data, through a whole server: a customer whose data stands in twelve places is found in all of them, erased
// from all of them, and stays so; nobody else is touched.

import { execFile } from 'node:child_process';
import { createHmac, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { signHook } from '@sallyport/demo';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { verifyProof } from '#audit';
import { canonicalJson, type RunId, type Tx } from '#core';
import { customerMark } from '#enforcement';
import { query, sql } from '#storage';
import { deleteKeysById, readErasureJournal } from '#vault';
import { startTestServer, type TestServer } from '../../../testkit/test-server.ts';
import {
  approveUntilDone,
  type DemoUpstreams,
  installDemo,
  openDemoUpstreams,
  placeTicket,
  waitForRun,
} from '../../../testkit/workflow-world/index.ts';
import { foldersOf } from './folders.ts';
import { loadConfig } from './load-config.ts';
import { systemDigest } from './world.ts';

type Body = Record<string, unknown>;
interface Customer {
  readonly id: string;
  readonly email: string;
  readonly phone?: string;
}

let upstreams: DemoUpstreams;
let test: TestServer & { readonly folder: string };
let hook: { readonly path: string; readonly secret: string };
let [mine, other]: readonly Customer[] = [];
/** Moved forward by what tests retention. */
let aheadMs = 0;

async function deliver(body: Body, id = `msg_${randomUUID()}`): Promise<Body> {
  const text = JSON.stringify(body);
  const headers = {
    'content-type': 'application/json',
    ...signHook(hook.secret, { id, timestampS: Math.floor(Date.now() / 1_000), body: text }),
  };
  return (await (await fetch(`${test.gatewayUrl}${hook.path}`, { method: 'POST', headers, body: text })).json()) as Body;
}

let nextTicket = 0;
/** A ticket of this customer by a signed delivery; gives the run. */
async function write(customer: Customer, words: string): Promise<string> {
  nextTicket += 1;
  const id = `T-${9_000 + nextTicket}`;
  placeTicket(upstreams.shop, { id, customer: customer.id, body: words });
  const answer = await deliver({ type: 'ticket.created', data: { id } });
  return ((answer.runs as string[] | undefined) ?? [])[0] ?? '';
}

const orderOf = (customer: Customer): string => {
  const found = [...upstreams.shop.state.orders.values()].find((one) => one.customer_id === customer.id && Number(one.refundable) > 60);
  return found?.id ?? '';
};

const owner = async (method: string, path: string, body?: unknown): Promise<Body> => {
  const answer = await test.owner(method, path, body);
  if (answer.status >= 300) throw new Error(`${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
  return answer.body;
};

async function verified(kind: 'export' | 'erase', subject: string): Promise<string> {
  const { id } = await owner('POST', '/api/privacy/requests', { kind, subject });
  await owner('POST', `/api/privacy/requests/${id}/verify`, { how: 'account' });
  return String(id);
}

async function copyOf(subject: string): Promise<{ data: Body; page: string; text: string }> {
  await test.server.rooms.sequencer.runOnce();
  const { data, page } = await owner('POST', `/api/privacy/requests/${await verified('export', subject)}/export`, {});
  return { data: data as Body, page: String(page), text: JSON.stringify(data) };
}

/** `sallyport dsar export`, as somebody types it. */
const typed = (subject: string): Promise<Body> =>
  new Promise((resolve, reject) => {
    const program = join(import.meta.dirname, '../../../bin/sallyport.js');
    const args = ['dsar', 'export', '--subject', subject, '--json', '--secrets-dir', join(test.folder, 'secrets')];
    const env = { ...process.env, XDG_STATE_HOME: join(test.folder, 'state') };
    execFile(execPath, [program, ...args], { cwd: test.folder, env, maxBuffer: 64 * 1024 * 1024 }, (fault, out) =>
      fault === null ? resolve(JSON.parse(out) as Body) : reject(fault),
    );
  });

const placesOf = (data: Body): string[] => Object.keys(data.held as Body).sort();

beforeAll(async () => {
  upstreams = await openDemoUpstreams();
  test = await startTestServer({ allowPrivate: upstreams.allowPrivate, seams: { clock: { now: () => Date.now() + aheadMs } } });
  await installDemo(test.owner, upstreams);
  hook = (await owner('POST', '/api/integrations/demo-shop/hook', {})) as never;
  const rich = ([...upstreams.shop.state.customers.values()] as unknown as Customer[]).filter((one) => orderOf(one) !== '');
  [mine, other] = rich;
  // Both have the same life here: a question, a refund that runs, one that a person approved, one that waits.
  for (const customer of [mine, other] as Customer[]) {
    const mark = customer === mine ? 'PLANTED-MINE' : 'PLANTED-OTHER';
    const order = orderOf(customer);
    await waitForRun(
      test.owner,
      await write(customer, `${mark}-STEP Please refund 5.00 of order ${order}. Call me at +1 415 555 01${nextTicket}0.`),
    );
    await approveUntilDone(test.owner, await write(customer, `${mark}-DONE Please refund 51.00 of order ${order}.`));
  }
  for (const customer of [mine, other] as Customer[]) {
    const mark = customer === mine ? 'PLANTED-MINE' : 'PLANTED-OTHER';
    await waitForRun(test.owner, await write(customer, `${mark}-WAITS Please refund 55.00 of order ${orderOf(customer)}.`), true);
    placeTicket(upstreams.shop, { id: `T-70${customer === mine ? 1 : 2}`, customer: customer.id, body: 'open' });
    await owner('POST', '/api/integrations/demo-shop/customer', {
      for: `ticket:T-70${customer === mine ? 1 : 2}`,
      classes: ['contact'],
      reason: 'They asked for it',
    });
    // Somebody probed in their name; only a digest of the customer is kept.
    const { database, rooms } = test.server;
    await database.database.inTenant(rooms.tenant, async (tx) => {
      const digest = customerMark({ digest: systemDigest }, rooms.tenant, '', customer.id);
      await sql`insert into customer_verdicts (tenant, customer, minute, denied, injected) values (${rooms.tenant}, ${digest}, now(), 3, 0)`.execute(
        query(tx),
      );
    });
    await owner('POST', '/api/privacy/requests', { kind: 'erase', subject: `customer:${customer.id}` });
  }
}, 120_000);
afterAll(async () => {
  await test?.close();
  await upstreams?.close();
});

describe('the copy of a person’s data', () => {
  it('holds what stands of them in twelve places, and nothing of another person, from a shell too [D7]', async () => {
    let [page, text] = ['', ''];
    const missing = async (): Promise<readonly string[]> => {
      const copy = await copyOf(`customer:${mine?.id}`);
      const { data } = copy;
      ({ page, text } = copy);
      const held = data.held as Record<string, readonly { ref: string; content: Body }[]>;
      expect(placesOf(data)).toEqual(['approvals', 'deliveries', 'effects', 'known_values', 'runs']);
      const runs = held.runs ?? [];
      const approvals = held.approvals ?? [];
      const events = data.events as readonly { type: string; about: string }[];
      const twelve = {
        'values from records': JSON.stringify(held.known_values).includes(mine?.email ?? '?'),
        'inputs of runs': runs.length === 3 && runs.every(({ content }) => JSON.stringify(content.input).includes('T-9')),
        'steps of runs': ['STEP', 'DONE', 'WAITS'].every((what) => JSON.stringify(runs).includes(`PLANTED-MINE-${what}`)),
        'a decision that waits': approvals.some(({ content }) => content.state === 'pending'),
        'a decision that was made': approvals.some(({ content }) => content.state === 'done' && content.result !== null),
        effects: (held.effects ?? []).length >= 2,
        deliveries: (held.deliveries ?? []).length === 3,
        events: events.some(({ about }) => about === runs[0]?.ref),
        disclosures: (data.disclosures as readonly Body[]).some(({ to, kind }) => to === 'demo-model' && kind === 'model'),
        'who looked at them': events.some(({ type }) => type === 'enforcement.customer.read'),
        counters: (data.signals as readonly Body[]).length === 1,
        'what they asked': (data.requests as readonly Body[]).some(({ kind }) => kind === 'erase'),
      };
      return Object.entries(twelve).flatMap(([what, isFound]) => (isFound ? [] : [what]));
    };
    // Events of the last calls are written a moment after their replies.
    await expect.poll(missing, { timeout: 10_000 }).toEqual([]);
    expect(text).not.toContain('PLANTED-OTHER');
    expect(text).not.toContain(other?.email);
    expect(text).not.toContain(other?.id);
    expect(page).toContain('PLANTED-MINE-STEP');
    expect(page).not.toMatch(/<script|javascript:|<img|<link/i);
    const shell = await typed(`customer:${mine?.id}`);
    expect(shell.items).toEqual((JSON.parse(text) as Body).items);
    expect(JSON.stringify(shell)).toContain('PLANTED-MINE-WAITS');
  }, 60_000);

  it('is the same whether the person names their number or their address', async () => {
    const byId = await copyOf(`customer:${mine?.id}`);
    const byEmail = await copyOf(`email:${mine?.email.toUpperCase()}`);
    expect(byEmail.data.customer).toBe(mine?.id);
    expect(byEmail.data.items).toEqual(byId.data.items);
  });

  it('is given to nobody before it is said how they were verified', async () => {
    const { id } = await owner('POST', '/api/privacy/requests', { kind: 'export', subject: `customer:${mine?.id}` });
    const refused = await test.owner('POST', `/api/privacy/requests/${id}/export`, {});
    expect([refused.status, refused.body.code]).toEqual([409, 'GOVERNANCE_REQUEST_STATE']);
    expect((await test.owner('POST', '/api/privacy/requests', { kind: 'export', subject: 'somebody' })).body.code).toBe(
      'GOVERNANCE_SUBJECT_INVALID',
    );
  });

  it('keeps no value of anybody in clear where it finds them by', async () => {
    const { database, rooms } = test.server;
    const rows = await database.database.inTenant(rooms.tenant, async (tx) => {
      const found = await sql<{ row: string }>`
        select s::text as row from governance_subjects s union all select i::text from governance_items i union all select r::text from governance_requests r`.execute(
        query(tx),
      );
      return found.rows.map(({ row }) => row).join('\n');
    });
    expect(rows.length).toBeGreaterThan(1_000);
    for (const value of [mine?.id, mine?.email, other?.id, other?.email, '4155550']) expect(rows).not.toContain(value);
  });
});

describe('an erasure', () => {
  it('waits while a legal hold covers the person', async () => {
    const { id: hold } = await owner('POST', '/api/privacy/holds', { subject: `customer:${mine?.id}`, reason: 'A claim is open' });
    const id = await verified('erase', `customer:${mine?.id}`);
    const refused = await test.owner('POST', `/api/privacy/requests/${id}/erase`, { confirm: `customer:${mine?.id}` });
    expect([refused.status, refused.body.code]).toEqual([409, 'GOVERNANCE_SUBJECT_HELD']);
    await owner('POST', `/api/privacy/holds/${hold}/release`, {});
    await owner('POST', `/api/privacy/requests/${id}/refuse`, { reason: 'withdrawn' });
  });

  it('takes everything of one person, leaves the other, asks vendors, and is proved offline; the next copy is empty [D7]', async () => {
    const before = await copyOf(`customer:${other?.id}`);
    const id = await verified('erase', `customer:${mine?.id}`);
    const wrong = await test.owner('POST', `/api/privacy/requests/${id}/erase`, { confirm: `customer:${other?.id}` });
    expect(wrong.body.code).toBe('CONTROL_REQUEST_INVALID');
    const { receipt, digest } = await owner('POST', `/api/privacy/requests/${id}/erase`, { confirm: `customer:${mine?.id}` });
    expect(receipt).toMatchObject({ request: id, verifiedHow: 'account', remaining: 0, vendors: ['demo-model', 'demo-shop'] });
    expect((receipt as { items: Body }).items).toMatchObject({ runs: 3, deliveries: 3 });

    const after = await copyOf(`customer:${mine?.id}`);
    expect([after.data.held, after.data.events, after.data.disclosures, after.data.signals]).toEqual([{}, [], [], []]);
    expect(after.text).not.toContain('PLANTED');
    expect((await copyOf(`email:${mine?.email}`)).data.held).toEqual({});
    expect(await typed(`customer:${mine?.id}`)).toMatchObject({ held: {}, items: {} });
    const still = await copyOf(`customer:${other?.id}`);
    expect(still.data.items).toEqual(before.data.items);
    expect(still.text).toContain('PLANTED-OTHER-DONE');

    const shown = await owner('GET', `/api/privacy/requests/${id}`);
    expect([shown.subject, shown.state]).toEqual([null, 'done']);
    const [task] = shown.tasks as readonly { id: string; classes: string[] }[];
    expect(await owner('POST', `/api/privacy/tasks/${task?.id}/close`, { note: 'ticket 4711' })).toMatchObject({ state: 'done' });

    await test.server.rooms.sequencer.runOnce();
    const proof = (await owner('GET', `/api/privacy/requests/${id}/receipt`)) as { receipt: Body; event: Body };
    expect(verifyProof(proof.event, test.server.rooms.ledger.verifierKey)).toMatchObject({ ok: true });
    const leaf = JSON.parse(String(proof.event.leaf)) as { public: Body };
    expect([leaf.public.digest, systemDigest.sha256(canonicalJson(proof.receipt as never))]).toEqual([digest, digest]);
  });
});

describe('Shopify’s privacy webhooks', () => {
  const SECRET = `shpss_${'0123456789abcdef'.repeat(2)}`;
  const send = async (topic: string, body: Body, { secret = SECRET, id = randomUUID() }: { secret?: string; id?: string } = {}) => {
    const text = JSON.stringify(body);
    const response = await fetch(`${test.gatewayUrl}/hooks/demo-shop`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'x-shopify-topic': topic,
        'x-shopify-webhook-id': id,
        'x-shopify-hmac-sha256': createHmac('sha256', secret).update(text).digest('base64'),
      },
      body: text,
    });
    return { status: response.status, code: ((await response.json()) as Body).code };
  };
  const requests = async () =>
    (await owner('GET', '/api/privacy/requests')).requests as readonly (Body & { kind: string; source: string })[];
  const customer = { id: 191_167, email: 'jo@example.com' };
  const asked = { shop_id: 1, shop_domain: 'shop.example.com', orders_requested: [1], customer, data_request: { id: 9_999 } };
  const redact = { shop_id: 1, shop_domain: 'shop.example.com', customer, orders_to_redact: [1] };

  it('open one request each, however often the same body comes and under whatever id', async () => {
    await owner('POST', '/api/integrations/demo-shop/hook', { secret: SECRET });
    const before = (await requests()).length;
    const answers = [];
    for (const id of ['a', 'a', 'b']) answers.push((await send('customers/data_request', asked, { id })).status);
    answers.push(
      (await send('customers/redact', redact)).status,
      (await send('shop/redact', { shop_id: 1, shop_domain: 'shop.example.com' })).status,
    );
    expect(answers).toEqual([202, 200, 200, 202, 202]);
    const made = (await requests()).slice(0, -before);
    expect(made.map(({ kind, source, state }) => [kind, source, state])).toEqual([
      ['shop', 'demo-shop', 'received'],
      ['erase', 'demo-shop', 'received'],
      ['export', 'demo-shop', 'received'],
    ]);
    expect(await owner('GET', `/api/privacy/requests/${made[1]?.id}`)).toMatchObject({ subject: 'customer:191167' });
  });

  it('open none when they name another shop than the one the integration is bound to', async () => {
    const before = (await requests()).length;
    await owner('POST', '/api/integrations/demo-shop/hook', { secret: SECRET, shop: 'Mine.example.com' });
    const other = { status: 403, code: 'GOVERNANCE_SHOP_OTHER' };
    expect(await send('customers/redact', { ...redact, shop_id: 9 })).toEqual(other);
    expect(await send('customers/data_request', { ...asked, shop_id: 9, shop_domain: undefined })).toEqual(other);
    expect(await send('shop/redact', { shop_id: 9, shop_domain: 'mine.example.com.evil.example' })).toEqual(other);
    expect((await requests()).length).toBe(before);
    expect((await send('customers/redact', { ...redact, shop_id: 9, shop_domain: 'MINE.example.com' })).status).toBe(202);
    expect(((await owner('GET', '/api/hooks')).hooks as Body[])[0]?.shop).toBe('mine.example.com');
    expect((await test.owner('POST', '/api/integrations/demo-shop/hook', { shop: 'no domain' })).status).toBe(400);
  });

  it('open none with a wrong signature, another form of signature, or a body that is of another topic', async () => {
    const before = (await requests()).length;
    expect(await send('customers/redact', { ...redact, shop_id: 2 }, { secret: SECRET.replace('0', '1') })).toEqual({
      status: 401,
      code: 'IDENTITY_HOOK_SIGNATURE_INVALID',
    });
    // A secret of the other form of signatures, as it stood before, is none for this one.
    expect((await send('customers/redact', { ...redact, shop_id: 3 }, { secret: hook.secret })).status).toBe(401);
    expect(await send('customers/redact', { ...asked, shop_id: 4 })).toEqual({ status: 400, code: 'GATEWAY_REQUEST_INVALID' });
    expect((await send('shop/redact', { ...redact, shop_id: 5 })).status).toBe(400);
    expect((await requests()).length).toBe(before);
  });
});

describe('retention of a minute [D4]', () => {
  const run = (dryRun = false) =>
    owner('POST', '/api/retention/runs', { dryRun }) as Promise<{ receipt: Body & { items: Body }; digest: string }>;
  const inTenant = <T>(work: (tx: Tx) => Promise<T>) => test.server.database.database.inTenant(test.server.rooms.tenant, work);

  it('leaves nothing of a value in tables, run history, search and memory, nor in what an old backup brings back, and is proved', async () => {
    const { rooms } = test.server;
    const { tenant } = rooms;
    const ended = ((await copyOf(`customer:${other?.id}`)).data.held as { runs: { ref: string; content: Body }[] }).runs;
    const done = ended.filter(({ content }) => content.state === 'done').map(({ ref }) => ref);
    expect(done.length).toBe(2);
    // What a backup of now holds: the sealed steps, and the wrapped keys.
    const sealed = await inTenant(async (tx) => {
      const found = await sql<{ step: string; phase: string; value: Buffer }>`
        select step, phase, sealed_value as value from workflow_steps where run = ${done[0]} and sealed_value is not null`.execute(
        query(tx),
      );
      return found.rows;
    });
    const open = (one = sealed[0] as (typeof sealed)[number]) =>
      inTenant((tx) =>
        rooms.vault.open(tx, { tenant, purpose: `workflow_steps.sealed_value/${done[0]}/${one.step}/${one.phase}`, sealed: one.value }),
      ).then(
        () => 'open',
        (fault: { code?: string }) => fault.code,
      );
    const keys = await inTenant(async (tx) => (await sql<Body>`select * from vault_subject_keys`.execute(query(tx))).rows);
    expect([sealed.length > 0, await open()]).toEqual([true, 'open']);

    for (const place of ['runs', 'known_values', 'effects', 'deliveries'])
      await owner('PUT', '/api/retention/rules', { place, minutes: 1 });
    const { id: hold } = await owner('POST', '/api/privacy/holds', { subject: `customer:${other?.id}`, reason: 'A claim' });
    aheadMs = 2 * 60_000;
    const before = (await copyOf(`customer:${other?.id}`)).data.items as Body;
    expect((await run()).receipt.held).toBeGreaterThan(0);
    // What came of a run of theirs is held with it, although it names nobody itself.
    expect((await copyOf(`customer:${other?.id}`)).data.items).toEqual(before);
    expect([before.deliveries, Number(before.effects) > 1, await open()]).toEqual([3, true, 'open']);
    await owner('POST', `/api/privacy/holds/${hold}/release`, {});

    const dry = await run(true);
    expect([dry.receipt.items.runs, await open()]).toEqual([2, 'open']);
    const { receipt, digest } = await run();
    expect(receipt).toMatchObject({ items: dry.receipt.items, canary: 'deleted', failed: [], dryRun: false });

    expect(await open()).toBe('VAULT_SUBJECT_ERASED');
    const left = await copyOf(`customer:${other?.id}`);
    // The run that waits for a person is in use, and stays.
    expect((left.data.held as { runs?: { content: Body }[] }).runs?.map(({ content }) => content.state)).toEqual(['running']);
    expect(left.text).not.toMatch(/PLANTED-OTHER-(STEP|DONE)/);
    expect((await test.owner('GET', `/api/runs/${done[0]}/content`)).body).not.toMatchObject({ content: expect.stringMatching(/PLANTED/) });
    const rows = await inTenant(
      async (tx) =>
        (
          await sql<{ n: number }>`select count(*)::integer as n from vault_known_values where run = any(${done}::text[])`.execute(
            query(tx),
          )
        ).rows,
    );
    expect(rows).toEqual([{ n: 0 }]);
    expect((await rooms.guard.runs.open(tenant, done[0] as RunId)).known).toEqual([]);

    // An older backup brings the rows and the wrapped keys back; the journal beside the keys is carried out again, as a restore does.
    const bringBack = () =>
      inTenant(async (tx) => {
        for (const { tenant: of, id, subject, ...rest } of keys)
          await sql`insert into vault_subject_keys select * from jsonb_populate_record(null::vault_subject_keys, ${JSON.stringify({ ...rest, tenant: of, id, subject, wrapped: `\\x${(rest.wrapped as Buffer).toString('hex')}` })}::jsonb) on conflict do nothing`.execute(
            query(tx),
          );
      });
    await bringBack();
    expect(await open()).toBe('open');
    const journal = await readErasureJournal(
      foldersOf(
        loadConfig({
          flags: { '--data-dir': join(test.folder, 'data'), '--secrets-dir': join(test.folder, 'secrets') },
          env: {},
          file: null,
        }),
        { isRoot: process.getuid?.() === 0, home: test.folder },
      ).erasuresFile,
    );
    await inTenant((tx) =>
      deleteKeysById(
        tx,
        tenant,
        journal.erasures.map(({ key }) => key),
      ),
    );
    expect(await open()).toBe('VAULT_SUBJECT_ERASED');
    // And without a journal: what a backup has of the keys opens nothing once the epoch it was wrapped in is over.
    expect(await rooms.vault.rounds.changeEpoch()).not.toHaveProperty('code');
    await bringBack();
    expect(await open()).not.toBe('open');

    await rooms.sequencer.runOnce();
    const found = await rooms.search.page(tenant, { subject: String(receipt.run) }, { before: null, limit: 1 });
    const { leaf, ...proof } = await rooms.ledger.prove(tenant, found.events[0]?.seq ?? -1);
    expect(verifyProof({ seq: proof.seq, leaf, proof }, rooms.ledger.verifierKey)).toMatchObject({ ok: true });
    expect((JSON.parse(leaf) as { public: Body }).public.digest).toBe(digest);
    expect(systemDigest.sha256(canonicalJson(receipt as never))).toBe(digest);
  });

  it('that does not run is told: the canary that nobody deleted is an event, once', async () => {
    const { rooms, rights } = test.server;
    aheadMs = 3 * 60 * 60_000;
    await rights.retention.watch([rooms.tenant]);
    await rights.retention.watch([rooms.tenant]);
    await rooms.sequencer.runOnce();
    const page = await rooms.search.page(rooms.tenant, { type: 'governance.retention.stale' }, { before: null, limit: 9 });
    expect(page.events.length).toBe(1);
    expect((await owner('GET', '/api/retention')).staleSince).toEqual(expect.any(String));
  });
});
