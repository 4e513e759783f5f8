// Where personal data goes, through a whole server: counted from calls, declared by people, refused without a basis of transfer; and what is
// declared to decide about a person waits for one.

import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { newRunId } from '@sallyport/demo';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { readEveryRow } from '#storage';
import { createVault } from '#vault';
import { type Answer, type GuardedShop, MODEL, openGuardedShop } from '../../../testkit/crash/guarded-shop.ts';
import { filesUnder } from '../../../testkit/crash/raw-scan.ts';
import { systemClock, systemRandom } from './world.ts';

let world: GuardedShop;
let customers: readonly string[] = [];
let used = 0;
type Rows = readonly Record<string, unknown>[];

beforeAll(async () => {
  const cluster = inject('testCluster');
  if (cluster === undefined) throw new Error('this project has no Postgres cluster');
  world = await openGuardedShop(cluster);
  customers = [...world.shop.state.customers.keys()];
}, 60_000);
afterAll(() => world?.close());

async function must(method: string, path: string, body?: unknown): Promise<Record<string, unknown>> {
  const answer = await world.owner(method, path, body);
  expect(answer.status, `${method} ${path} ${answer.text}`).toBeLessThan(300);
  return answer.body;
}
function fresh(): { readonly order: string; readonly customer: string } {
  const customer = customers[used++] as string;
  const order = [...world.shop.state.orders.values()].find((one) => one.customer_id === customer)?.id;
  if (order === undefined) throw new Error('a demo customer has orders');
  return { customer, order };
}
const ask = (text: string): Promise<Answer> =>
  world.call('POST', '/v1/chat/completions', { model: MODEL, messages: [{ role: 'user', content: text }] }, { binding: null });
const read = ({ order, customer }: ReturnType<typeof fresh>): Promise<Answer> =>
  world.call('GET', `/connect/shop/orders/${order}`, undefined, { binding: world.bind(customer) });
const flows = async (query = ''): Promise<Rows> => (await must('GET', `/api/flows${query}`)).flows as Rows;
const findings = async (): Promise<Rows> => (await must('GET', '/api/flows')).findings as Rows;
const declare = (name: string, more: object = {}): Promise<Answer> =>
  world.owner('PUT', `/api/flows/destinations/${name}`, { vendor: 'Example Inc', country: 'US', legalBasis: 'contract', ...more });
const told = async (type: string): Promise<Rows> => {
  const { rows } = await world.db.query(
    `select public::json as facts from event_inbox where type = $1 union all
     select (leaf::json -> 'public') from audit_log where type = $1`,
    [type],
  );
  return rows.map(({ facts }) => facts as Record<string, unknown>);
};
const MAIL = 'Please write to robin.field@example.com about it.';

