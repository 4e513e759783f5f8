// What must not get past the walls of privacy requests: a held person is held by whatever name they were held and on every way that deletes,
// an erasure leaves nobody's name in its own request, and a row of somebody else is neither handed over nor erased.

import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TenantId } from '#core';
import { listTenants } from '#identity';
import { query, sql } from '#storage';
import { startTestServer, type TestServer } from '../../../testkit/test-server.ts';

type Body = Record<string, unknown>;

let test: TestServer & { readonly folder: string };
let backupFolder = '';
/** Moved forward by what tests retention. */
let aheadMs = 0;

const upload = async (name: string, text: string, query = ''): Promise<{ status: number; body: Body }> => {
  const response = await fetch(`${test.controlUrl}/api/datasets/${name}/import?${query}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${test.server.ownerToken}`, 'content-type': 'text/csv' },
    body: text,
  });
  return { status: response.status, body: (await response.json()) as Body };
};
const owner = async (method: string, path: string, body?: unknown): Promise<Body> => {
  const answer = await test.owner(method, path, body);
  if (answer.status >= 300) throw new Error(`${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
  return answer.body;
};
const asked = async (kind: 'export' | 'erase', subject: string): Promise<string> => {
  const { id } = await owner('POST', '/api/privacy/requests', { kind, subject });
  await owner('POST', `/api/privacy/requests/${id}/verify`, { how: 'account' });
  return String(id);
};
const erase = async (subject: string) =>
  test.owner('POST', `/api/privacy/requests/${await asked('erase', subject)}/erase`, { confirm: subject });
const copyOf = async (subject: string) =>
  (await owner('POST', `/api/privacy/requests/${await asked('export', subject)}/export`, {})).data as Body & { withheld: unknown[] };
const held = async (hold: Body, work: () => Promise<void>): Promise<void> => {
  const { id } = await owner('POST', '/api/privacy/holds', { reason: 'A claim is open', ...hold });
  await work();
  await owner('POST', `/api/privacy/holds/${id}/release`, {});
};
const rowsOf = async (name: string): Promise<number> => ((await owner('GET', `/api/datasets/${name}/rows`)).rows as unknown[]).length;

beforeAll(async () => {
  backupFolder = mkdtempSync(join(tmpdir(), 'sallyport-backups-'));
  test = await startTestServer({
    allowPrivate: [],
    settings: { '--backup-folder': backupFolder },
    seams: { clock: { now: () => Date.now() + aheadMs } },
  });
}, 60_000);
afterAll(async () => {
  await test?.close();
  rmSync(backupFolder, { recursive: true, force: true });
});

describe('a legal hold', () => {
  beforeAll(async () => {
    expect((await upload('buyers', 'customer_id,email,total\nc-1,ada@example.com,1\nc-2,bob@example.com,2\n')).status).toBe(200);
  });

  it('on an address holds the customer whose address it is, whatever the request names', () =>
    held({ subject: 'email:Ada@example.com' }, async () => {
      for (const subject of ['email:ada@example.com', 'customer:c-1'])
        expect((await erase(subject)).body.code, subject).toBe('GOVERNANCE_SUBJECT_HELD');
      expect(await rowsOf('buyers')).toBe(2);
    }));

  it('is not gone around by erasing a key, removing a dataset or writing over it', async () => {
    const ways = async () => [
      (await test.owner('POST', '/api/erasures', { subject: 'c-1', confirm: 'c-1' })).body.code,
      (await test.owner('DELETE', '/api/datasets/buyers')).body.code,
      (await upload('buyers', 'customer_id,email,total\nc-9,new@example.com,1\n')).body.code,
    ];
    for (const hold of [{ subject: 'customer:c-1' }, { subject: 'email:ada@example.com' }, { place: 'datasets' }, { purpose: 'buyers' }])
      await held(hold, async () => {
        expect(await ways(), JSON.stringify(hold)).toEqual(Array(3).fill('GOVERNANCE_SUBJECT_HELD'));
      });
    expect(await rowsOf('buyers')).toBe(2);
  });

  it('on one person stops nothing about another one', () =>
    held({ subject: 'customer:c-1' }, async () => {
      expect((await test.owner('POST', '/api/erasures', { subject: 'c-2', confirm: 'c-2' })).status).toBe(200);
      expect(await rowsOf('buyers')).toBe(1);
    }));
});

describe('an erasure', () => {
  it('by address leaves nobody’s name in any request about them', async () => {
    await upload('kept', 'customer_id,email\nc-3,cyd@example.com\n');
    const copy = await asked('export', 'customer:c-3');
    const done = await erase('email:cyd@example.com');
    expect(done.status, JSON.stringify(done.body)).toBe(200);
    const { request } = done.body.receipt as Body;
    for (const id of [copy, String(request)]) expect((await owner('GET', `/api/privacy/requests/${id}`)).subject).toBeNull();
  });

  it('and a copy leave alone the row of somebody else in which an address stands', async () => {
    await upload('referrals', 'email,referred_by,total\ndan@example.com,eve@example.com,4\n');
    const copy = await copyOf('email:eve@example.com');
    expect(JSON.stringify(copy)).not.toContain('dan@example.com');
    expect(copy.withheld).toHaveLength(1);
    expect((await erase('email:eve@example.com')).body.receipt).toMatchObject({ items: {}, remaining: 1 });
    expect(await rowsOf('referrals')).toBe(1);
    expect(JSON.stringify(await copyOf('email:dan@example.com'))).toContain('eve@example.com');
  });
});

describe('a thing of nobody in particular', () => {
  it('in which addresses of two customers stand is handed over to neither, nor erased for one', async () => {
    await upload('members', 'customer_id,email\nc-20,gil@example.com\nc-21,hal@example.com\n');
    await upload('gifts', 'line\nfrom gil@example.com to hal@example.com\nonly gil@example.com\n', 'labels=line:product');
    for (const subject of ['customer:c-20', 'email:gil@example.com']) {
      const copy = await copyOf(subject);
      expect(JSON.stringify(copy)).not.toContain('hal@example.com');
      expect(JSON.stringify(copy)).toContain('only gil@example.com');
      expect(copy.withheld).toHaveLength(1);
    }
    expect((await erase('customer:c-20')).body.receipt).toMatchObject({ items: { datasets: 2 }, remaining: 1 });
    expect(await rowsOf('gifts')).toBe(1);
  });
});

describe('a shop that left', () => {
  it('takes the keys of its customers with it, once, and tells what stays', async () => {
    await upload('leavers', 'customer_id,email\nc-30,ida@example.com\n');
    const { database, rights, rooms } = test.server;
    const { tenant } = rooms;
    const { inTenant } = database.database;
    const sealed = await inTenant(tenant, (tx) =>
      rooms.vault.seal(tx, { tenant, subject: 'c-30', purpose: 'test', plaintext: Buffer.from('else') }),
    );
    const opened = await rights.rights.requests.open({
      tenant,
      kind: 'shop',
      subject: null,
      source: 'hook:shop:1',
      actor: 'integration:shop',
    });
    const { id } = opened as { id: string };
    const named = await asked('export', 'customer:c-30');
    await owner('POST', `/api/privacy/requests/${id}/verify`, { how: 'platform' });
    const both = await Promise.all([1, 2].map(() => test.owner('POST', `/api/privacy/requests/${id}/erase`, { confirm: id })));
    expect(both.map(({ status }) => status).sort()).toEqual([200, 409]);
    const { receipt } = (both.find(({ status }) => status === 200)?.body ?? {}) as { receipt: Body & { items: Body } };
    expect([Number(receipt.items.datasets) > 0, receipt.items.canary, receipt.remaining]).toEqual([true, undefined, 0]);
    await expect(inTenant(tenant, (tx) => rooms.vault.open(tx, { tenant, purpose: 'test', sealed }))).rejects.toThrow(/erased/);
    expect((await owner('GET', `/api/privacy/requests/${named}`)).subject).toBeNull();
  });
});

describe('two customers with the same address', () => {
  it('are asked about, never made one: the answer names both, and the one that is said is copied and erased', async () => {
    await upload('twins', 'customer_id,email,total\nc-40,kay@example.com,1\nc-41,kay@example.com,2\n');
    await upload('letters', 'line\nwrite to kay@example.com\n', 'labels=line:product');
    for (const kind of ['export', 'erase'] as const) {
      const id = await asked(kind, 'email:kay@example.com');
      const answer = await test.owner(
        'POST',
        `/api/privacy/requests/${id}/${kind}`,
        kind === 'erase' ? { confirm: 'email:kay@example.com' } : {},
      );
      expect([answer.status, answer.body.code]).toEqual([409, 'GOVERNANCE_SUBJECT_AMBIGUOUS']);
      expect((answer.body.evidence as Body).customers).toEqual(['c-40', 'c-41']);
    }
    const copy = JSON.stringify(await copyOf('customer:c-40'));
    expect([copy.includes('"total":"1"'), copy.includes('"total":"2"'), copy.includes('write to')]).toEqual([true, false, false]);
    expect((await erase('customer:c-40')).body.receipt).toMatchObject({ items: { datasets: 1 } });
    // The other one keeps everything, and is nobody's double any more.
    expect((await owner('GET', '/api/datasets/twins/rows')).rows).toMatchObject([{ total: '2' }]);
    expect((await erase('email:kay@example.com')).body.receipt).toMatchObject({ items: { datasets: 2 } });
    expect(await rowsOf('twins')).toBe(0);
  });
});

describe('staff', () => {
  it('are found by their person, copied and erased like anybody, and no rule of time takes them while they work here', async () => {
    const { token, baseUrl } = await owner('POST', '/api/scim/token', {});
    const scim = async (method: string, path: string, body?: object): Promise<{ status: number; body: Body }> => {
      const response = await fetch(`${test.controlUrl}${new URL(String(baseUrl)).pathname}${path}`, {
        method,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/scim+json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      return { status: response.status, body: text === '' ? {} : (JSON.parse(text) as Body) };
    };
    const { id } = (await scim('POST', '/Users', { userName: 'lee@example.com', displayName: 'Lee Example', active: true })).body;
    for (const subject of [`person:${id}`, 'email:lee@example.com'])
      expect((await copyOf(subject)).held, subject).toMatchObject({ people: [{ ref: id, content: { name: 'Lee Example' } }] });
    await owner('PUT', '/api/retention/rules', { place: 'people', minutes: 1 });
    aheadMs = 2 * 60_000;
    expect(((await owner('POST', '/api/retention/runs', {})).receipt as { items: Body }).items.people).toBeUndefined();
    await held({ subject: `person:${id}` }, async () => {
      expect((await erase(`person:${id}`)).body.code).toBe('GOVERNANCE_SUBJECT_HELD');
    });
    expect((await erase(`person:${id}`)).body.receipt).toMatchObject({ items: { people: 1 } });
    expect((await copyOf(`person:${id}`)).held).toEqual({});
    expect((await scim('GET', `/Users/${id}`)).status).toBe(404);
    await owner('DELETE', '/api/scim');
  });
});

describe('sallyport dsar', () => {
  const program = join(import.meta.dirname, '../../../bin/sallyport.js');
  const sallyport = (...args: string[]): Promise<{ code: number; out: string; err: string }> =>
    new Promise((resolve) => {
      const options = { cwd: backupFolder, env: { ...process.env, XDG_STATE_HOME: join(backupFolder, 'state') } };
      execFile(execPath, [program, ...args, '--secrets-dir', join(test.folder, 'secrets')], options, (fault, out, err) =>
        resolve({ code: fault === null ? 0 : ((fault as { code?: number }).code ?? -1), out, err }),
      );
    });

  it('exports, erases and verifies the receipt on this machine, from a shell', async () => {
    await upload('shell', 'customer_id,email,total\nc-50,max@example.com,50.55\n');
    const page = join(backupFolder, 'copy.html');
    const copied = await sallyport('dsar', 'export', '--subject', 'email:max@example.com', '--out', 'copy.json', '--page', page);
    expect([copied.code, copied.out.trim()]).toEqual([0, expect.stringMatching(/datasets\s+1/)]);
    expect(readFileSync(join(backupFolder, 'copy.json'), 'utf8')).toContain('50.55');
    expect(readFileSync(page, 'utf8')).toContain('50.55');
    expect((await sallyport('dsar', 'export', '--subject', 'email:max@example.com', '--out', 'copy.json')).code).toBe(2);

    expect(await sallyport('dsar', 'erase', '--subject', 'customer:c-50')).toMatchObject({
      code: 1,
      err: expect.stringContaining('Nothing'),
    });
    const erased = await sallyport('dsar', 'erase', '--subject', 'customer:c-50', '--yes', '--json');
    expect(erased.code, erased.err).toBe(0);
    const { receipt } = JSON.parse(erased.out) as { receipt: { request: string; items: Body } };
    expect(receipt.items).toEqual({ datasets: 1 });
    await test.server.rooms.sequencer.runOnce();
    expect((await sallyport('dsar', 'receipt', receipt.request)).out).toContain('VERIFIED: ');
    const again = await sallyport('dsar', 'export', '--subject', 'customer:c-50');
    expect([again.code, JSON.parse(again.out)]).toMatchObject([0, { held: {} }]);
  }, 120_000);
});

describe('a legal hold of somebody who is not alone', () => {
  it('is released by another person than who placed it', async () => {
    const { id: hold } = await owner('POST', '/api/privacy/holds', { purpose: 'nothing', reason: 'A claim is open' });
    const { id, link } = await owner('POST', '/api/people', { name: 'Dana', roles: ['privacy'] });
    const own = await test.owner('POST', `/api/privacy/holds/${hold}/release`, {});
    expect([own.status, own.body.code]).toEqual([403, 'GOVERNANCE_HOLD_OWN']);
    const as = async (token: string | null, path: string, body: object): Promise<{ status: number; body: Body }> => {
      const response = await fetch(`${test.controlUrl}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...(token === null ? {} : { authorization: `Bearer ${token}` }) },
        body: JSON.stringify(body),
      });
      return { status: response.status, body: (await response.json()) as Body };
    };
    const opened = await as(null, '/api/session', { secret: new URL(String(link)).hash.slice(1) });
    expect((await as(String(opened.body.token), `/api/privacy/holds/${hold}/release`, {})).body).toEqual({ released: true });
    expect((await owner('GET', '/api/privacy/holds')).holds).toContainEqual(
      expect.objectContaining({ id: hold, active: false, releasedBy: id }),
    );
    await test.owner('DELETE', `/api/people/${id}`);
  });
});

