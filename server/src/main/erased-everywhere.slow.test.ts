// One sentence, end to end: after an erasure, a full dump, the history of runs, the files of the database, and a backup from before restored
// elsewhere hold no value of the person that anything there is can open; of somebody else everything still opens, so that the count can fail.

import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import type { TenantId, Tx } from '#core';
import { readEveryRow } from '#storage';
import type { Vault } from '#vault';
import { createServerDatabase } from '../../../testkit/crash/server-database.ts';
import { startTestServer, type TestServer } from '../../../testkit/test-server.ts';
import {
  approveUntilDone,
  type DemoUpstreams,
  installDemo,
  openDemoUpstreams,
  placeTicket,
  waitForRun,
} from '../../../testkit/workflow-world/index.ts';
import { backupsHere } from './backup/commands.ts';
import { foldersOf } from './folders.ts';
import { loadConfig } from './load-config.ts';
import { createLogger } from './logger.ts';
import { type Server, startServer } from './server.ts';

type Body = Record<string, unknown>;
interface SealedValue {
  readonly tenant: TenantId;
  readonly purpose: string;
  readonly sealed: Uint8Array;
  readonly plaintext: string;
}
const WHO = ['gone', 'kept'] as const;
type Who = (typeof WHO)[number];

let upstreams: DemoUpstreams;
let test: TestServer & { readonly folder: string };
let restored: Server | null = null;
/** Another machine: its own data folder, with the secrets of this one, as whoever restores has them. */
const elsewhere = mkdtempSync(join(tmpdir(), 'sallyport-elsewhere-'));
/** Every value the product sealed, with what it takes to open it. */
const sealedValues: SealedValue[] = [];
const people: Partial<Record<Who, { readonly id: string; readonly email: string; readonly order: string }>> = {};
const markOf = (who: Who): string => `PLANTED-${who.toUpperCase()}`;