describe('flows of personal data', () => {
  it('are counted from what calls really carried, in both directions, and answers name no value', async () => {
    expect((await ask(MAIL)).status).toBe(200);
    expect((await ask(MAIL)).status).toBe(200);
    expect((await ask('What colour is it?')).status).toBe(200);
    expect((await read(fresh())).status).toBe(200);
    const rows = await flows();
    expect(rows).toContainEqual(
      expect.objectContaining({
        direction: 'out',
        destination: 'model',
        dataClass: 'email_address',
        handling: 'tokenise',
        count: 2,
        region: 'own',
      }),
    );
    expect(rows.filter(({ destination }) => destination === 'model')).toHaveLength(1);
    expect(rows).toContainEqual(
      expect.objectContaining({ direction: 'out', destination: 'shop', operation: 'orders.get', dataClass: 'order_number' }),
    );
    expect(rows).toContainEqual(expect.objectContaining({ direction: 'in', destination: 'shop', dataClass: 'street_address' }));
    const address = await flows('?label=pii.address');
    expect(address.length).toBeGreaterThan(0);
    expect(address.every(({ dataClass }) => ['street_address', 'place', 'delivery'].includes(String(dataClass)))).toBe(true);
    expect(JSON.stringify(rows)).not.toContain('robin');
    expect(await findings()).toEqual([]);
  });

  it('[A7] once the tenant says where it is, another region without a basis is refused, a basis lets it through, and a new region is refused again', async () => {
    await must('PUT', '/api/flows/profile', { home: 'DE', controller: 'Example Shop GmbH', contact: 'privacy@example.com' });
    // Its own machine is inside until somebody says something else.
    expect((await ask(MAIL)).status).toBe(200);
    expect((await declare('model')).status).toBe(200);
    const before = world.model.requests.length;
    const refused = await ask(MAIL);
    expect([refused.status, (refused.body.error as { code: string }).code], refused.text).toEqual([
      403,
      'GOVERNANCE_TRANSFER_BASIS_MISSING',
    ]);
    expect(refused.text).toContain('no transfer basis');
    expect(world.model.requests.length).toBe(before);
    // What carries nothing of anybody goes.
    expect((await ask('What colour is it?')).status).toBe(200);
    await expect
      .poll(() => told('governance.transfer.refused'))
      .toContainEqual({
        destination: 'model',
        region: 'US',
        dataClass: 'email_address',
        kind: 'transfer_refused',
      });
    expect(await findings()).toContainEqual(expect.objectContaining({ kind: 'transfer_refused', destination: 'model', region: 'US' }));

    expect((await declare('model', { transferBasis: 'adequacy' })).body.code).toBe('GOVERNANCE_BASIS_UNFIT');
    expect(
      (await declare('model', { transferBasis: 'scc', classes: ['email_address'], purpose: 'Answers', retentionDays: 30 })).status,
    ).toBe(200);
    expect((await ask(MAIL)).status).toBe(200);
    expect(await flows('?class=email_address')).toContainEqual(
      expect.objectContaining({
        destination: 'model',
        vendor: 'Example Inc',
        region: 'US',
        legalBasis: 'contract',
        transferBasis: 'scc',
        // Those of before anybody said where it is, too.
        count: 4,
        finding: null,
      }),
    );

    expect((await declare('model', { country: 'BR', classes: ['email_address'] })).status).toBe(200);
    expect((await ask(MAIL)).status).toBe(403);
    expect((await declare('model', { country: 'FR', classes: ['email_address'] })).status).toBe(200);
    expect((await ask(MAIL)).status).toBe(200);
  });

  it('a look-up of a read is judged before anything is asked, and what was declared for one host holds for no other', async () => {
    await declare('shop', { transferBasis: 'none' });
    const asked = world.asked.length;
    const answer = await read(fresh());
    expect([answer.status, answer.body.code], answer.text).toEqual([403, 'GOVERNANCE_TRANSFER_BASIS_MISSING']);
    expect(world.asked.length).toBe(asked);
    await declare('shop', { transferBasis: 'scc' });
    expect((await read(fresh())).status).toBe(200);
    await world.db.query(`update governance_destinations set host = 'elsewhere.example.com' where name = 'shop'`);
    await world.db.query(`select pg_notify('sallyport_flows', tenant) from governance_profile`);
    await expect.poll(async () => (await read(fresh())).status).toBe(403);
    await must('DELETE', '/api/flows/destinations/shop');
    expect((await read(fresh())).status).toBe(200);
  });

  it('one that nobody declared is a finding with an event by itself, and drift in the record of Article 30', async () => {
    await declare('model', { country: 'FR', classes: ['email_address'], purpose: 'Answers', retentionDays: 30 });
    const record = await must('GET', '/api/records/article-30');
    const drift = record.drift as Rows;
    expect(drift.filter(({ recipient }) => recipient === 'model')).toEqual([]);
    expect((await ask('Call me on +49 30 901820, Robin.')).status).toBe(200);
    expect(await findings()).toContainEqual(
      expect.objectContaining({ kind: 'new_flow', destination: 'model', dataClass: 'phone_number', region: 'EEA' }),
    );
    expect(await told('governance.flow.found')).toContainEqual({
      destination: 'model',
      region: 'EEA',
      dataClass: 'phone_number',
      kind: 'new_flow',
    });
    const after = await must('GET', '/api/records/article-30');
    expect(after.drift).toContainEqual({ kind: 'undeclared', recipient: 'model', what: 'class', value: 'phone_number' });
    const entry = (after.entries as Rows).find(({ recipient }) => recipient === 'model');
    expect(entry).toMatchObject({
      vendor: 'Example Inc',
      purpose: 'Answers',
      retentionDays: 30,
      transferBasis: 'inside',
      legalBasis: 'contract',
    });
    expect(after.controller).toMatchObject({ name: 'Example Shop GmbH' });
  });
});

