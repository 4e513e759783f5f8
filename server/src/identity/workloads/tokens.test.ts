import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createHasher, formatToken, newToken, parseToken, sameHash } from './tokens.ts';

const random = { bytes: (count: number) => randomBytes(count) };
const hasher = createHasher(randomBytes(32));

describe('tokens', () => {
  test('have one form, and come back from their text', () => {
    for (let round = 0; round < 200; round += 1) {
      const token = newToken(random);
      const text = formatToken('sp', token);
      expect(text).toMatch(/^sp_[0-9A-Za-z]{16}_[A-Za-z0-9_-]{43}$/);
      expect(parseToken('sp', text)).toEqual(token);
      expect(parseToken('sps', text)).toBeNull();
    }
  });

  test('no other text is a token, and none makes the parser throw', () => {
    const good = formatToken('sp', newToken(random));
    for (const bad of [
      null,
      '',
      'sp_',
      ` ${good}`,
      `${good} `,
      `${good}\n`,
      good.slice(0, -1),
      `${good}A`,
      good.replace('sp_', 'SP_'),
      good.replaceAll('_', '-'),
      'x'.repeat(1_000_000),
    ]) {
      expect(parseToken('sp', bad)).toBeNull();
    }
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => parseToken('sp', text) === null));
  });

  test('every character of the lookup part is about as likely as any other', () => {
    const counts = new Map<string, number>();
    for (let round = 0; round < 4_000; round += 1)
      for (const letter of newToken(random).lookup) counts.set(letter, (counts.get(letter) ?? 0) + 1);
    expect(counts.size).toBe(62);
    for (const count of counts.values()) expect(count).toBeGreaterThan(700); // 1032 expected; a modulo bias would double some
    for (const count of counts.values()) expect(count).toBeLessThan(1_400);
  });

  test('the hash depends on the pepper, the kind and both parts', () => {
    const token = newToken(random);
    const hash = hasher.hash('sp', token);
    expect(sameHash(hash, hasher.hash('sp', { ...token }))).toBe(true);
    const others = [
      createHasher(randomBytes(32)).hash('sp', token),
      hasher.hash('sps', token),
      hasher.hash('sp', { ...token, lookup: newToken(random).lookup }),
      hasher.hash('sp', { ...token, secret: newToken(random).secret }),
      Buffer.alloc(32),
      hash.subarray(1),
    ];
    for (const other of others) expect(sameHash(hash, other)).toBe(false);
    expect(() => createHasher(new Uint8Array(16))).toThrow();
  });
});
