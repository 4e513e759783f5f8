// Imports of datasets against a real database: memory that does not grow with the file, rows that join by tokens of the purpose, no card number
// anywhere at any time, and nothing left of an import that was killed.

import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fixedClock, temporaryFolder, testDatabase } from '@sallyport/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isRefusal, newId, type TenantId } from '#core';
import { createDatasets, type Datasets, migrations as governanceMigrations } from '#governance';
import { migrations as storageMigrations } from '#storage';
import { createVault, type Vault, migrations as vaultMigrations } from '#vault';
import { systemDigest, systemHasher, systemRandom } from '../world.ts';
import { loadNameLists } from './name-lists.ts';

const clock = fixedClock();
const lists = loadNameLists();
const PERSON = 'per_018cc251-f400-7000-8000-000000000001';
const held = { now: 0, most: 0 };
let vault: Vault;
let database: Awaited<ReturnType<typeof testDatabase>>;
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let datasets: Datasets;

beforeAll(async () => {
  folder = await temporaryFolder('imports-');
  await mkdir(join(folder.path, 'data'));
  database = await testDatabase([...storageMigrations, ...vaultMigrations, ...governanceMigrations]);
  const keyFile = { path: join(folder.path, 'secrets', 'kek'), dataDir: join(folder.path, 'data') };
  vault = await createVault({ db: database.db, keyFile, clock, random: systemRandom, mayHold: async () => null });
  datasets = createDatasets({
    ...{ db: database.db, vault, clock, random: systemRandom, lists, digest: systemDigest, hasher: systemHasher },
    optOuts: { among: async () => new Set() },
    limits: { rows: 4_500, bytes: 4 * 1024 * 1024 },
    onHeld: (rows) => {
      held.most = Math.max(held.most, rows);
    },
  });
});
afterAll(async () => {
  await vault.close();
  await database.close();
  await folder.remove();
});

const newTenant = (): TenantId => newId('ten', clock, systemRandom);
const by = (tenant: TenantId) => ({ tenant, actor: PERSON, seal: async () => Buffer.from('sealed') });
const reader = { person: PERSON, roles: ['owner'], isManager: true };
const said = { source: '', licence: '', subject: null, labels: {} };
/** A file in pieces of odd lengths. */
async function* inPieces(text: string, size = 1_777): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.byteLength; at += size) yield bytes.subarray(at, at + size);
}
const line = (nth: number): string => `c-${nth},kim${nth}@example.com,${nth}.00,"called, twice"\n`;
const HEAD = 'customer_id,email,total,note\n';
const table = (rows: number): string => HEAD + Array.from({ length: rows }, (_, nth) => line(nth)).join('');
const importText = (tenant: TenantId, name: string, text: string, purpose = 'training') =>
  datasets.import(by(tenant), { ...said, name, format: 'csv', purpose, bytes: inPieces(text) });
const read = async (tenant: TenantId, name: string) => {
  const page = await datasets.read(tenant, reader, { name, columns: null, after: 0, limit: 500, raw: false, use: null, isExport: false });
  if (isRefusal(page)) throw new Error(page.code);
  return page;
};
const counts = async (tenant: TenantId) =>
  (
    await database.admin(
      `select (select count(*)::int from governance_dataset_rows where tenant = $1) as rows,
        (select count(*)::int from governance_dataset_pieces where tenant = $1) as pieces,
        (select count(*)::int from governance_dataset_imports where tenant = $1) as imports`,
      [tenant],
    )
  )[0];