describe('where a value was read', () => {
  it('[D6] goes with it into what is made from it: read in Europe it leaves for another region only on a basis, wherever the tenant is', async () => {
    await must('PUT', '/api/flows/profile', { home: 'US', controller: 'Example Shop Inc', contact: 'privacy@example.com' });
    await declare('model', { country: 'US', classes: ['email_address', 'purchase_history', 'conversation'] });
    // One run reads an order and shows it to the model, as an agent does with a tool's result.
    const shown = async (): Promise<Answer> => {
      const of = fresh();
      const origin = { run: newRunId(Date.now()), toolCallId: 'call_1' };
      const order = await world.call('GET', `/connect/shop/orders/${of.order}`, undefined, { binding: world.bind(of.customer, origin) });
      expect(order.status, order.text).toBe(200);
      const call = { id: 'call_1', type: 'function', function: { name: 'orders_get', arguments: '{}' } };
      const messages = [
        { role: 'user', content: 'Where is my order?' },
        { role: 'assistant', content: null, tool_calls: [call] },
        { role: 'tool', tool_call_id: 'call_1', content: order.text },
      ];
      const binding = world.bind(of.customer, { ...origin, toolCallId: null });
      return world.call('POST', '/v1/chat/completions', { model: MODEL, messages }, { binding });
    };
    await declare('shop', { country: 'US' });
    const inside = await shown();
    expect(inside.status, inside.text).toBe(200);
    await declare('shop', { country: 'FR', transferBasis: 'adequacy' });
    const before = world.model.requests.length;
    const refused = await shown();
    expect(refused.body.error, refused.text).toMatchObject({ code: 'GOVERNANCE_TRANSFER_BASIS_MISSING' });
    expect(refused.text).toContain('leave EEA for US');
    expect(world.model.requests.length).toBe(before);
    await declare('model', { country: 'US', transferBasis: 'dpf', classes: ['email_address', 'purchase_history', 'conversation'] });
    expect((await shown()).status).toBe(200);
    const sent = (await told('enforcement.call.intended')).filter(({ integration }) => integration === 'model');
    expect(sent).toContainEqual(expect.objectContaining({ sensitivity: 'restricted', regions: expect.arrayContaining(['EEA']) }));
    await must('DELETE', '/api/flows/destinations/shop');
    await must('PUT', '/api/flows/profile', { home: 'DE', controller: 'Example Shop GmbH', contact: 'privacy@example.com' });
  });
});

