// Datasets through a whole server: labelled, sealed, read as pseudonyms and in the clear for a reason and a time; and customers who opted out,
// kept from what is declared for such a use.

import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { datasetsPlace } from '#governance';
import { type GuardedShop, openGuardedShop } from '../../../testkit/crash/guarded-shop.ts';
import { tokensPlace } from './compose/token-ports.ts';

type Rows = readonly Record<string, unknown>[];
interface Told {
  readonly status: number;
  readonly body: Record<string, unknown>;
  readonly text: string;
}

let world: GuardedShop;
const people = new Map<string, { readonly id: string; readonly token: string }>();
let origin = '';

async function ask(token: string, method: string, path: string, body?: unknown, type = 'application/json'): Promise<Told> {
  const response = await fetch(`${origin}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, ...(body === undefined ? {} : { 'content-type': type }) },
    ...(body === undefined ? {} : { body: type === 'application/json' ? JSON.stringify(body) : (body as string) }),
  });
  const text = await response.text();
  return { status: response.status, text, body: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>) };
}
const as = (role: string, method: string, path: string, body?: unknown): Promise<Told> =>
  ask(people.get(role)?.token ?? '', method, path, body);
const told = async (type: string): Promise<Rows> => {
  const { rows } = await world.db.query(
    `select public::json as facts from event_inbox where type = $1 union all select (leaf::json -> 'public') from audit_log where type = $1`,
    [type],
  );
  return rows.map(({ facts }) => facts as Record<string, unknown>);
};

const CSV = `customer_id,email,full_name,city,total,note,iban,card_number
c-1,Robin.Field@example.com,Robin Field,Berlin,10.00,"Likes ""green"", big",DE89370400440532013000,4111111111111111
c-2,kim@example.com,Kim Stone,Paris,20.00,call kim@example.com,,5500005555555559
c-3,robin.field@example.com ,Robin Field,Berlin,30.00,,,4111111111111111
`;
const upload = (name: string, text = CSV, query = 'source=shop+export&licence=internal&purpose=training'): Promise<Told> =>
  ask(people.get('privacy')?.token ?? '', 'POST', `/api/datasets/${name}/import?${query}`, text, 'text/csv');
const read = (role: string, query: string): Promise<Told> => as(role, 'GET', `/api/datasets/customers/rows?${query}`);

beforeAll(async () => {
  const cluster = inject('testCluster');
  if (cluster === undefined) throw new Error('this project has no Postgres cluster');
  world = await openGuardedShop(cluster);
  origin = `http://127.0.0.1:${world.server.control.port}`;
  for (const role of ['analyst', 'privacy', 'marketer']) {
    const { body } = await world.owner('POST', '/api/people', { name: `Test ${role}`, roles: [role] });
    const opened = await ask('', 'POST', '/api/session', { secret: new URL(String(body.link)).hash.slice(1) });
    people.set(role, { id: String(body.id), token: String(opened.body.token) });
  }
}, 60_000);
afterAll(() => world?.close());

