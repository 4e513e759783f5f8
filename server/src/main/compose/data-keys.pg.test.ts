// What the clock does with the keys: an erasure that waited long enough is made final, a round that was killed is gone on with.

import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fixedClock, temporaryFolder, testDatabase } from '@sallyport/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type JsonObject, newId, type TenantId } from '#core';
import { migrations as storageMigrations } from '#storage';
import { createVault, sealedColumns, type Vault, migrations as vaultMigrations } from '#vault';
import { createLogger } from '../logger.ts';
import { systemRandom } from '../world.ts';
import { createDataKeys } from './data-keys.ts';

const HOUR_MS = 60 * 60_000;
const clock = fixedClock();
const told: [string, JsonObject][] = [];
let vault: Vault;
let database: Awaited<ReturnType<typeof testDatabase>>;
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let tenant: TenantId;
beforeAll(async () => {
  folder = await temporaryFolder('data-keys-');
  await mkdir(join(folder.path, 'data'));
  database = await testDatabase([...storageMigrations, ...vaultMigrations]);
  const keyFile = { path: join(folder.path, 'secrets', 'kek'), dataDir: join(folder.path, 'data'), copyAt: join(folder.path, 'backups') };
  vault = await createVault({ db: database.db, keyFile, clock, random: systemRandom, mayHold: async () => null });
  tenant = newId('ten', clock, systemRandom);
});
afterAll(async () => {
  await vault.close();
  await database.close();
  await folder.remove();
});

const keysOf = (everyHours: number) =>
  createDataKeys({
    reencryption: vault.reencryption({ columns: sealedColumns, follow: {} }, database.db),
    ...{ vault, clock, everyHours, mayKeep: true, logger: createLogger('error', () => undefined) },
    tell: async (type, { actor, facts }) => void told.push([type, { actor, ...facts }]),
  });
const eraseSomebody = (name: string) =>
  database.db.inTenant(tenant, async (tx) => {
    await vault.seal(tx, { tenant, subject: name, purpose: 'note', plaintext: Buffer.from('x') });
    await vault.eraseSubject(tx, { tenant, subject: name });
  });
const pending = async (): Promise<number> => (await vault.keyStatus()).pending.erasures;

test('an erasure is made final once it has waited as long as it may, and by nobody else’s clock', async () => {
  const [daily, asked] = [keysOf(24), keysOf(0)];
  await eraseSomebody('customer:1');
  await daily.look();
  clock.advance(23 * HOUR_MS);
  await daily.look();
  expect([await pending(), told]).toEqual([1, []]);
  clock.advance(2 * HOUR_MS);
  await asked.look();
  expect(await pending()).toBe(1);
  await daily.look();
  expect([await pending(), told]).toEqual([0, [['vault.epoch.changed', { actor: 'system:keys', epoch: 2, wrapped: 0, destroyed: 1 }]]]);
  await daily.look();
  expect(told).toHaveLength(1);
});

test('a round that was broken off is gone on with, and a second one is not begun beside it', async () => {
  await eraseSomebody('customer:2');
  const stopped = vault.rounds.changeEpoch(({ step }) => {
    if (step === 'epoch current') throw new Error('stopped');
  });
  await expect(stopped).rejects.toThrow('stopped');
  const keys = keysOf(0);
  const person = { tenant, person: 'per_1' } as never;
  const looking = keys.look();
  await looking;
  expect(await pending()).toBe(0);
  expect(await vault.rounds.isOpen()).toBe(false);
  const [first, second] = [await keys.ports.begin(person, 'rewrap'), await keys.ports.begin(person, 'tenants')];
  expect([first, second]).toMatchObject([{ kind: 'rewrap' }, { code: 'VAULT_ROUND_BUSY' }]);
  await keys.settled();
  expect((await keys.ports.show()).last).toMatchObject({ kind: 'rewrap', ok: true });
});

test('copies beside the backups that can not be written are told once, no epoch ends meanwhile, and they are made up for', async () => {
  told.length = 0;
  const keys = keysOf(24);
  const copies = join(folder.path, 'backups');
  await rm(copies, { recursive: true });
  await writeFile(copies, 'a file where the folder should be');
  await eraseSomebody('customer:3');
  clock.advance(25 * HOUR_MS);
  await keys.look();
  await keys.look();
  expect(told.map(([type, facts]) => [type, facts.code])).toEqual([['vault.key_box.copy_failed', 'VAULT_KEY_BOX_UNUSABLE']]);
  expect(await pending()).toBe(1);
  await rm(copies);
  await keys.look();
  expect([await pending(), (await vault.copies()).fault, told.length]).toEqual([0, null, 1]);
});

test('everything is sealed anew when asked, is gone on with by the clock, and is told', async () => {
  const keys = keysOf(0);
  const person = { tenant, person: 'per_1' } as never;
  const before = told.length;
  expect(await keys.ports.reencrypt(person, { tenant, destroyOlder: false })).toEqual({ kind: 're-encrypt' });
  await keys.settled();
  expect((await keys.ports.show()).last).toMatchObject({ kind: 're-encrypt', ok: true, report: { tenants: 1 } });
  const other = vault.reencryption({ columns: sealedColumns, follow: {} }, database.db);
  expect(await other.begin(tenant, 'per_2')).toBe(null); // by a process that is gone
  await keys.look();
  expect(await keys.ports.reencryption()).toMatchObject({ minimum: 1, tenants: [{ tenant, generation: 3, state: 'done' }] });
  expect(await keys.ports.setMinimum(person, 2)).toEqual({ before: 1, after: 2 });
  expect(await keys.ports.reencrypt(person, { tenant, destroyOlder: true })).toEqual({ kind: 'destroy-older' });
  await keys.settled();
  expect(told.slice(before).map(([type, { actor }]) => [type, actor])).toEqual([
    ['vault.reencryption.begun', 'per_1'],
    ['vault.values.sealed_anew', 'per_1'],
    ['vault.values.sealed_anew', 'system:keys'],
    ['vault.minimum.changed', 'per_1'],
    ['vault.keys.older_destroyed', 'per_1'],
  ]);
});