describe('what decides about a person (Article 22)', () => {
  it('waits for one although a limit would let it run alone, and runs once a person decided [D7]', async () => {
    const free = fresh();
    const refund = (of: ReturnType<typeof fresh>): Promise<Answer> =>
      world.call('POST', `/connect/shop/orders/${of.order}/refunds`, { amount: '5.00' }, { binding: world.bind(of.customer) });
    const count = (order: string): number =>
      world.shop.ledger.after(0).filter((one) => one.kind === 'refund' && one.object === order).length;
    expect((await refund(free)).status).toBe(201);
    await world.installShop((manifest) => {
      Object.assign(manifest.operations['refunds.create'] ?? {}, { decision: 'refuse_refund' });
    });
    const of = fresh();
    const waits = await refund(of);
    expect([waits.status, waits.body.code], waits.text).toEqual([403, 'ENDORSEMENT_REQUIRED']);
    expect(waits.body.evidence).toMatchObject({ decision: 'refuse_refund', article: 22 });
    expect(count(of.order)).toBe(0);
    expect(await world.approve((waits.body.evidence as { approval: string }).approval)).toBe('done');
    expect(count(of.order)).toBe(1);
    const { dpia } = await must('GET', '/api/records/article-30');
    expect(dpia).toContainEqual(expect.objectContaining({ trigger: 'automated_decision', recipient: 'shop' }));
    await world.installShop();
  });
});