describe('a dataset', () => {
  it('is imported with the digest of its bytes, labels its columns and keeps nothing readable at rest', async () => {
    const made = await upload('customers');
    expect(made.status, made.text).toBe(200);
    expect(made.body).toMatchObject({ name: 'customers', version: 1, rows: 3, subjectColumn: 'customer_id', source: 'shop export' });
    const classes = Object.fromEntries((made.body.columns as Rows).map(({ name, dataClass }) => [name, dataClass]));
    expect(classes).toMatchObject({
      customer_id: 'customer_number',
      email: 'email_address',
      iban: 'bank_account',
      card_number: 'payment_card',
    });
    expect((await upload('broken', 'a,b\n1\n')).body).toMatchObject({
      code: 'GOVERNANCE_DATASET_UNREADABLE',
      evidence: { line: 2, why: 'cells' },
    });
    expect((await ask(people.get('analyst')?.token ?? '', 'POST', '/api/datasets/x/import', CSV, 'text/csv')).status).toBe(403);
    const { rows } = await world.db.query('select subject, sealed from governance_dataset_rows');
    expect(rows).toHaveLength(3);
    for (const { subject, sealed } of rows) expect(`${subject} ${(sealed as Buffer).toString('latin1')}`).not.toMatch(/robin|c-1|4111/i);
    expect(await told('governance.dataset.imported')).toContainEqual(
      expect.objectContaining({ rows: 3, version: 1, hash: made.body.hash }),
    );
  });

  it('[R2] an analyst reads pseudonyms that still join, raw is refused, and the privacy role reads raw with a reason, for a time, on record and with an alert', async () => {
    const email = await read('analyst', 'columns=email');
    expect(email.status, email.text).toBe(200);
    const tokens = (email.body.rows as Rows).map((row) => row.email);
    expect(tokens[0]).toMatch(/^email_address_[\w-]{22}$/);
    expect(tokens[0]).toBe(tokens[2]);
    expect(tokens[1]).not.toBe(tokens[0]);
    const all = await read('analyst', '');
    expect(all.text).not.toMatch(/robin|kim@|Stone|DE89|4111|5500/i);
    expect((all.body.rows as Rows)[0]).toMatchObject({ card_number: '[not kept]' });

    expect(await read('analyst', 'columns=email&raw=true')).toMatchObject({ status: 403, body: { code: 'CONTROL_ROLE_FORBIDDEN' } });
    expect(await read('privacy', 'columns=email&raw=true')).toMatchObject({ status: 403, body: { code: 'GOVERNANCE_RAW_NOT_OPEN' } });
    expect((await as('privacy', 'POST', '/api/datasets/customers/raw', { reason: 'x' })).status).toBe(400);
    expect((await as('privacy', 'POST', '/api/datasets/customers/raw', { reason: 'case 7: wrong label', minutes: 61 })).status).toBe(400);
    expect((await as('analyst', 'POST', '/api/datasets/customers/raw', { reason: 'curious about it' })).status).toBe(403);
    const opened = await as('privacy', 'POST', '/api/datasets/customers/raw', { reason: 'case 7: wrong label', minutes: 60 });
    expect(opened.status, opened.text).toBe(200);
    expect(Date.parse(String(opened.body.expiresAt)) - Date.parse(String(opened.body.openedAt))).toBe(3_600_000);
    const raw = await read('privacy', 'columns=email,card_number&raw=true');
    expect((raw.body.rows as Rows)[0]).toEqual({ email: 'Robin.Field@example.com', card_number: '[not kept]' });
    // Somebody else's window opens nothing.
    expect((await world.owner('GET', '/api/datasets/customers/rows?raw=true')).status).toBe(403);
    expect(await told('governance.dataset.read')).toContainEqual(expect.objectContaining({ raw: true, rows: 3, window: opened.body.id }));
    expect(JSON.stringify(await told('governance.dataset.raw_opened'))).not.toContain('case 7');
    await expect
      .poll(async () => ((await world.owner('GET', '/api/alerts')).body.alerts as Rows).map(({ rule }) => rule), { timeout: 10_000 })
      .toContain('raw_dataset');

    // It ends by itself.
    await world.db.query(
      `update governance_dataset_raw set opened_at = now() - interval '61 minutes', expires_at = now() - interval '1 minute'`,
    );
    expect(await read('privacy', 'raw=true')).toMatchObject({ status: 403, body: { code: 'GOVERNANCE_RAW_NOT_OPEN' } });
    await expect(world.db.query(`update governance_dataset_raw set expires_at = opened_at + interval '61 minutes'`)).rejects.toThrow();
  });

  it('gives each reader the columns and rows of a grant, and nobody else any', async () => {
    const made = await as('privacy', 'POST', '/api/datasets/customers/grants', {
      to: 'role:analyst',
      columns: ['email', 'city', 'total'],
      filter: { column: 'total', kind: 'one_of', values: ['20.00'] },
    });
    expect(made.status, made.text).toBe(200);
    expect((await read('analyst', 'columns=full_name')).body.code).toBe('GOVERNANCE_DATASET_NOT_GRANTED');
    const rows = (await read('analyst', '')).body.rows as Rows;
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatchObject({ total: '20.00' });
    expect(Object.keys(rows[0] ?? {})).toEqual(['email', 'city', 'total']);
    await as('privacy', 'DELETE', `/api/datasets/customers/grants/${String(made.body.id)}`);
    expect((await read('analyst', '')).body.rows).toHaveLength(3);
  });

  it('loses the rows of whoever is erased, and those a privacy request is about are found by the address that stands in them', async () => {
    const erased = await world.owner('POST', '/api/erasures', { subject: 'c-2', confirm: 'c-2' });
    expect(erased.status, erased.text).toBeLessThan(300);
    const answer = await read('analyst', 'columns=total');
    expect(answer.body).toMatchObject({ erased: 1 });
    expect((answer.body.rows as Rows).map(({ total }) => total)).toEqual(['10.00', '30.00']);

    const text = 'email,total\nlee@example.com,1.00\nsam@example.com,2.00\n';
    expect((await upload('subscribers', text)).body).toMatchObject({ rows: 2, subjectColumn: 'email' });
    const { rooms } = world.server;
    const place = datasetsPlace(rooms.vault);
    const gone = await world.server.database.database.inTenant(rooms.tenant, async (tx) => {
      const refs = (await place.changed(tx, rooms.tenant, 0)).map(({ ref }) => ref);
      const held = await place.open(tx, rooms.tenant, refs);
      const mine = held.filter(({ purpose, parts }) => purpose === 'subscribers' && JSON.stringify(parts).includes('lee@example.com'));
      expect(mine).toHaveLength(1);
      return place.erase(
        tx,
        rooms.tenant,
        mine.map(({ ref }) => ref),
        null,
      );
    });
    expect(gone).toHaveLength(1);
    const left = await as('analyst', 'GET', '/api/datasets/subscribers/rows?columns=total');
    expect(left.body.rows).toEqual([{ total: '2.00' }]);
  });
});