async function owner(method: string, path: string, body?: unknown): Promise<Body> {
  const answer = await test.owner(method, path, body);
  if (answer.status >= 300) throw new Error(`${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
  return answer.body;
}

/** Takes down what passes the vault on its way to a table. */
function watchVault(vault: Vault): void {
  const patched = vault as { -readonly [Name in keyof Vault]: Vault[Name] };
  const { seal, sealMany } = vault;
  patched.seal = async (tx, input) => {
    const sealed = await seal(tx, input);
    sealedValues.push({ tenant: input.tenant, purpose: input.purpose, sealed, plaintext: Buffer.from(input.plaintext).toString() });
    return sealed;
  };
  patched.sealMany = async (tx, input) => {
    const made = await sealMany(tx, input);
    for (const [at, { sealed }] of made.entries()) {
      const { purpose, plaintext } = input.values[at] as (typeof input.values)[number];
      sealedValues.push({ tenant: input.tenant, purpose, sealed, plaintext: Buffer.from(plaintext).toString() });
    }
    return made;
  };
}

const ofWhom = (who: Who): readonly SealedValue[] => {
  const { id, email, order } = people[who] as { id: string; email: string; order: string };
  return sealedValues.filter(({ plaintext }) => [markOf(who), email, `"${id}"`, `"${order}"`].some((value) => plaintext.includes(value)));
};

/** How many of them this installation opens, by where they were sealed for. */
async function opened({ rooms, database }: Server, values: readonly SealedValue[]): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { tenant, purpose, sealed } of values) {
    const text = await database.database
      .inTenant(tenant, (tx: Tx) => rooms.vault.open(tx, { tenant, purpose, sealed }))
      .then((bytes) => Buffer.from(bytes).toString())
      .catch(() => null);
    const place = purpose.split(/[/:]/)[0] as string;
    if (text !== null) counts[place] = (counts[place] ?? 0) + 1;
  }
  return counts;
}
const sum = (counts: Record<string, number>): number => Object.values(counts).reduce((total, count) => total + count, 0);

/** Which sealed values stand in the rows of a database, whole. */
async function dumped(adminUrl: string, values: readonly SealedValue[]): Promise<readonly SealedValue[]> {
  const rows: string[] = [];
  await readEveryRow(adminUrl, (_table, row) => rows.push(row));
  const text = rows.join('\n');
  return values.filter(({ sealed }) => text.includes(Buffer.from(sealed).toString('hex')));
}

function filesWith(folder: string, value: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => readFileSync(path).includes(value));
}

beforeAll(async () => {
  upstreams = await openDemoUpstreams();
  test = await startTestServer({
    allowPrivate: upstreams.allowPrivate,
    settings: { '--backup-folder': join(elsewhere, 'backups'), '--backup-every-hours': '0' },
  });
  watchVault(test.server.rooms.vault);
  await installDemo(test.owner, upstreams);
  const orders = [...upstreams.shop.state.orders.values()].filter(({ refundable }) => Number(refundable) > 60);
  for (const who of WHO) {
    const order = orders.find(({ customer_id }) => !Object.values(people).some(({ id }) => id === customer_id));
    const customer = upstreams.shop.state.customers.get(order?.customer_id ?? '');
    if (order === undefined || customer === undefined) throw new Error('the demo shop has such an order');
    people[who] = { id: customer.id, email: customer.email, order: order.id };
  }
  // Both live the same life here: a run that asked and was allowed, one that waits, a look at their details, a row of a dataset.
  for (const who of WHO) {
    const { id, order } = people[who] as { id: string; order: string };
    const ticket = async (name: string, amount: string): Promise<string> => {
      placeTicket(upstreams.shop, { id: name, customer: id, body: `${markOf(who)} Please refund ${amount} of order ${order}.` });
      return String((await owner('POST', '/api/workflows/support-reply/runs', { input: { ticket: name } })).id);
    };
    expect((await approveUntilDone(test.owner, await ticket(`T-${who}-1`, '51.00'))).state).toBe('done');
    placeTicket(upstreams.shop, { id: `T-${who}-3`, customer: id, body: 'open' });
    await owner('POST', '/api/integrations/demo-shop/customer', { for: `ticket:T-${who}-3`, classes: ['contact'], reason: 'They asked' });
  }
  for (const who of WHO) {
    const { id, order } = people[who] as { id: string; order: string };
    placeTicket(upstreams.shop, { id: `T-${who}-2`, customer: id, body: `${markOf(who)} Please refund 55.00 of order ${order}.` });
    const run = await owner('POST', '/api/workflows/support-reply/runs', { input: { ticket: `T-${who}-2` } });
    await waitForRun(test.owner, String(run.id), true);
  }
  const rows = WHO.map((who) => `${people[who]?.id},${people[who]?.email},${markOf(who)}-ROW`);
  const response = await fetch(`${test.controlUrl}/api/datasets/customers/import?subject=customer_id&labels=customer_id:customer_number`, {
    method: 'POST',
    headers: { authorization: `Bearer ${test.server.ownerToken}`, 'content-type': 'text/csv' },
    body: `customer_id,email,note\n${rows.join('\n')}\n`,
  });
  expect(response.status, await response.text()).toBe(200);
}, 120_000);
afterAll(async () => {
  await restored?.close();
  await test?.close();
  await upstreams?.close();
  rmSync(elsewhere, { recursive: true, force: true });
});

it('erase, then sweep of a full dump, run history and a restored backup: 0 decryptable values, while somebody else’s all open', async () => {
  const { server } = test;
  const [gone, kept] = [ofWhom('gone'), ofWhom('kept')];
  const before = { gone: await opened(server, gone), kept: await opened(server, kept) };
  // It sees what is there to be seen, in each kind of place, and alike for both.
  expect(Object.keys(before.gone).length).toBeGreaterThanOrEqual(5);
  expect(Object.keys(before.gone).sort()).toEqual(Object.keys(before.kept).sort());
  expect([sum(before.gone), sum(before.kept)]).toEqual([gone.length, kept.length]);
  const dump = await dumped(String(server.database.adminUrl), [...gone, ...kept]);
  expect(dump.filter((one) => gone.includes(one)).length).toBeGreaterThan(10);

  const { id: backup } = await owner('POST', '/api/backups', {});
  await expect
    .poll(async () => JSON.stringify(await owner('GET', '/api/backups')), { timeout: 30_000 })
    .toMatch(/"state":"(?:complete|done|ok|verified)"/);

  // erase --now: the request of the person, and the end of the epoch.
  const subject = `customer:${people.gone?.id}`;
  const { id } = await owner('POST', '/api/privacy/requests', { kind: 'erase', subject });
  await owner('POST', `/api/privacy/requests/${id}/verify`, { how: 'account' });
  const { receipt } = await owner('POST', `/api/privacy/requests/${id}/erase`, { confirm: subject });
  expect(receipt).toMatchObject({ remaining: 0 });
  await owner('POST', '/api/data-keys/epoch', {});
  await expect.poll(async () => (await owner('GET', '/api/data-keys')).running, { timeout: 30_000 }).toBe(null);

  // The dump taken before, tried with the keys there are now; the dump of now; the history of runs in both.
  expect(await opened(server, gone)).toEqual({});
  expect(await opened(server, kept)).toEqual(before.kept);
  const now = await dumped(String(server.database.adminUrl), [...gone, ...kept]);
  expect(
    await opened(
      server,
      now.filter((one) => gone.includes(one)),
    ),
  ).toEqual({});
  expect(
    sum(
      await opened(
        server,
        now.filter((one) => kept.includes(one)),
      ),
    ),
  ).toBeGreaterThan(10);
  expect((await test.owner('GET', `/api/datasets/customers/rows`)).body).not.toMatchObject({
    rows: expect.arrayContaining([expect.objectContaining({ note: expect.stringContaining('GONE') })]),
  });
  const inClear = [markOf('gone'), String(people.gone?.email)].flatMap((value) => [
    ...filesWith(join(test.folder, 'data'), value),
    ...filesWith(join(elsewhere, 'backups'), value),
  ]);
  expect(inClear).toEqual([]);

  // The backup from before, put back on another machine, with every secret this one has.
  const cluster = inject('testCluster');
  if (cluster === undefined) throw new Error('this project has no Postgres cluster');
  const flags = {
    '--data-dir': join(elsewhere, 'data'),
    '--secrets-dir': join(test.folder, 'secrets'),
    '--backup-folder': join(elsewhere, 'backups'),
    '--gateway-port': '0',
    '--control-port': '0',
    '--database-url': await createServerDatabase(cluster),
  };
  const config = loadConfig({ flags, env: {}, file: null });
  const said: string[] = [];
  const io = { out: (text: string) => void said.push(text), err: (text: string) => void said.push(text) };
  const code = await backupsHere.restore({ words: ['backup', 'restore', String(backup)], options: { '--json': true } }, config, io);
  expect(code, said.join('\n')).toBe(0);
  restored = await startServer(
    config,
    foldersOf(config, { isRoot: true, home: elsewhere }),
    createLogger('error', () => undefined),
  );
  expect(restored.isPending).toBe(true);
  const there = await dumped(String(restored.database.adminUrl), [...gone, ...kept]);
  // What was sealed of them is in the backup, for all who were in it.
  expect(there.filter((one) => gone.includes(one)).length + there.filter((one) => kept.includes(one)).length).toBeGreaterThan(10);
  expect(await opened(restored, gone)).toEqual({});
  expect(sum(await opened(restored, kept))).toBeGreaterThan(10);
}, 120_000);
