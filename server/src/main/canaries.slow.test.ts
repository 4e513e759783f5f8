// Planted values through a whole server: a workflow and an agent work on them and no provider sees one; whatever carries one in clear, brings
// one back or leaves one lying about is found; and nobody learns from an answer what somebody else planted.

import { randomBytes, randomUUID } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DEMO_SHOP_TOKEN, demoShopManifest, signHook } from '@sallyport/demo';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { parse } from 'yaml';
import { isRefusal, type KeyId, newId, type TenantId } from '#core';
import { createFinder } from '#dlp';
import type { GuardDeps } from '#enforcement';
import { type PlantedValues, spellingsOf, type ValueName } from '#governance';
import { type ModelUpstream, says, spoken, startModelUpstream, stream } from '../../../testkit/model-upstream/index.ts';
import { startTestServer, type TestServer } from '../../../testkit/test-server.ts';
import {
  approveUntilDone,
  type DemoUpstreams,
  installDemo,
  openDemoUpstreams,
  placeTicket,
} from '../../../testkit/workflow-world/index.ts';
import { allCodes } from './codes.ts';
import { patternsOf } from './sweep/forms.ts';
import { systemClock, systemRandom } from './world.ts';

let upstreams: DemoUpstreams;
let scripted: ModelUpstream;
let test: TestServer & { readonly folder: string };
let key = '';
let theirKey = '';
let neighbour: TenantId;
/** Tokens of steps, each with what it was presented for. */
const stolen: { readonly token: string; readonly expected: Parameters<GuardDeps['identity']['authenticateStep']>[1] }[] = [];
const DAY_MS = 24 * 60 * 60_000;
/** How far the clock of the search and of alerts about it is set ahead. */
let aheadMs = 0;
type Row = Record<string, unknown>;

async function must(method: string, path: string, body?: unknown): Promise<Row> {
  const answer = await test.owner(method, path, body);
  expect(answer.status, `${method} ${path} ${JSON.stringify(answer.body)}`).toBeLessThan(300);
  return answer.body;
}
async function plant(body: object): Promise<{ id: string; values: Required<PlantedValues> }> {
  const { canary, values } = await must('POST', '/api/canaries', body);
  return { id: (canary as Row).id as string, values: values as Required<PlantedValues> };
}
const shown = (id: string): Promise<Row> => must('GET', `/api/canaries/${id}`);
const findings = async (id: string): Promise<readonly string[]> =>
  ((await shown(id)).findings as Row[]).map(({ value, kind, way, at, refused }) => `${value} ${kind} ${way} ${at} ${refused}`).sort();
