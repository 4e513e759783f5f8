// Files of keys that are older than they should be, or were left by a kill: an older one never takes the place of a newer one.

import { copyFile, mkdir, readdir, readFile, rm, rmdir, truncate, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { TenantId } from '#core';
import { newKey } from '../envelope.ts';
import { type KeyFileLocation, type MasterKey, readKeyFile } from '../key-file.ts';
import { codeOf, type OpenedVault, openVault } from '../test/opened-vault.ts';
import { newTenant, nodeRandom } from '../test/ports.ts';
import { createVault, type Vault } from '../vault.ts';
import { holdKeys } from './held-keys.ts';
import { epochId } from './key-box.ts';
import { putBackKeys } from './put-back.ts';

let given: OpenedVault;
let keyFile: KeyFileLocation;
let secrets: string;
let copies: string;
const opened: Vault[] = [];
beforeEach(async () => {
  given = await openVault();
  secrets = dirname(given.keyFile.path);
  copies = join(dirname(secrets), 'backups');
  keyFile = { ...given.keyFile, copyAt: copies };
});
afterEach(async () => {
  for (const vault of opened.splice(0)) await vault.close();
  await given.close();
});

async function start(): Promise<Vault> {
  const vault = await createVault({
    db: given.database.db,
    keyFile,
    clock: given.clock,
    random: nodeRandom,
    mayHold: async () => null,
  });
  opened.push(vault);
  return vault;
}
const seal = (vault: Vault, tenant: TenantId, subject: string): Promise<Uint8Array> =>
  given.database.db.inTenant(tenant, (tx) => vault.seal(tx, { tenant, subject, purpose: 'note', plaintext: Buffer.from(subject) }));
const open = async (vault: Vault, tenant: TenantId, sealed: Uint8Array): Promise<string> =>
  Buffer.from(await given.database.db.inTenant(tenant, (tx) => vault.open(tx, { tenant, purpose: 'note', sealed }))).toString();
const putBack = () => putBackKeys({ db: given.database.db, keyFile, clock: given.clock, random: nodeRandom });

const FILES = ['vault-epochs', 'vault-survivors'];
async function keep(): Promise<() => Promise<void>> {
  const texts = await Promise.all(FILES.map((name) => readFile(join(secrets, name))));
  return async () => {
    for (const [nth, name] of FILES.entries()) await writeFile(join(secrets, name), texts[nth] as Buffer, { mode: 0o600 });
  };
}
const copyOf = async (name: string): Promise<string> =>
  join(copies, (await readdir(copies)).find((one) => one.endsWith(`.${name}`)) as string);

describe('an older key box than the database', () => {
  test('is refused at the start, and leaves the newer copy beside the backups as it is', async () => {
    const tenant = newTenant();
    const vault = await start();
    const sealed = await seal(vault, tenant, 'customer:1');
    await vault.rounds.changeEpoch();
    const putOlder = await keep();
    await vault.rounds.changeEpoch();
    const copy = await readFile(await copyOf('vault-epochs'));
    await putOlder();
    expect(await codeOf(start())).toBe('VAULT_EPOCH_MISSING');
    expect(await readFile(await copyOf('vault-epochs'))).toEqual(copy);
    for (const name of FILES) await copyFile(await copyOf(name), join(secrets, name));
    expect(await open(await start(), tenant, sealed)).toBe('customer:1');
  });

  test('under a running server is not written on, and another installation with a copy of these keys is no reason to refuse', async () => {
    const tenant = newTenant();
    const vault = await start();
    const sealed = await seal(vault, tenant, 'customer:1');
    await vault.rounds.changeEpoch();
    const putOlder = await keep();
    await vault.rounds.changeEpoch();
    const putNewer = await keep();
    const copy = await copyOf('vault-epochs');
    const newer = await readFile(copy);
    await putOlder();
    expect(await codeOf(vault.rounds.rotateFile())).toBe('VAULT_EPOCH_MISSING');
    expect(await readFile(copy)).toEqual(newer);
    // As an installation that was restored elsewhere from the older files would go on.
    const other = await holdKeys({ ...keyFile, copyAt: null }, (await readKeyFile(keyFile)) as MasterKey, nodeRandom);
    const key = newKey(nodeRandom);
    const epochs = [{ epoch: 3, id: epochId(key), key, madeAt: '2026-01-01T00:00:00.000Z' }];
    for (let nth = 0; nth < 20; nth += 1) await other.store({ ...other.box(), epochs });
    await copyFile(join(secrets, 'vault-epochs'), copy);
    const others = await readFile(copy);
    await putNewer();
    const next = await start();
    expect(await open(next, tenant, sealed)).toBe('customer:1');
    // Both are kept.
    expect(await readFile(copy)).toEqual(others);
    expect((await readdir(copies)).filter((name) => name.endsWith('.vault-epochs'))).toHaveLength(2);
    expect(await next.copies()).toEqual({ fault: null, others: 1 });
  });

  test('of an installation that was restored elsewhere is kept beside that of the one it came from, and each finds its own', async () => {
    const vault = await start();
    await seal(vault, newTenant(), 'customer:1');
    await vault.rounds.changeEpoch();
    const [original, box] = [await copyOf('vault-epochs'), await readFile(await copyOf('vault-epochs'))];
    const elsewhere = join(dirname(secrets), 'elsewhere');
    await mkdir(elsewhere, { mode: 0o700 });
    await copyFile(keyFile.path, join(elsewhere, 'vault.key'));
    const here = keyFile;
    keyFile = { ...here, path: join(elsewhere, 'vault.key') };
    await putBack();
    const other = await holdKeys(keyFile, (await readKeyFile(keyFile)) as MasterKey, nodeRandom);
    const key = newKey(nodeRandom);
    await other.store({ ...other.box(), closed: 7, epochs: [{ epoch: 8, id: epochId(key), key, madeAt: '2026-01-01T00:00:00.000Z' }] });
    expect(await readFile(original)).toEqual(box);
    expect((await readdir(copies)).filter((name) => name.endsWith('.vault-epochs'))).toHaveLength(2);
    // The machine of the original is lost: of the two, what fits its database is brought back.
    for (const name of FILES) await rm(join(secrets, name));
    keyFile = here;
    await putBack();
    expect((await holdKeys(here, (await readKeyFile(here)) as MasterKey, nodeRandom)).box().epochs.map(({ epoch }) => epoch)).toEqual([2]);
    await start();
  });

  test('a folder of backups that can not be written stops no start: it is told, no epoch ends meanwhile, and it is made up for', async () => {
    await writeFile(copies, 'a file where the folder should be');
    const vault = await start();
    expect(await vault.copies()).toEqual({ fault: 'VAULT_KEY_BOX_UNUSABLE', others: 0 });
    expect(await codeOf(vault.rounds.changeEpoch())).toBe('VAULT_KEY_BOX_UNUSABLE');
    const next = await start();
    await rm(copies);
    await next.rounds.keepCopies();
    expect(await next.copies()).toEqual({ fault: null, others: 0 });
    expect(await readFile(await copyOf('vault-epochs'))).toEqual(await readFile(join(secrets, 'vault-epochs')));
    expect(await codeOf(next.rounds.changeEpoch())).toBe('done');
  });

  test('gives way to the newer copy beside the backups in a restore, and without one the restore is refused', async () => {
    const tenant = newTenant();
    const vault = await start();
    const first = await seal(vault, tenant, 'customer:1');
    await vault.rounds.changeEpoch();
    const putOlder = await keep();
    const second = await seal(vault, tenant, 'customer:2');
    await vault.rounds.changeEpoch();
    await putOlder();
    const withCopies = keyFile;
    keyFile = given.keyFile;
    expect(await codeOf(putBack())).toBe('VAULT_EPOCH_MISSING');
    keyFile = withCopies;
    expect((await putBack()).erased).toEqual([]);
    const next = await start();
    expect([await open(next, tenant, first), await open(next, tenant, second)]).toEqual(['customer:1', 'customer:2']);
    await next.rounds.changeEpoch();
    expect(await open(next, tenant, second)).toBe('customer:2');
  });
});

describe('the list of survivors', () => {
  test('that the box names is there for a restore when a round was killed between the two', async () => {
    const tenant = newTenant();
    const vault = await start();
    const sealed = await seal(vault, tenant, 'customer:1');
    await vault.rounds.changeEpoch();
    // The box can not be written once the list is.
    const blocked = vault.rounds.changeEpoch(async ({ step }) => {
      if (step === 'wrapped') await mkdir(join(secrets, 'vault-epochs.old'));
    });
    expect(await codeOf(blocked)).toBe('VAULT_KEY_BOX_UNUSABLE');
    await rmdir(join(secrets, 'vault-epochs.old'));
    expect((await putBack()).erased).toEqual([]);
    const next = await start();
    expect(await next.rounds.resume()).toBe(null);
    expect(await open(next, tenant, sealed)).toBe('customer:1');
    expect((await readdir(secrets)).toSorted()).toEqual(['vault-epochs', 'vault-survivors', 'vault.key']);
  });

  test('leaves no drafts when it can not be written, and takes away those of a killed writer', async () => {
    const vault = await start();
    await seal(vault, newTenant(), 'customer:1');
    await writeFile(join(secrets, 'vault-survivors.new-0123456789ab'), 'half');
    const blocked = vault.rounds.changeEpoch(async ({ step }) => {
      if (step === 'wrapped')
        for (const name of ['vault-survivors', 'vault-survivors.next'])
          await mkdir((await copyOf('vault-epochs')).replace('vault-epochs', name));
    });
    expect(await codeOf(blocked)).toBe('VAULT_SURVIVORS_UNUSABLE');
    const left = [...(await readdir(secrets)), ...(await readdir(copies))];
    expect(left.filter((name) => name.includes('.new-'))).toEqual([]);
  });

  test('of millions of people does not keep a server from starting', async () => {
    const vault = await start();
    await seal(vault, newTenant(), 'customer:1');
    await vault.rounds.changeEpoch();
    await truncate(join(secrets, 'vault-survivors'), 513 * 1024 * 1024);
    expect(await codeOf(start().then(() => undefined))).toBe('done');
    // It is also not the one that the box names, and the copy is.
    expect(await readFile(join(secrets, 'vault-survivors'))).toEqual(await readFile(await copyOf('vault-survivors')));
  }, 20_000);
});