describe('retention', () => {
  it('of one dataset leaves what another one keeps of the same address', async () => {
    await upload('newsletter', 'email,total\nfay@example.com,1\n');
    await upload('invoices', 'email,total\nfay@example.com,2\n');
    await owner('PUT', '/api/retention/rules', { place: 'datasets', purpose: 'newsletter', minutes: 1 });
    aheadMs = 2 * 60_000;
    await owner('POST', '/api/retention/runs', {});
    expect(await owner('GET', '/api/datasets/newsletter/rows')).toMatchObject({ rows: [], erased: 0 });
    expect(await owner('GET', '/api/datasets/invoices/rows')).toMatchObject({ rows: [{ total: '2' }], erased: 0 });
  });

  it('of a tenant deletes no backup of the installation, which holds every tenant’s data', async () => {
    await owner('POST', '/api/backups', {});
    const states = async (): Promise<unknown[]> =>
      ((await owner('GET', '/api/backups')).backups as Body[]).map(({ state }) => state).filter((state) => state !== 'running');
    await expect.poll(states, { timeout: 20_000 }).toHaveLength(1);
    const short = await test.owner('PUT', '/api/retention/rules', { place: 'backups', minutes: 7 * 24 * 60 - 1 });
    expect([short.status, short.body.code]).toEqual([409, 'GOVERNANCE_BACKUPS_TOO_SHORT']);
    await owner('POST', '/api/tenants', { name: 'harbour' });
    const { database, rights, rooms } = test.server;
    const tenant = (await listTenants(database.database)).find((one) => one !== rooms.tenant) as TenantId;
    await database.database.inTenant(tenant, (tx) =>
      sql`insert into governance_rules (tenant, data_class, place, purpose, minutes, set_at, set_by)
        values (${tenant}, '', 'backups', '', 1, now(), 'per_1')`.execute(query(tx)),
    );
    aheadMs = 8 * 24 * 60 * 60_000;
    expect((await rights.retention.run(tenant, { isDry: false, actor: 'system:retention' })).receipt.items).toEqual({});
    expect(await states()).toHaveLength(1);
  });
});