async function ask(messages: readonly object[], more: object = {}, as = key): Promise<{ status: number; text: string; code: unknown }> {
  const response = await fetch(`${test.gatewayUrl}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${as}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'scripted', messages, ...more }),
  });
  const text = await response.text();
  const body = text.startsWith('{') ? (JSON.parse(text) as Row) : {};
  return { status: response.status, text, code: (body.error as Row | undefined)?.code };
}
const say = (content: string, as = key) => ask([{ role: 'user', content }], {}, as);
/** Names of values that stand in a text, in any spelling and encoding that the sweep knows. */
function leaked(values: PlantedValues, text: string): readonly string[] {
  const sought = new Map(Object.entries(values).map(([name, value]) => [name, spellingsOf(name as ValueName, value as string)]));
  const found = new Set<string>();
  createFinder(patternsOf(sought)).read(({ value, form }) => found.add(`${value}, ${form}`))(text);
  return [...found];
}
const sent = (requests: readonly { readonly body: unknown }[]): string =>
  requests.map(({ body }) => (typeof body === 'string' ? body : Buffer.from(body as Uint8Array).toString())).join('\n');
async function events(type: string, enough: (found: readonly Row[]) => boolean = (found) => found.length > 0): Promise<readonly Row[]> {
  for (;;) {
    const { events: page } = await must('GET', `/api/events?type=${type}&limit=100`);
    const found = (page as { entry: { public: Row } }[]).map(({ entry }) => entry.public);
    if (enough(found)) return found;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

beforeAll(async () => {
  upstreams = await openDemoUpstreams();
  scripted = await startModelUpstream();
  test = await startTestServer({
    allowPrivate: [...upstreams.allowPrivate, scripted.host],
    seams: {
      clock: { now: () => systemClock.now() + aheadMs },
      // What somebody who reads this process's memory could take: the token of each step of a workflow.
      decorateGuard: (deps) => ({
        ...deps,
        identity: {
          ...deps.identity,
          authenticateStep: (token, expected) => {
            stolen.push({ token, expected });
            return deps.identity.authenticateStep(token, expected);
          },
        },
      }),
    },
  });
  await installDemo(test.owner, upstreams);
  const shop = {
    kind: 'http',
    baseUrl: upstreams.shop.url,
    manifest: { ...parse((await import('node:fs')).readFileSync(demoShopManifest, 'utf8')), name: 'second-shop' },
    credential: { header: 'x-shop-access-token', secret: DEMO_SHOP_TOKEN },
  };
  await must('PUT', '/api/integrations/second-shop', shop);
  await must('PUT', '/api/integrations/scripted', { kind: 'model', baseUrl: scripted.url, models: ['scripted'] });
  const { id } = await must('POST', '/api/workloads', { name: 'agent', integrations: ['scripted', 'demo-shop', 'second-shop'] });
  key = String((await must('POST', '/api/keys', { workload: id })).key);

  const { identity, catalogue } = test.server.rooms;
  neighbour = await identity.createTenant({ name: 'neighbour' });
  const actor = newId('per', systemClock, systemRandom);
  await test.server.database.database.inTenant(neighbour, async () => undefined);
  const pg = (await import('pg')).default;
  const client = new pg.Client({ connectionString: String(test.server.database.adminUrl) });
  await client.connect();
  await client.query(
    `insert into integrations select (jsonb_populate_record(i, jsonb_build_object('tenant', $1::text, 'id', $2::text))).* from integrations i where name = 'scripted'`,
    [neighbour, newId('int', systemClock, systemRandom)],
  );
  await client.end();
  await catalogue.refreshed();
  const made = { tenant: neighbour, name: 'theirs', workflow: null, integrations: ['scripted'], publicKeyJwk: null, actor };
  const workload = await identity.createWorkload(made);
  theirKey = (await identity.createKey({ tenant: neighbour, workload, expiresAtMs: systemClock.now() + 600_000, actor })).key;
}, 60_000);
afterAll(async () => {
  await test?.close();
  await scripted?.close();
  await upstreams?.close();
});

describe('a planted customer', () => {
  it('goes through a workflow with everything in the ticket, and the provider receives no value of it in any form; it says that it was seen', async () => {
    const { id, values } = await plant({ place: { kind: 'integration', name: 'demo-shop' } });
    const { state } = upstreams.shop;
    const order = [...state.orders.values()].find(({ refundable }) => Number(refundable) > 60);
    const customer = state.customers.get(order?.customer_id ?? '');
    if (order === undefined || customer === undefined) throw new Error('the demo shop has such an order');
    const [first, last] = values.name.split(' ') as [string, string];
    Object.assign(customer, { first_name: first, last_name: last, email: values.email, phone: values.phone });
    customer.default_address = { ...customer.default_address, address1: values.street };
    order.shipping_address = customer.default_address;
    const body = `Hello, I am ${values.name}, ${values.email}. My card ${values.card}, my account ${values.iban}, call ${values.phone}. Refund 10.00 of ${order.id}.`;
    placeTicket(upstreams.shop, { id: 'T-9501', customer: customer.id, body });
    const before = upstreams.model.requests.length;
    const started = await must('POST', '/api/workflows/support-reply/runs', { input: { ticket: 'T-9501' } });
    const run = await approveUntilDone(test.owner, String(started.id));
    expect(run.state).toBe('done');
    const received = upstreams.model.requests.slice(before);
    expect(received.length).toBeGreaterThan(0);
    expect(leaked(values, sent(received))).toEqual([]);
    const one = await shown(id);
    expect([one.state, one.findings, Number(one.protectedTimes) > 0]).toEqual(['protected', [], true]);
    expect((one.seen as Row[]).map(({ what, at }) => `${what} ${at}`).sort()).toEqual(['home demo-shop', 'protected demo-model']);
    // Neither the answer nor the log of the server shows a value again.
    expect(leaked(values, JSON.stringify(await must('GET', '/api/canaries')) + test.log.join(''))).toEqual([]);
  });

  it('stands in prompts, tool schemas, arguments, results, texts of files and errors of an upstream, and leaves in none of them', async () => {
    const { id, values } = await plant({ place: { kind: 'other', name: 'spreadsheet' } });
    const record = {
      first_name: values.name.split(' ')[0],
      last_name: values.name.split(' ')[1],
      email: values.email,
      phone: values.phone,
    };
    scripted.reset();
    const answer = await ask(
      [
        { role: 'system', content: `Customer: ${values.email}, card ${values.card}` },
        { role: 'user', content: [{ type: 'text', text: `From file orders.csv:\nname,iban\nx,${values.iban}\n${values.phone}` }] },
        {
          role: 'assistant',
          content: null,
          tool_calls: [{ id: 'c1', type: 'function', function: { name: 'find', arguments: JSON.stringify({ email: values.email }) } }],
        },
        {
          role: 'tool',
          tool_call_id: 'c1',
          content: JSON.stringify({ customer: record, note: Buffer.from(values.email).toString('base64') }),
        },
        {
          role: 'tool',
          tool_call_id: 'c1',
          content: `HTTP 404 from https://shop.example.com/find?email=${encodeURIComponent(values.email)}`,
        },
        { role: 'user', content: `What of ${values.name}, who lives at ${values.street}?` },
      ],
      { tools: [{ type: 'function', function: { name: 'find', description: `As for ${values.email}`, parameters: { type: 'object' } } }] },
    );
    expect(answer.status, answer.text).toBe(200);
    expect(scripted.requests).toHaveLength(1);
    expect(leaked(values, sent(scripted.requests))).toEqual([]);
    expect(await shown(id)).toMatchObject({ state: 'protected', findings: [], place: { kind: 'other', name: 'spreadsheet' } });
  });

  it('whose value nothing recognises is refused before it leaves, in words that do not say it is planted; or let through and told', async () => {
    const strict = await plant({ place: { kind: 'other', name: 'mailbox' } });
    const lax = await plant({ place: { kind: 'other', name: 'notes' }, onLeak: 'tell' });
    // An invented word in the middle of others: no recogniser can know that it is a name.
    const word = (values: PlantedValues): string => String(values.name).split(' ')[1]?.toLowerCase() ?? '';
    scripted.reset();
    const refused = await say(`the ${word(strict.values)} is late again`);
    expect([refused.status, refused.code]).toEqual([403, 'GOVERNANCE_UNPROTECTED_VALUE']);
    expect(refused.text).not.toMatch(/canar|plant/i);
    // Escapes say the same to who reads them.
    const escaped = [...word(strict.values)].map((char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`).join('');
    const raw = await fetch(`${test.gatewayUrl}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: `{"model":"scripted","messages":[{"role":"user","content":"the ${escaped} is late"}]}`,
    });
    expect(raw.status).toBe(403);
    expect(scripted.requests).toHaveLength(0);
    expect((await say(`the ${word(lax.values)} is late again`)).status).toBe(200);
    await expect.poll(() => findings(strict.id)).toEqual(['name left model scripted true']);
    await expect.poll(() => findings(lax.id)).toContain('name left model scripted false');
    const told = await events('governance.canary.found', (found) => found.some(({ canary }) => canary === strict.id));
    expect(told).toContainEqual({ canary: strict.id, value: 'name', kind: 'left', way: 'model', at: 'scripted', refused: true });
    await expect
      .poll(async () => ((await must('GET', '/api/alerts')).alerts as Row[]).map(({ rule }) => rule), { timeout: 10_000 })
      .toContain('canary_found');
    expect(await must('POST', `/api/canaries/${strict.id}/close`, { reason: 'We tried it.' })).toEqual({ closed: 1 });
    expect(await shown(strict.id)).toMatchObject({ state: 'waiting' });
    await say(`the ${word(strict.values)} is late again`);
    await expect.poll(async () => (await shown(strict.id)).state).toBe('found');
  });

  it('that comes back from a model, another integration or its webhook is a finding that names where it was planted', async () => {
    const { id, values } = await plant({ place: { kind: 'other', name: 'crm-export' } });
    scripted.reset();
    scripted.next(stream(spoken([`Write to ${values.email.slice(0, 9)}`, values.email.slice(9), ' today.'])), says(`Card ${values.card}`));
    await ask([{ role: 'user', content: 'whom?' }], { stream: true });
    await say('which card?');
    const [customer] = upstreams.shop.state.customers.values();
    if (customer === undefined) throw new Error('the demo shop has customers');
    const mail = customer.email;
    customer.email = values.email;
    const read = await fetch(`${test.gatewayUrl}/connect/second-shop/customers/${customer.id}`, {
      headers: { authorization: `Bearer ${key}` },
    });
    await read.text();
    customer.email = mail;
    const hook = await must('POST', '/api/integrations/second-shop/hook', {});
    const body = JSON.stringify({ type: 'ticket.created', data: { id: 't1', mail: values.email } });
    const delivery = { id: `msg_${randomUUID()}`, timestampS: Math.floor(Date.now() / 1000), body };
    await fetch(`${test.gatewayUrl}${hook.path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...signHook(String(hook.secret), delivery) },
      body,
    });
    const expected = [
      'card came_back model scripted false',
      'email came_back model scripted false',
      'email came_back webhook second-shop false',
    ];
    await expect.poll(() => findings(id)).toEqual(expect.arrayContaining(expected));
    if (read.status === 200) expect(await findings(id)).toContain('email came_back tool second-shop false');
    expect((await shown(id)).place).toMatchObject({ name: 'crm-export' });
    const looked = await must('POST', '/api/canaries/check', { text: `dump of somebody: ${values.iban}`, note: true });
    expect(looked.found).toEqual([{ canary: id, value: 'iban', place: 'other:crm-export' }]);
    expect(await findings(id)).toContain('iban reported other null false');
  });

  it('in another tenant’s traffic is told to its owner without a name, to the installation with both, and changes nothing for the other', async () => {
    const { id, values } = await plant({ place: { kind: 'other', name: 'partner' } });
    const { values: nobody } = await plant({ place: { kind: 'other', name: 'retired' } });
    const family = (of: PlantedValues): string => String(of.name).split(' ')[1]?.toLowerCase() ?? '';
    const answers = [await say(`the ${family(values)} is late`, theirKey), await say('the bokumitra is late', theirKey)];
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    await expect.poll(() => findings(id)).toEqual(['name other_tenant model null false']);
    const [crossed] = await events('governance.canary.crossed');
    expect(crossed).toEqual({ canary: id, owner: test.server.rooms.tenant, by: neighbour, value: 'name', way: 'model' });
    // Others who have it too are told of as well, each once, although for its owner it is the same finding.
    const others = [newId('ten', systemClock, systemRandom), newId('ten', systemClock, systemRandom)];
    const { notes } = test.server.rooms.canaries;
    const finding = { canary: id, value: 'name', kind: 'other_tenant', way: 'model', at: '', refused: false } as const;
    for (const by of [...others, ...others, neighbour]) notes.found(test.server.rooms.tenant, { ...finding, by });
    await notes.flush();
    const by = (await events('governance.canary.crossed', (found) => found.length > 2)).map((one) => one.by);
    expect([...by].sort()).toEqual([neighbour, ...others].sort());
    expect(await findings(id)).toEqual(['name other_tenant model null false']);
    expect((await test.server.rooms.canaries.canaries.list(neighbour)).length).toBe(0);
    expect(test.server.rooms.canaries.watch.find(neighbour, `${values.email} ${nobody.email}`)).toEqual([]);
    expect(JSON.stringify(await shown(id))).not.toContain(neighbour);
  });

  it('is watched for as before while it can not be read again, and whoever looks is told', async () => {
    const { id, values } = await plant({ place: { kind: 'other', name: 'sheet' } });
    const { vault, tenant, canaries } = test.server.rooms;
    const away = vi.spyOn(vault, 'open').mockRejectedValue(new Error('away'));
    try {
      await canaries.watch.refresh(tenant);
      expect(away).toHaveBeenCalled();
    } finally {
      away.mockRestore();
    }
    expect(canaries.watch.find(tenant, values.email)).toEqual([{ canary: id, value: 'email' }]);
    expect([canaries.watch.isLost(tenant), canaries.watch.isLost(neighbour)]).toEqual([true, false]);
    await canaries.watch.refresh(tenant);
    expect(canaries.watch.isLost(tenant)).toBe(false);
  });

  it('that is retired is forgotten, and one that nobody sees says so', async () => {
    const { id, values } = await plant({ place: { kind: 'other', name: 'old-sheet' }, staleDays: 7 });
    const gone = await plant({ place: { kind: 'other', name: 'gone' } });
    await must('DELETE', `/api/canaries/${gone.id}`);
    expect((await test.owner('DELETE', `/api/canaries/${gone.id}`)).body.code).toBe('GOVERNANCE_CANARY_UNKNOWN');
    const late = `the ${gone.values.name.split(' ')[1]?.toLowerCase()} is late`;
    expect((await say(late)).status).toBe(200);
    expect((await must('POST', '/api/canaries/check', { text: Object.values(gone.values).join(' ') })).found).toEqual([]);
    expect(leaked(values, '')).toEqual([]);
    const { canaries } = test.server.rooms.canaries;
    expect(await canaries.tellStale(test.server.rooms.tenant)).toBe(0);
    await test.server.database.database.inTenant(test.server.rooms.tenant, async (tx) => {
      const { query, sql } = await import('#storage');
      await sql`update governance_planted set planted_at = planted_at - interval '8 days' where id = ${id}`.execute(query(tx));
    });
    expect((await shown(id)).state).toBe('stale');
    expect([await canaries.tellStale(test.server.rooms.tenant), await canaries.tellStale(test.server.rooms.tenant)]).toEqual([1, 0]);
    expect((await events('governance.canary.stale'))[0]).toMatchObject({ canary: id });
  });
});

describe('the token of a step of a workflow', () => {
  it('[A1] is no way in for anybody who stole it: 401 from outside, in another run, step and workflow', async () => {
    const [taken] = stolen;
    if (taken === undefined) throw new Error('a workflow ran before');
    const at = (path: string, body: object) =>
      fetch(`${test.gatewayUrl}${path}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${taken.token}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
    const chat = { model: 'scripted', messages: [{ role: 'user', content: 'hi' }] };
    const answers = [await at('/v1/chat/completions', chat), await at('/connect/demo-shop/orders/o101/refunds', { amount: '1.00' })];
    expect(answers.map(({ status }) => status)).toEqual([401, 401]);
    // Another workflow of the same tenant, with a workload and a key of its own, puts it where its own token belongs.
    const other = await must('POST', '/api/workloads', { name: 'other-flow', workflow: 'other-flow', integrations: ['scripted'] });
    const theirs = String((await must('POST', '/api/keys', { workload: other.id })).id) as KeyId;
    const { identity } = test.server.rooms;
    const status = (expected: typeof taken.expected): unknown => {
      const said = identity.authenticateStep(taken.token, expected);
      return isRefusal(said) ? [said.code, allCodes[said.code]?.status] : 200;
    };
    const { key: own, run, step } = taken.expected;
    const invalid = ['IDENTITY_TOKEN_INVALID', 401];
    expect(status({ key: theirs, run, step })).toEqual(invalid);
    expect(status({ key: own, run: newId('run', systemClock, systemRandom), step })).toEqual(invalid);
    expect(status({ key: own, run, step: 'another' })).toEqual(invalid);
    // It is one that works, where it belongs.
    expect(status(taken.expected)).toBe(200);
  });
});

