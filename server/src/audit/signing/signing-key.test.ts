// The key file: made once, never overwritten, never used when others could have read it.

import { generateKeyPairSync } from 'node:crypto';
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createFileAnchor } from '../anchor.ts';
import { formatCheckpoint } from './note.ts';
import { createSigningKeyFile, loadSigningKey } from './signing-key.ts';

const folder = mkdtempSync(join(tmpdir(), 'sallyport-key-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;
const fresh = (): string => join(folder, `key-${files++}`);

describe('the signing key file', () => {
  it('is created for its owner only and gives the same signer each time', () => {
    const path = fresh();
    createSigningKeyFile(path);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const signer = loadSigningKey(path);
    expect(signer.name).toMatch(/^sallyport\.local\/log\/[0-9a-f]{16}$/);
    expect(loadSigningKey(path).sign('x\n')).toBe(signer.sign('x\n'));
  });

  it('is never overwritten, not even through a link', () => {
    const path = fresh();
    createSigningKeyFile(path);
    const before = readFileSync(path);
    expect(() => createSigningKeyFile(path)).toThrow(expect.objectContaining({ code: 'AUDIT_KEY_EXISTS' }));
    const link = fresh();
    symlinkSync(join(folder, 'elsewhere'), link);
    expect(() => createSigningKeyFile(link)).toThrow(expect.objectContaining({ code: 'AUDIT_KEY_EXISTS' }));
    expect(readFileSync(path)).toEqual(before);
  });

  it.each([
    ['missing', () => undefined],
    ['empty', (path: string) => writeFileSync(path, '', { mode: 0o600 })],
    ['no key', (path: string) => writeFileSync(path, 'not a key', { mode: 0o600 })],
    ['far too long', (path: string) => writeFileSync(path, 'x'.repeat(10_000), { mode: 0o600 })],
    [
      'readable by others',
      (path: string) => {
        createSigningKeyFile(path);
        chmodSync(path, 0o640);
      },
    ],
    [
      'a key of another kind',
      (path: string) => {
        const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
        writeFileSync(path, privateKey.export({ format: 'pem', type: 'pkcs8' }), { mode: 0o600 });
      },
    ],
    [
      'a link to a good key',
      (path: string) => {
        createSigningKeyFile(`${path}-target`);
        symlinkSync(`${path}-target`, path);
      },
    ],
  ])('is refused when it is %s', (_, prepare) => {
    const path = fresh();
    prepare(path);
    expect(() => loadSigningKey(path)).toThrow(expect.objectContaining({ code: 'AUDIT_KEY_UNUSABLE' }));
  });
});

describe('the anchor file', () => {
  const keyPath = fresh();
  createSigningKeyFile(keyPath);
  const signer = loadSigningKey(keyPath);
  const note = signer.sign(formatCheckpoint({ origin: signer.name, size: 12, root: Buffer.alloc(32, 7) }));

  it('gives back the checkpoint saved last', async () => {
    const anchor = createFileAnchor(fresh(), signer);
    expect(await anchor.load()).toBeNull();
    await anchor.save(signer.sign(formatCheckpoint({ origin: signer.name, size: 11, root: Buffer.alloc(32, 6) })));
    await anchor.save(note);
    expect(await anchor.load()).toMatchObject({ size: 12, root: Buffer.alloc(32, 7) });
  });

  it('is not believed when it was edited, emptied or is of another ledger', async () => {
    createSigningKeyFile(`${keyPath}-other`);
    const path = fresh();
    for (const text of [note.replace('\n12\n', '\n11\n'), '', 'x', note.slice(0, -1)]) {
      writeFileSync(path, text);
      await expect(createFileAnchor(path, signer).load()).rejects.toMatchObject({ code: 'AUDIT_ANCHOR_UNUSABLE' });
    }
    writeFileSync(path, note);
    await expect(createFileAnchor(path, loadSigningKey(`${keyPath}-other`)).load()).rejects.toMatchObject({
      code: 'AUDIT_ANCHOR_UNUSABLE',
    });
  });

  it('fails with a code when its folder is gone', async () => {
    const anchor = createFileAnchor(join(folder, 'no-such-folder', 'anchor'), signer);
    await expect(anchor.save(note)).rejects.toMatchObject({ code: 'AUDIT_ANCHOR_UNUSABLE' });
  });
});
