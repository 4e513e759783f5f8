import { chmod, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { inspectRowSecurity } from '#storage';
import { createKeyFile } from './key-file.ts';
import { codeOf, type OpenedVault, openVault } from './test/opened-vault.ts';
import { newTenant, nodeRandom } from './test/ports.ts';

let given: OpenedVault;
beforeEach(async () => {
  given = await openVault();
});
afterEach(() => given.close());

const useIt = async (): Promise<void> => {
  const tenant = newTenant();
  await given.database.db.inTenant(tenant, (tx) => given.vault.seal(tx, { tenant, subject: null, purpose: 'p', plaintext: Buffer.of(1) }));
};

describe('starting the vault', () => {
  test('makes a key file the first time and uses it ever after', async () => {
    expect((await given.reopen()).keyId).toBe(given.vault.keyId);
    await useIt();
    expect((await given.reopen()).keyId).toBe(given.vault.keyId);
  });

  test('refuses to make a new key file for a database that holds keys, and works again when the old one is back', async () => {
    await useIt();
    await rename(given.keyFile.path, `${given.keyFile.path}.away`);
    expect(await codeOf(given.reopen())).toBe('VAULT_KEY_FILE_UNUSABLE');
    expect(await readFile(given.keyFile.path).catch(() => 'still missing')).toBe('still missing');
    await rename(`${given.keyFile.path}.away`, given.keyFile.path);
    expect((await given.reopen()).keyId).toBe(given.vault.keyId);
  });

  test('refuses another key file, one others may read, and a damaged one', async () => {
    await useIt();
    const right = await readFile(given.keyFile.path, 'utf8');
    await chmod(given.keyFile.path, 0o644);
    expect(await codeOf(given.reopen())).toBe('VAULT_KEY_FILE_UNUSABLE');
    await writeFile(given.keyFile.path, right.slice(0, -20));
    await chmod(given.keyFile.path, 0o600);
    expect(await codeOf(given.reopen())).toBe('VAULT_KEY_FILE_UNUSABLE');
    await rm(given.keyFile.path);
    await createKeyFile(given.keyFile, nodeRandom);
    const refusal = given.reopen();
    expect(await codeOf(refusal)).toBe('VAULT_KEY_FILE_UNUSABLE');
    await expect(refusal).rejects.toThrow('another key file');
  });

  test('derives the same bytes for the same use, others for another, and never the key itself', async () => {
    const other = await given.reopen();
    const pepper = given.vault.derive('pepper of API keys');
    expect(pepper).toHaveLength(32);
    expect(other.derive('pepper of API keys')).toEqual(pepper);
    expect(other.derive('something else')).not.toEqual(pepper);
    expect(await readFile(given.keyFile.path, 'utf8')).not.toContain(Buffer.from(pepper).toString('base64url'));
  });

  test('its tables stand behind the tenant wall', async () => {
    const { tenantTables, holes } = await inspectRowSecurity(given.database.db, ['vault_epochs']);
    expect(holes).toEqual([]);
    expect(tenantTables.filter((name) => name.includes('vault_')).length).toBe(10);
  });
});