describe('an import', () => {
  it('[R2] holds no more rows of a file of 4,000 than of one of 1,000, and hashes the bytes that came', async () => {
    const most: number[] = [];
    for (const rows of [1_000, 4_000]) {
      const tenant = newTenant();
      held.most = 0;
      const text = table(rows);
      const done = await importText(tenant, 'customers', text);
      expect(done).toMatchObject({ rows, bytes: Buffer.byteLength(text), hash: createHash('sha256').update(text).digest('hex') });
      expect(await counts(tenant)).toEqual({ rows, pieces: 0, imports: 0 });
      most.push(held.most);
    }
    expect(most[1]).toBe(most[0]);
    expect(most[0]).toBeLessThan(600);
  });

  it('[D2] joins with another one of the same purpose by tokens, and with none of another purpose', async () => {
    const tenant = newTenant();
    for (const [name, purpose] of [
      ['one', 'training'],
      ['two', 'Training '],
      ['three', 'fraud'],
      ['four', ''],
      ['five', ''],
    ] as const)
      await importText(tenant, name, table(2), purpose);
    const emails = new Map<string, unknown>();
    for (const name of ['one', 'two', 'three', 'four', 'five']) {
      const { rows } = await read(tenant, name);
      emails.set(name, rows[0]?.email);
      expect(rows[0]?.email).toMatch(/^email_address_[\w-]{22}$/);
      expect(rows[0]?.total).toBe('0.00');
    }
    expect(emails.get('one')).toBe(emails.get('two'));
    expect(new Set(emails.values()).size).toBe(4);
    expect((await read(tenant, 'one')).rows[0]?.email).toBe(emails.get('one'));
  });

  it('keeps no card number, not even while it waits, and says how many there were', async () => {
    const tenant = newTenant();
    const text = `customer_id,note,card\nc-1,"paid with 4242 4242 4242 4242 cvv 123",4111111111111111\nc-2,nothing,5500005555555559\n`;
    const seen: string[] = [];
    const bytes = async function* (): AsyncGenerator<Uint8Array> {
      yield Buffer.from(text);
      // What stands in the database while the file is still coming.
      seen.push(JSON.stringify(await database.admin('select * from governance_dataset_pieces')));
    };
    const labels = { note: 'conversation' };
    const done = await datasets.import(by(tenant), { ...said, labels, name: 'orders', format: 'csv', purpose: 'x', bytes: bytes() });
    expect(done).toMatchObject({ rows: 2, cardsDropped: 3, codesDropped: 1 });
    const [window] = [await datasets.openRaw(by(tenant), { name: 'orders', reason: 'case 7', minutes: 5 })];
    expect(isRefusal(window)).toBe(false);
    const page = await datasets.read(tenant, reader, {
      ...{ name: 'orders', columns: null, after: 0, limit: 10, raw: true, use: null, isExport: false },
    });
    expect(page).toMatchObject({
      rows: [
        { customer_id: 'c-1', note: 'paid with [card ending 4242] cvv [code not kept]', card: '[not kept]' },
        { customer_id: 'c-2', note: 'nothing', card: '[not kept]' },
      ],
    });
    expect(seen.join('')).not.toMatch(/4242|4111/);
  });

  it('that is refused half way, or breaks off, leaves nothing; the version that is read stays', async () => {
    const tenant = newTenant();
    await importText(tenant, 'customers', table(3));
    expect(await importText(tenant, 'customers', `${table(1_200)}broken\n`)).toMatchObject({ code: 'GOVERNANCE_DATASET_UNREADABLE' });
    expect(await importText(tenant, 'customers', table(4_501))).toMatchObject({ code: 'GOVERNANCE_DATASET_FULL' });
    expect(await importText(tenant, 'other', table(4_498))).toMatchObject({ code: 'GOVERNANCE_DATASET_FULL' });
    const broken = async function* (): AsyncGenerator<Uint8Array> {
      yield Buffer.from(table(1_500));
      throw new Error('the client went away');
    };
    const input = { ...said, name: 'customers', format: 'csv' as const, purpose: '', bytes: broken() };
    await expect(datasets.import(by(tenant), input)).rejects.toThrow('went away');
    expect(await counts(tenant)).toEqual({ rows: 3, pieces: 0, imports: 0 });
    expect((await read(tenant, 'customers')).rows).toHaveLength(3);
  });

  it('are ended when somebody is erased, also while a batch is being sealed: nothing of the file stays, and it is imported again', async () => {
    const tenant = newTenant();
    await importText(tenant, 'kept', table(3));
    const running = importText(tenant, 'first', table(4_000));
    await expect.poll(async () => (await datasets.importing(tenant, 'first'))[0]?.phase, { timeout: 10_000, interval: 5 }).toBe('sealing');
    expect(await datasets.stopImports(tenant)).toBe(1);
    expect(await running).toMatchObject({ code: 'GOVERNANCE_DATASET_BUSY' });
    expect(await counts(tenant)).toEqual({ rows: 3, pieces: 0, imports: 0 });
    expect(await importText(tenant, 'first', table(2))).toMatchObject({ version: 1, rows: 2 });
  });

  it('whose process was killed is swept once nothing was heard of it for ten minutes, and one that runs is not', async () => {
    const tenant = newTenant();
    let kill = (): void => undefined;
    const stuck = new Promise<void>((_, reject) => {
      kill = () => reject(new Error('swept'));
    });
    const half = async function* (): AsyncGenerator<Uint8Array> {
      yield Buffer.from(table(1_500));
      await stuck;
    };
    const running = datasets.import(by(tenant), { ...said, name: 'first', format: 'csv', purpose: '', bytes: half() });
    const settled = running.then(
      () => 'done',
      () => 'broken',
    );
    await expect
      .poll(async () => (await datasets.importing(tenant, 'first'))[0]?.rows ?? 0, { timeout: 10_000 })
      .toBeGreaterThanOrEqual(1_000);
    expect(await datasets.sweep(tenant)).toBe(0);
    // Rows of a second round, as the killed process would have left them.
    const [one] = await datasets.importing(tenant, 'first');
    await database.admin(
      `insert into governance_dataset_rows (tenant, dataset, version, row_number, sealed) values ($1, 'first', $2, 1, '\\x00')`,
      [tenant, one?.rowsVersion],
    );
    clock.advance(11 * 60_000);
    expect(await datasets.sweep(tenant)).toBe(1);
    expect(await counts(tenant)).toEqual({ rows: 0, pieces: 0, imports: 0 });
    kill();
    expect(await settled).toBe('broken');
    // A new one of the same name begins with nothing.
    expect(await importText(tenant, 'first', table(2))).toMatchObject({ version: 1, rows: 2 });
    expect(await counts(tenant)).toEqual({ rows: 2, pieces: 0, imports: 0 });
  });
});
