// What is left of an erased key after its epoch ended: every place is read byte by byte, and everything there is tried with every key there is.

import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isRefusal, type TenantId } from '#core';
import { codeOf, type OpenedVault, openVault } from '../test/opened-vault.ts';
import { newTenant, nodeRandom } from '../test/ports.ts';
import { tryEverything } from '../test/try-everything.ts';
import type { Vault } from '../vault.ts';
import { putBackKeys } from './put-back.ts';

let given: OpenedVault;
beforeAll(async () => {
  given = await openVault();
});
afterAll(() => given.close());

const PURPOSE = 'note';
const seal = (tenant: TenantId, subject: string, text: string, vault: Vault = given.vault): Promise<Uint8Array> =>
  given.database.db.inTenant(tenant, (tx) => vault.seal(tx, { tenant, subject, purpose: PURPOSE, plaintext: Buffer.from(text) }));
const open = async (tenant: TenantId, sealed: Uint8Array, vault: Vault = given.vault): Promise<string> =>
  Buffer.from(await given.database.db.inTenant(tenant, (tx) => vault.open(tx, { tenant, purpose: PURPOSE, sealed }))).toString();
const erase = (tenant: TenantId, subject: string): Promise<boolean> =>
  given.database.db.inTenant(tenant, (tx) => given.vault.eraseSubject(tx, { tenant, subject }));
const idOf = (sealed: Uint8Array): string => Buffer.from(sealed.subarray(1, 17)).toString('base64url');

/** Rows of the tables of keys as a dump holds them. */
async function dump(): Promise<Record<string, unknown>> {
  const tables = ['vault_tenant_keys', 'vault_subject_keys', 'vault_epochs', 'vault_erasures'];
  const rows = tables.map(async (table) => [table, await given.database.admin(`select * from ${table}`)] as const);
  return Object.fromEntries(await Promise.all(rows));
}

/** Every file that exists beside the key, as text, and every file of the cluster that names this key. */
async function filesNaming(id: string): Promise<readonly { name: string; bytes: Buffer }[]> {
  const [{ dir } = { dir: '' }] = await given.database.admin<{ dir: string }>("select current_setting('data_directory') as dir");
  await given.database.admin('checkpoint');
  const found: { name: string; bytes: Buffer }[] = [];
  for (const root of [dir, dirname(given.keyFile.path)]) {
    for (const name of await readdir(root, { recursive: true, withFileTypes: true })) {
      if (!name.isFile()) continue;
      const path = join(name.parentPath, name.name);
      const bytes = await readFile(path).catch(() => Buffer.alloc(0)); // gone between the two: a temporary file
      if (bytes.includes(id)) found.push({ name: path.slice(root.length), bytes });
    }
  }
  return found;
}

describe('an erasure and the end of its epoch', () => {
  test('leave nothing anywhere that opens the erased: files of Postgres, its log, a dump, and an older backup', async () => {
    const tenant = newTenant();
    const [gone, kept] = [await seal(tenant, 'customer:gone', 'about the gone'), await seal(tenant, 'customer:kept', 'about the kept')];
    const id = idOf(gone);
    const before = await dump();
    await erase(tenant, 'customer:gone');
    const attacker = { given, tenant, sealed: gone, purpose: PURPOSE, id };
    // Deleted, but the epoch lives: the bytes are still there and the keys open them. So the search sees what is there to be seen.
    const openedBefore = await tryEverything({ ...attacker, dumps: [before, await dump()], files: await filesNaming(id) });
    expect(openedBefore.places.length).toBeGreaterThan(0);
    expect(openedBefore.opened).toContain('dump 0');
    expect(openedBefore.opened.filter((place) => place.startsWith('/')).length).toBeGreaterThan(0);

    const report = await given.vault.rounds.changeEpoch();
    if (isRefusal(report)) throw new Error(report.code);
    expect(report.destroyed).toEqual([1]);
    const after = await tryEverything({ ...attacker, dumps: [before, await dump()], files: await filesNaming(id) });
    expect(after.tried).toBeGreaterThan(100);
    expect(after.opened).toEqual([]);
    expect(await open(tenant, kept)).toBe('about the kept');
    expect(await codeOf(open(tenant, gone))).toBe('VAULT_SUBJECT_ERASED');
    expect((await given.vault.keyStatus()).pending).toEqual({ erasures: 0, oldestAt: null });
  });

  test('a backup from before the epoch ended: survivors open when it is put back, the erased do not', async () => {
    const tenant = newTenant();
    const old = [
      await seal(tenant, 'customer:1', 'one'),
      await seal(tenant, 'customer:2', 'two'),
      await seal(tenant, 'customer:3', 'three'),
    ];
    const rows = await given.database.admin('select * from vault_subject_keys');
    const epochs = await given.database.admin('select * from vault_epochs');
    for (let round = 1; round <= 2; round += 1) {
      await erase(tenant, `customer:${round}`);
      expect(isRefusal(await given.vault.rounds.changeEpoch())).toBe(false);
    }
    const later = await seal(tenant, 'customer:4', 'four');
    await given.database.admin('delete from vault_subject_keys');
    await given.database.admin('delete from vault_epochs');
    await given.database.admin(
      'insert into vault_subject_keys select * from jsonb_populate_recordset(null::vault_subject_keys, $1::jsonb)',
      [JSON.stringify(hexed(rows))],
    );
    await given.database.admin('insert into vault_epochs select * from jsonb_populate_recordset(null::vault_epochs, $1::jsonb)', [
      JSON.stringify(epochs),
    ]);
    // As it is put back it is of another time, and no server starts on it.
    expect(await codeOf(given.reopen())).toBe('VAULT_EPOCH_MISSING');

    const putBack = await putBackKeys({ db: given.database.db, keyFile: given.keyFile, clock: given.clock, random: nodeRandom });
    expect(putBack.erased.map(({ key }) => key)).toEqual(expect.arrayContaining([idOf(old[0] as Uint8Array), idOf(old[1] as Uint8Array)]));
    for (const { tenant: of, key } of putBack.erased)
      await given.database.admin('delete from vault_subject_keys where tenant = $1 and id = $2', [of, key]);
    const vault = await given.reopen();
    expect(await codeOf(open(tenant, old[0] as Uint8Array, vault))).toBe('VAULT_SUBJECT_ERASED');
    expect(await codeOf(open(tenant, old[1] as Uint8Array, vault))).toBe('VAULT_SUBJECT_ERASED');
    expect(await open(tenant, old[2] as Uint8Array, vault)).toBe('three');
    // Made after the backup: its row was not in it.
    expect(await codeOf(open(tenant, later, vault))).toBe('VAULT_SUBJECT_ERASED');
    expect(await open(tenant, await seal(tenant, 'customer:5', 'five', vault), vault)).toBe('five');
  });
});

const hexed = (rows: readonly Record<string, unknown>[]): unknown =>
  rows.map((row) =>
    Object.fromEntries(Object.entries(row).map(([name, value]) => [name, Buffer.isBuffer(value) ? `\\x${value.toString('hex')}` : value])),
  );
