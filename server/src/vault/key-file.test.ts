import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { newKey } from './envelope.ts';
import { createKeyFile, type KeyFileLocation, readKeyFile, replaceKeyFile } from './key-file.ts';
import { nodeRandom } from './test/ports.ts';

let folder: string;
let at: KeyFileLocation;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vault-key-'));
  await mkdir(join(folder, 'data'));
  at = { path: join(folder, 'secrets', 'vault.key'), dataDir: join(folder, 'data') };
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const outcome = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    (value) => value,
    (error: { code: string }) => error.code,
  );

describe('the key file', () => {
  test('is made with mode 0600 in a folder of mode 0700, and read back the same', async () => {
    expect(await readKeyFile(at)).toBeNull();
    const made = await createKeyFile(at, nodeRandom);
    const read = await readKeyFile(at);
    expect(read?.id).toBe(made.id);
    expect(read?.key.equals(made.key)).toBe(true);
    expect((await stat(at.path)).mode & 0o777).toBe(0o600);
    expect((await stat(join(folder, 'secrets'))).mode & 0o777).toBe(0o700);
    expect(await readdir(join(folder, 'secrets'))).toEqual(['vault.key']);
    expect(Object.keys(JSON.parse(await readFile(at.path, 'utf8')))).toEqual(['kind', 'id', 'key']);
  });

  test('of many makers at once one wins and all hold the same key', async () => {
    const made = await Promise.all(Array.from({ length: 8 }, () => createKeyFile(at, nodeRandom)));
    expect(new Set(made.map((key) => key.id)).size).toBe(1);
  });

  test('is never overwritten', async () => {
    const first = await createKeyFile(at, nodeRandom);
    const before = await readFile(at.path, 'utf8');
    expect((await createKeyFile(at, nodeRandom)).id).toBe(first.id);
    expect(await readFile(at.path, 'utf8')).toBe(before);
  });

  test.each([
    ['others may read it', () => chmod(at.path, 0o640)],
    ['others may write it', () => chmod(at.path, 0o602)],
    ['it is empty', () => writeFile(at.path, '')],
    ['it is too large', () => writeFile(at.path, 'x'.repeat(2_000))],
    ['it is not JSON', () => writeFile(at.path, 'rubbish')],
    ['it is of another kind', async () => writeFile(at.path, (await readFile(at.path, 'utf8')).replace('sallyport-vault-key', 'other'))],
    [
      'one character of the key changed',
      async () =>
        writeFile(
          at.path,
          (await readFile(at.path, 'utf8')).replace(/("key":")(.)/, (_all, name, first) => name + (first === 'A' ? 'B' : 'A')),
        ),
    ],
    ['it names another id', async () => writeFile(at.path, (await readFile(at.path, 'utf8')).replace(/kek_./, 'kek_x'))],
    ['it is cut', async () => writeFile(at.path, (await readFile(at.path, 'utf8')).slice(0, 60))],
    ['it holds more than it should', async () => writeFile(at.path, (await readFile(at.path, 'utf8')).replace('{', '{"extra":1,'))],
  ])('is refused when %s', async (_what, damage) => {
    await createKeyFile(at, nodeRandom);
    await damage();
    expect(await outcome(readKeyFile(at))).toBe('VAULT_KEY_FILE_UNUSABLE');
  });

  test('is refused as a link and as a folder', async () => {
    await createKeyFile(at, nodeRandom);
    const linked = { ...at, path: join(folder, 'link.key') };
    await symlink(at.path, linked.path);
    expect(await outcome(readKeyFile(linked))).toBe('VAULT_KEY_FILE_UNUSABLE');
    expect(await outcome(readKeyFile({ ...at, path: join(folder, 'secrets') }))).toBe('VAULT_KEY_FILE_UNUSABLE');
  });

  test.each(['data/vault.key', 'data/deep/vault.key', 'data/../data/vault.key', 'alias/vault.key'])(
    'is refused inside the data folder, as %s',
    async (path) => {
      await symlink(join(folder, 'data'), join(folder, 'alias'));
      const inside = { ...at, path: join(folder, path) };
      expect(await outcome(createKeyFile(inside, nodeRandom))).toBe('VAULT_KEY_FILE_UNUSABLE');
      expect(await outcome(readKeyFile(inside))).toBe('VAULT_KEY_FILE_UNUSABLE');
    },
  );

  test('that was rotated while somebody typed a passphrase for it is not put back to the key from before', async () => {
    const { id, key } = await createKeyFile(at, nodeRandom);
    const sealer = {
      open: async (_seal: unknown, _id: string, sealed: Uint8Array) => sealed,
      seal: async (seal: { readonly by: string }, _id: string, bytes: Uint8Array) => {
        const sealed = Buffer.from(bytes);
        await replaceKeyFile(at, { key: newKey(nodeRandom), of: id, wanted: { by: 'file' } }, nodeRandom);
        return { seal, sealed };
      },
    };
    const typed = replaceKeyFile({ ...at, sealer }, { key, of: id, wanted: { by: 'passphrase' } }, nodeRandom);
    expect(await outcome(typed)).toBe('VAULT_KEY_FILE_UNUSABLE');
    expect((await readKeyFile(at))?.id).not.toBe(id);
  });

  test('beside a data folder of a similar name it is fine', async () => {
    expect(await outcome(createKeyFile({ ...at, path: join(folder, 'data-secrets', 'vault.key') }, nodeRandom))).toMatchObject({
      id: expect.stringMatching(/^kek_/),
    });
  });

  test('what is said about it names no part of the key', async () => {
    await createKeyFile(at, nodeRandom);
    const { key } = JSON.parse(await readFile(at.path, 'utf8')) as { key: string };
    await chmod(at.path, 0o644);
    const error = await readKeyFile(at).catch((caught: Error) => caught);
    expect(String(error)).not.toContain(key.slice(0, 8));
    expect(String(error)).toContain('chmod 600');
  });
});