describe('where plain text exists', () => {
  type Part = {
    readonly id: string;
    readonly state: string;
    readonly evidence: readonly { text: string }[];
    readonly classes?: Rows;
    readonly warnings: Rows;
  };
  const picture = async (): Promise<ReadonlyMap<string, Part>> => {
    const { places, hops } = await must('GET', '/api/data/plain-text');
    return new Map([...(places as Part[]), ...(hops as Part[])].map((one) => [one.id, one]));
  };
  const found = (bytes: Buffer | string, text: string): boolean => {
    const forms = [text, Buffer.from(text).toString('hex'), Buffer.from(text).toString('base64').slice(0, -4)];
    return forms.some((form) => bytes.includes(form));
  };

  it('is drawn from what is there now: integrations that come, move and go, and what really went to each', async () => {
    expect((await ask(MAIL)).status).toBe(200);
    const before = await picture();
    expect([before.get('server integration:far'), before.get('server integration:model')?.state]).toEqual([undefined, 'clear_here']);
    const model = before.get('integration:model');
    expect(model?.classes).toContainEqual(expect.objectContaining({ dataClass: 'email_address', handling: 'tokenise' }));
    expect(model?.evidence.map(({ text }) => text).join()).toContain('reads what it is sent');
    await must('PUT', '/api/integrations/far', { kind: 'model', baseUrl: 'https://model.example.com/v1', models: ['m'] });
    const { rows } = await world.db.query("select id from integrations where name = 'far'");
    const now = await picture();
    expect([now.get('server integration:far')?.state, now.get('integration:far')?.classes]).toEqual(['sealed', []]);
    // As an operator's own http service on another machine would stand there.
    await world.db.query("update integrations set origin = 'http://10.0.0.7:8080' where id = $1", [rows[0]?.id]);
    await world.server.rooms.catalogue.refreshed();
    const far = (await picture()).get('server integration:far');
    expect([far?.state, far?.warnings]).toEqual(['clear', [expect.objectContaining({ grade: 'fault' })]]);
    await must('DELETE', '/api/integrations/far');
    expect((await picture()).has('integration:far')).toBe(false);
  });

  it('[D1] no planted person stands in a row or a file of Postgres, nothing opens without the key of the tenant, and the model’s provider is said to see what it saw', async () => {
    const mark = randomBytes(9).toString('hex');
    const planted = [`${mark}@example.com`, `Quill${mark}`, `${mark.slice(0, 6)}-Lane 7`];
    const { rows: begun } = await world.db.query<{ dir: string; wal: string; base: string }>(
      `select current_setting('data_directory') as dir, pg_walfile_name(pg_current_wal_lsn()) as wal,
         'base/' || oid as base from pg_database where datname = current_database()`,
    );
    const { dir, wal, base } = begun[0] as { dir: string; wal: string; base: string };
    // Through a call, a record of the shop that runs remember, and a dataset.
    expect((await ask(`I am Quill${mark}, ${mark}@example.com, ${mark.slice(0, 6)}-Lane 7. Where is it?`)).status).toBe(200);
    const of = fresh();
    const customer = world.shop.state.customers.get(of.customer) as { email: string };
    customer.email = planted[0] as string;
    expect((await read(of)).status).toBe(200);
    const csv = `customer_id,email,name,street\n${of.customer},${planted.join(',')}\n`;
    const imported = await fetch(
      `http://127.0.0.1:${world.server.control.port}/api/datasets/plants/import?source=test&licence=own&purpose=test`,
      {
        method: 'POST',
        headers: { authorization: `Bearer ${world.server.ownerToken}`, 'content-type': 'text/csv' },
        body: csv,
      },
    );
    expect(imported.status, await imported.text()).toBeLessThan(300);

    let dump = '';
    await readEveryRow(world.server.database.adminUrl, (table, row) => {
      dump += `${table} ${row}\n`;
    });
    await world.db.query('checkpoint');
    const { rows: ended } = await world.db.query<{ wal: string }>('select pg_walfile_name(pg_current_wal_lsn()) as wal');
    const files = [
      ...filesUnder(join(dir, base)),
      ...filesUnder(join(dir, 'pg_wal')).filter((path) => basename(path) >= wal && basename(path) <= (ended[0]?.wal ?? wal)),
    ];
    const inFiles = (text: string): number => files.filter((path) => found(readFileSync(path), text)).length;
    // The search sees what is there to be seen: the name of the dataset is not sealed.
    expect([found(dump, 'plants'), inFiles('plants') > 1]).toEqual([true, true]);
    for (const value of [mark, ...planted]) expect([value, found(dump, value), inFiles(value)]).toEqual([value, false, 0]);

    // Each label of data is under a key of its own: credentials, rows about somebody, and what placeholders stand for.
    const { rows: labels } = await world.db.query(
      `select get_byte(sealed, 0) as label from governance_dataset_rows union select get_byte(sealed, 0) from vault_credentials
       union select get_byte(sealed, 0) & 127 from vault_known_values`,
    );
    expect(labels.length).toBeGreaterThanOrEqual(3);

    // What the provider got, and that it is said.
    const sent = world.model.requests.map(({ body }) => JSON.stringify(body)).join();
    expect(sent).not.toContain(`${mark}@example.com`);
    const shown = await picture();
    expect(shown.get('database')).toMatchObject({ state: 'sealed', warnings: [] });
    expect(shown.get('integration:model')?.classes).toContainEqual(
      expect.objectContaining({ dataClass: 'email_address', handling: 'tokenise' }),
    );

    // Another process, from the same files and database: with the tenant's key it opens the rows, without it nothing.
    const { database, rooms } = world.server;
    const opens = async (): Promise<string> => {
      const keyFile = { path: join(world.folder, 'secrets', 'kek'), dataDir: join(world.folder, 'data') };
      const vault = await createVault({
        db: database.database,
        keyFile,
        clock: systemClock,
        random: systemRandom,
        mayHold: async () => null,
        mayKeep: false,
      });
      try {
        const { rows: sealed } = await world.db.query<{ sealed: Buffer }>(
          "select sealed from governance_dataset_rows where dataset = 'plants'",
        );
        const plain = await database.database.inTenant(rooms.tenant, (tx) =>
          vault.openMany(tx, { tenant: rooms.tenant, purpose: 'dataset.row', sealed: sealed.map((one) => one.sealed) }),
        );
        return plain.map((one) => (one === null ? '' : Buffer.from(one).toString())).join();
      } catch (fault) {
        return (fault as { code?: string }).code ?? 'BUG';
      } finally {
        await vault.close();
      }
    };
    expect(await opens()).toContain(`Quill${mark}`);
    const { rows: keys } = await world.db.query('delete from vault_tenant_keys where tenant = $1 returning *', [rooms.tenant]);
    expect([keys.length, await opens()]).toEqual([1, 'VAULT_SEALED_UNREADABLE']);
  });
});