describe('the daily search of what the installation wrote', () => {
  it('[A1] is evidence with nothing found; finds a planted value and a credential where they must not be; and says when it did not run', async () => {
    const { id, values } = await plant({ place: { kind: 'other', name: 'at-rest' } });
    const { leakSearch } = test.server;
    const clean = await leakSearch.run('at_once');
    expect(clean.report, JSON.stringify(clean.report)).toMatchObject({ found: 0, unread: 0 });
    expect(clean.ok).toBe(true);
    expect(Number(clean.report.credentials)).toBeGreaterThanOrEqual(3);
    expect(Number(clean.report.planted)).toBeGreaterThanOrEqual(6);
    expect((await events('governance.self_scan.finished'))[0]).toMatchObject({ scan: clean.id, ok: true, found: 0 });

    const file = join(test.folder, 'data/state', `left-${randomBytes(4).toString('hex')}`);
    writeFileSync(file, `{"mail":"${values.email}","token":"${DEMO_SHOP_TOKEN}"}`);
    aheadMs = DAY_MS / 2;
    await leakSearch.look();
    const dirty = await leakSearch.run('at_once');
    rmSync(file);
    expect([dirty.ok, (dirty.report.places as Row[]).map(({ value }) => String(value).split(' ')[0]).sort()]).toEqual([
      false,
      ['credential', 'planted'],
    ]);
    await expect.poll(() => findings(id)).toEqual(['email at_rest files null false']);
    expect(JSON.stringify([dirty, await must('GET', '/api/canaries')])).not.toContain(values.email);
    const rules = async (): Promise<unknown[]> => ((await must('GET', '/api/alerts')).alerts as Row[]).map(({ rule }) => rule);
    await expect.poll(rules, { timeout: 10_000 }).toContain('leak_at_rest');

    // Three days later nobody has searched.
    aheadMs = 3 * DAY_MS;
    await leakSearch.look();
    expect((await events('governance.self_scan.missed'))[0]).toMatchObject({ since: expect.any(String) });
    await expect.poll(rules, { timeout: 10_000 }).toContain('leak_search_missing');

    // The one that began does not end.
    const missed = (await events('governance.self_scan.missed')).length;
    aheadMs = 6 * DAY_MS;
    await leakSearch.look();
    await expect.poll(() => events('governance.self_scan.missed'), { timeout: 10_000 }).toHaveLength(missed + 1);
  });
});
