import { createSecretKey } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decrypt, encrypt, newKey, OVERHEAD_BYTES, unwrapKey, vaultFault, wrapKey } from './envelope.ts';
import { nodeRandom } from './test/ports.ts';

const key = newKey(nodeRandom);
const bytes = fc.uint8Array({ maxLength: 200 });
const context = fc.tuple(fc.constantFrom('value', 'key'), fc.string(), fc.string());
const codeOf = (work: () => unknown): string => {
  try {
    work();
    return 'opened';
  } catch (error) {
    return (error as { code: string }).code;
  }
};

describe('the envelope', () => {
  test('gives back what was put in, for any bytes and any context', () => {
    fc.assert(
      fc.property(bytes, context, (plaintext, bound) => {
        const sealed = encrypt(key, plaintext, bound, nodeRandom);
        expect(sealed.byteLength).toBe(plaintext.byteLength + OVERHEAD_BYTES);
        expect(Buffer.compare(decrypt(key, sealed, bound), plaintext)).toBe(0);
      }),
    );
  });

  test('does not open under any other context, not even one that joins to the same text', () => {
    fc.assert(
      fc.property(bytes, context, context, (plaintext, bound, other) => {
        fc.pre(JSON.stringify(bound) !== JSON.stringify(other));
        expect(codeOf(() => decrypt(key, encrypt(key, plaintext, bound, nodeRandom), other))).toBe('VAULT_SEALED_UNREADABLE');
      }),
    );
    const sealed = encrypt(key, Buffer.from('x'), ['value', 'ab', 'c'], nodeRandom);
    for (const other of [
      ['value', 'a', 'bc'],
      ['value', 'abc', ''],
      ['value', 'ab', 'c', ''],
      ['valuea', 'b', 'c'],
    ] as const) {
      expect(codeOf(() => decrypt(key, sealed, other))).toBe('VAULT_SEALED_UNREADABLE');
    }
  });

  test('does not open after any single bit changed, nor when cut anywhere', () => {
    const sealed = encrypt(key, Buffer.from('four hundred'), ['value', 't'], nodeRandom);
    for (let bit = 0; bit < sealed.byteLength * 8; bit += 1) {
      const changed = Buffer.from(sealed);
      changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7));
      expect(codeOf(() => decrypt(key, changed, ['value', 't']))).toBe('VAULT_SEALED_UNREADABLE');
    }
    for (let end = 0; end < sealed.byteLength; end += 1) {
      expect(codeOf(() => decrypt(key, sealed.subarray(0, end), ['value', 't']))).toBe('VAULT_SEALED_UNREADABLE');
    }
  });

  test('never writes the same bytes twice', () => {
    const seen = new Set(Array.from({ length: 200 }, () => encrypt(key, Buffer.from('same'), ['value'], nodeRandom).toString('hex')));
    expect(seen.size).toBe(200);
  });

  test('wraps keys, and refuses what unwraps to something else than a key', () => {
    const inner = newKey(nodeRandom);
    expect(unwrapKey(key, wrapKey(key, inner, ['key', 'a'], nodeRandom), ['key', 'a']).equals(inner)).toBe(true);
    expect(codeOf(() => unwrapKey(key, encrypt(key, Buffer.alloc(31), ['key'], nodeRandom), ['key']))).toBe('VAULT_SEALED_UNREADABLE');
    expect(codeOf(() => unwrapKey(createSecretKey(Buffer.alloc(32)), wrapKey(key, inner, ['key'], nodeRandom), ['key']))).toBe(
      'VAULT_SEALED_UNREADABLE',
    );
  });

  test('a fault carries its sentence and no foreign message', () => {
    expect(vaultFault('VAULT_CLOSED').message).toBe('The vault is shut.');
  });
});