describe('tokens', () => {
  const declare = (body: object) => as('privacy', 'PUT', '/api/tokens/purposes/support', body);
  const make = (values: readonly object[], purpose = 'support') => as('privacy', 'POST', '/api/tokens', { purpose, values });
  const open = (tokens: readonly unknown[], role = 'privacy', purpose = 'support') =>
    as(role, 'POST', '/api/tokens/open', { purpose, tokens, reason: 'case 7: parcel lost' });
  const kim = { class: 'email_address', value: 'Kim.Token@example.com', subject: 'c-77' };

  it('[D2] are made for a declared purpose and opened by whom it was declared for, with a reason, on record, and by nobody else', async () => {
    expect((await make([kim])).body).toMatchObject({ code: 'VAULT_TOKEN_PURPOSE_UNKNOWN' });
    const rules = { classes: ['email_address', 'phone_number', 'payment_card'], openers: ['role:privacy'], keepDays: 30 };
    const declared = await declare(rules);
    expect(declared.status, declared.text).toBe(200);
    expect((await as('analyst', 'PUT', '/api/tokens/purposes/other', rules)).status).toBe(403);
    expect((await declare({ ...rules, openers: ['role:nobody'] })).status).toBe(400);
    const card = { class: 'payment_card', value: '4111111111111111', format: true };
    const made = await make([kim, { ...kim, value: 'kim.token@example.com ' }, { ...kim, format: true }, card]);
    expect(made.status, made.text).toBe(200);
    const [token, same, form, number] = made.body.tokens as string[];
    expect(token).toMatch(/^email_address_[\w-]{22}$/);
    expect(same).toBe(token);
    expect(form).toMatch(/@tokens\.example\.com$/);
    expect((await make([{ class: 'birth_date', value: '1990-01-01' }])).body.code).toBe('VAULT_TOKEN_CLASS');
    expect((await make([{ ...kim, value: 'paid with 4111 1111 1111 1111' }])).body.code).toBe('VAULT_TOKEN_CARD');

    const opened = await open([token, form, number, 'email_address_AAAAAAAAAAAAAAAAAAAAAA']);
    expect((opened.body.values as Rows).map(({ value, code }) => value ?? code)).toEqual([
      'Kim.Token@example.com',
      'Kim.Token@example.com',
      'VAULT_TOKEN_IRREVERSIBLE',
      'VAULT_TOKEN_UNKNOWN',
    ]);
    expect((await open([token], 'analyst')).status).toBe(403);
    const owner = await world.owner('POST', '/api/tokens/open', { purpose: 'support', tokens: [token], reason: 'just looking' });
    expect(owner.body).toMatchObject({ code: 'VAULT_TOKEN_NOT_OPENER' });
    expect((await as('privacy', 'POST', '/api/tokens/open', { purpose: 'support', tokens: [token], reason: 'x' })).status).toBe(400);
    const events = await told('vault.token.opened');
    expect(events).toEqual([expect.objectContaining({ purpose: 'support', asked: 4, opened: 2 })]);
    expect(JSON.stringify(events)).not.toMatch(/kim|case 7|email_address_/i);
    const list = await as('analyst', 'GET', '/api/tokens/purposes');
    expect(list.status).toBe(403);
    const shown = ((await as('privacy', 'GET', '/api/tokens/purposes')).body.purposes as Rows).find(({ name }) => name === 'support');
    expect(shown).toMatchObject({ tokens: 3, openers: ['role:privacy'], keepDays: 30, byClass: { email_address: 2, payment_card: 1 } });
  });

  it('[D2] stand in no dump of the database with what they stand for, and are gone when the customer is erased, or their time is over', async () => {
    const values = [
      kim,
      { class: 'phone_number', value: '+12025550143', subject: null },
      { ...kim, value: 'lee.token@example.com', subject: 'c-78' },
    ];
    const [mail, phone, lee] = (await make(values)).body.tokens as string[];
    const { rows } = await world.db.query(`select t::text as text from vault_tokens t union all select e::text from event_inbox e`);
    const dump = rows.map(({ text }) => String(text)).join('\n');
    expect(dump).toContain(String(mail).slice(-22));
    for (const plain of ['kim.token', 'lee.token', '2025550143', '4111111111111111'])
      for (const form of [plain, Buffer.from(plain).toString('hex'), Buffer.from(plain).toString('base64').replace(/=+$/, '')])
        expect(dump.toLowerCase()).not.toContain(form.toLowerCase());

    const erased = await world.owner('POST', '/api/erasures', { subject: 'c-77', confirm: 'c-77' });
    expect(erased.status, erased.text).toBeLessThan(300);
    const codes = async (...names: (string | undefined)[]) =>
      ((await open(names)).body.values as Rows).map(({ value, code }) => value ?? code);
    expect(await codes(mail, lee)).toEqual(['VAULT_TOKEN_GONE', 'lee.token@example.com']);

    // An address or a number says itself whose it is: a request of that person finds and takes it.
    const { rooms } = world.server;
    const place = tokensPlace(rooms);
    const refsOf = (text: string) =>
      world.server.database.database.inTenant(rooms.tenant, async (tx) => {
        const refs = (await place.changed(tx, rooms.tenant, 0)).map(({ ref }) => ref);
        return (await place.open(tx, rooms.tenant, refs)).filter(({ parts }) => JSON.stringify(parts).includes(text));
      });
    const [held] = await refsOf('2025550143');
    expect(held).toMatchObject({ purpose: 'support', parts: [{ owner: null, about: { type: 'PHONE' } }] });
    expect(held?.endedAtMs).toBe((held?.atMs ?? 0) + 30 * 86_400_000);
    const keys = await world.server.database.database.inTenant(rooms.tenant, (tx) =>
      place.erase(tx, rooms.tenant, [held?.ref ?? ''], null),
    );
    expect(keys).toHaveLength(1);
    expect(await codes(phone)).toEqual(['VAULT_TOKEN_GONE']);

    await world.db.query(`update vault_tokens set made_at = now() - interval '31 days' where ended_at is null and purpose = 'support'`);
    const ran = await as('privacy', 'POST', '/api/retention/runs', {});
    expect(ran.status, ran.text).toBeLessThan(300);
    expect(await codes(lee)).toEqual(['VAULT_TOKEN_GONE']);
  });

  it('end with their purpose, and a dataset of an ended purpose is read by nobody until it is declared again', async () => {
    const [page] = [await read('analyst', 'columns=email')];
    expect(page.body.tokenPurpose).toBe('datasets.training');
    const ended = await as('privacy', 'DELETE', '/api/tokens/purposes/datasets.training');
    expect(ended.status, ended.text).toBe(200);
    expect(Number(ended.body.tokens)).toBeGreaterThan(0);
    expect(await read('analyst', 'columns=email')).toMatchObject({ status: 410, body: { code: 'VAULT_TOKEN_PURPOSE_ENDED' } });
    expect((await read('analyst', 'columns=total')).status).toBe(200);
    const rules = { classes: ['email_address'], openers: [], keepDays: 30 };
    expect((await as('privacy', 'PUT', '/api/tokens/purposes/datasets.training', rules)).status).toBe(200);
    const again = await read('analyst', 'columns=email');
    expect((again.body.rows as Rows)[0]?.email).not.toBe((page.body.rows as Rows)[0]?.email);
  });
});