it('a row that is kept no longer takes no key of a customer with it, whatever form their number has', async () => {
  const customer = 'gid://shop/Customer/7';
  await upload('numbers', `customer_id,total\n${customer},7\n`);
  const { database, rooms } = test.server;
  const { tenant } = rooms;
  const inTenant = database.database.inTenant;
  const sealed = await inTenant(tenant, (tx) =>
    rooms.vault.seal(tx, { tenant, subject: customer, purpose: 'test', plaintext: Buffer.from('else') }),
  );
  await owner('PUT', '/api/retention/rules', { place: 'datasets', minutes: 1 });
  aheadMs = 2 * 60_000;
  const { receipt } = await owner('POST', '/api/retention/runs', {});
  expect((receipt as { items: Body }).items.datasets).toBeGreaterThan(0);
  const left = await inTenant(tenant, (tx) => sql`select 1 from governance_dataset_rows where dataset = 'numbers'`.execute(query(tx)));
  expect(left.rows).toEqual([]);
  expect(Buffer.from(await inTenant(tenant, (tx) => rooms.vault.open(tx, { tenant, purpose: 'test', sealed }))).toString()).toBe('else');
  await upload('numbers', `customer_id,total\n${customer},7\n`);
  expect((await copyOf(`customer:${customer}`)).held).toMatchObject({ datasets: [{ content: { customer_id: customer } }] });
});
