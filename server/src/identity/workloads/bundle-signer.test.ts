import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openBundleSigner } from './bundle-signer.ts';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-signer-'));
  path = join(folder, 'workflow-key.pem');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('the signature under an approved workflow', () => {
  it('is made with a key that only its owner can read, and the same one at every start', () => {
    const signature = openBundleSigner(path).sign('statement');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const key = readFileSync(path, 'utf8');
    expect(openBundleSigner(path).verify('statement', signature)).toBe(true);
    expect(readFileSync(path, 'utf8')).toBe(key);
  });

  it('fits one statement and one key', () => {
    const signer = openBundleSigner(path);
    const other = openBundleSigner(join(folder, 'other.pem'));
    expect(signer.keyId).toMatch(/^[0-9a-f]{16}$/);
    expect([openBundleSigner(path).keyId, other.keyId === signer.keyId]).toEqual([signer.keyId, false]);
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.nat({ max: 63 }), (statement, another, at) => {
        const signature = signer.sign(statement);
        expect(signer.verify(statement, signature)).toBe(true);
        expect(other.verify(statement, signature)).toBe(false);
        if (another !== statement) expect(signer.verify(another, signature)).toBe(false);
        const bent = signature.slice();
        bent[at] = (bent[at] as number) ^ 1;
        expect(signer.verify(statement, bent)).toBe(false);
      }),
      { numRuns: 50 },
    );
    expect(signer.verify('statement', new Uint8Array(0))).toBe(false);
  });

  it.each<[string, () => void]>([
    ['others can read', () => chmodSync(path, 0o644)],
    ['is no key', () => writeFileSync(path, 'not a key')],
    [
      'is a link',
      () => {
        rmSync(path);
        symlinkSync(join(folder, 'elsewhere.pem'), path);
      },
    ],
  ])('is not made with a file that %s', (_what, spoil) => {
    openBundleSigner(path);
    spoil();
    expect(() => openBundleSigner(path)).toThrow(expect.objectContaining({ code: 'IDENTITY_SIGNING_KEY_UNUSABLE' }));
  });
});