describe('a large file', () => {
  it('is read as it comes: its rows are there at the end, a client that goes away leaves nothing, and too much is refused by a code', async () => {
    const lines = async function* (count: number): AsyncGenerator<Uint8Array> {
      yield Buffer.from('email,total\n');
      for (let nth = 0; nth < count; nth += 1) yield Buffer.from(`kim${nth % 50}@example.com,${nth}.00\n`);
      if (count === 999) throw new Error('gone away');
    };
    const send = (name: string, count: number): Promise<Response> =>
      fetch(`${origin}/api/datasets/${name}/import`, {
        ...{ method: 'POST', duplex: 'half', body: ReadableStream.from(lines(count)) },
        headers: { authorization: `Bearer ${people.get('privacy')?.token}`, 'content-type': 'text/csv' },
      } as RequestInit);
    const done = await send('large', 2_500);
    expect([done.status, ((await done.json()) as { rows: number }).rows]).toEqual([200, 2_500]);
    const last = await as('analyst', 'GET', '/api/datasets/large/rows?after=2498&columns=total');
    expect(last.body.rows).toEqual([{ total: '2498.00' }, { total: '2499.00' }]);
    await expect(send('broken-off', 999)).rejects.toThrow();
    const left = async (): Promise<unknown> =>
      (await world.db.query(`select count(*)::int as n from governance_dataset_imports where dataset = 'broken-off'`)).rows[0]?.n;
    await expect.poll(left, { timeout: 10_000 }).toBe(0);
    expect((await as('analyst', 'GET', '/api/datasets/broken-off')).status).toBe(404);
    const wrong = await upload('large', `email,total\n${'a@example.com,1.00\n'.repeat(1_500)}x\n`);
    expect([wrong.status, wrong.body.code]).toEqual([400, 'GOVERNANCE_DATASET_UNREADABLE']);
    expect((await as('privacy', 'GET', '/api/datasets/large/import')).body).toEqual({ imports: [] });
  });
});

const list = (role = 'plain') =>
  world.call('GET', '/connect/shop/customers', undefined, { key: world.plain.key, binding: null, headers: { role } });

describe('a customer who opted out', () => {
  it('is in no answer of a destination declared for ad sharing, by request or by a field of the shop’s own record, and in no export for it', async () => {
    await world.installShop((manifest) => {
      Object.assign(manifest.operations['customers.list'] ?? {}, { effect: 'read' });
    });
    const customers = [...world.shop.state.customers.values()] as unknown as readonly { id: string; email: string }[];
    const [first, second, third] = customers as [
      { id: string; email: string },
      { id: string; email: string },
      { id: string; email: string },
    ];
    const before = await list();
    expect(before.status, before.text).toBe(200);
    expect(before.text).toContain(first.email);

    const declared = { vendor: 'Example', country: 'DE', uses: ['ad_sharing'], optOutField: 'gpc' };
    expect((await world.owner('PUT', '/api/flows/destinations/shop', declared)).status).toBe(200);
    const set = await world.owner('POST', '/api/opt-outs', { emails: [first.email.toUpperCase()], source: 'gpc' });
    expect(set.status, set.text).toBe(200);
    expect(await told('governance.opt_out.recorded')).toContainEqual(expect.objectContaining({ people: 1, source: 'gpc' }));
    const { rows: stored } = await world.db.query('select person from governance_opt_outs');
    expect(JSON.stringify(stored)).not.toContain(first.email);
    // The shop itself says it of the second one.
    world.weather(({ method, path, status, body }) =>
      method === 'GET' && path.startsWith('/customers')
        ? { status, body: body.replaceAll(`"id":"${second.id}"`, `"gpc":true,"id":"${second.id}"`) }
        : { status, body },
    );
    const after = await list();
    world.weather(null);
    expect(after.status, after.text).toBe(200);
    expect(after.text).not.toContain(first.email);
    expect(after.text).not.toContain(second.email);
    expect(after.text).toContain(third.email);
    // Remembered: the next answer need not say it again.
    expect((await list()).text).not.toContain(second.email);
    expect(await told('governance.opt_out.honoured')).toContainEqual(
      expect.objectContaining({ integration: 'shop', uses: ['ad_sharing'], refused: false }),
    );
    // A call that is about one of them is refused before anything leaves.
    const asked = world.asked.length;
    const one = await world.call('GET', `/connect/shop/customers/${first.id}`, undefined, { binding: world.bind(first.id) });
    expect([one.status, one.body.code], one.text).toEqual([403, 'ENFORCEMENT_OPTED_OUT']);
    expect(world.asked.length - asked).toBe(1);
    await world.owner('POST', '/api/opt-outs', { customers: [first.id] });
    const refused = await world.call('GET', `/connect/shop/customers/${first.id}`, undefined, { binding: world.bind(first.id) });
    expect([refused.status, refused.body.code], refused.text).toEqual([403, 'ENFORCEMENT_OPTED_OUT']);
    expect(world.asked.length - asked).toBe(1);
    await world.owner('DELETE', '/api/flows/destinations/shop');

    await world.owner('POST', '/api/opt-outs', { emails: ['robin.field@example.com'], uses: ['ad_sharing'] });
    const audience = await read('analyst', 'columns=total&use=ad_sharing&export=true');
    expect(audience.body).toMatchObject({ rows: [], optedOut: 2 });
    expect(await told('governance.dataset.exported')).toContainEqual(
      expect.objectContaining({ use: 'ad_sharing', optedOut: 2, rows: 0, raw: false }),
    );
    expect((await read('analyst', 'columns=total&use=sale')).body.rows).toHaveLength(2);
  });

  it('is in no input of a workflow signed for ad sharing; a dataset it pins stops it when it changes', async () => {
    const { body: dataset } = await as('privacy', 'GET', '/api/datasets/customers');
    const files = {
      'workflow.yaml': `apiVersion: sallyport.dev/v1
kind: Workflow
name: ad-audience
owner: Test
purpose: An audience for advertising
trigger: { kind: manual }
dataUse: [ad_sharing]
uses:
  integrations: { shop: [customers.list] }
  datasets: { customers: ${String(dataset.hash)} }
steps:
  - id: audience
    call: { integration: shop, operation: customers.list }
`,
    };
    const imported = await world.owner('POST', '/api/workflows', { files });
    expect(imported.status, imported.text).toBeLessThan(300);
    const { hash } = imported.body;
    for (const verb of ['approve', 'publish']) {
      const answer = await world.owner('POST', `/api/workflows/ad-audience/${verb}`, { hash });
      expect(answer.status, answer.text).toBeLessThan(300);
    }
    const run = await world.owner('POST', '/api/workflows/ad-audience/runs', { input: {} });
    expect(run.status, run.text).toBeLessThan(300);
    const path = `/api/workflow-runs/${String(run.body.id)}`;
    await expect.poll(async () => (await world.owner('GET', path)).body.state, { timeout: 10_000 }).toBe('done');
    const content = await world.owner('GET', `/api/runs/${String(run.body.id)}/content`);
    const [first, second, third] = [...world.shop.state.customers.values()] as unknown as { id: string }[];
    // Names stand there as placeholders; ids do not.
    const has = (one: { id: string } | undefined): boolean => content.text.includes(`\\"${one?.id}\\"`);
    expect([has(first), has(second), has(third)], content.text.slice(0, 300)).toEqual([false, false, true]);
    expect(await told('governance.opt_out.honoured')).toContainEqual(
      expect.objectContaining({
        workflow: 'ad-audience',
        integration: 'shop',
        refused: false,
      }),
    );

    expect((await upload('customers', `${CSV}c-4,new@example.com,New One,Rome,1.00,,,\n`)).body).toMatchObject({ version: 2 });
    const stopped = await world.owner('POST', '/api/workflows/ad-audience/runs', { input: {} });
    expect([stopped.status, stopped.body.code], stopped.text).toEqual([409, 'WORKFLOWS_DATASET_CHANGED']);
  });
});
