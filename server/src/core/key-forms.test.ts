import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { findKeys, KEY_FORMS, openKeyStart } from './index.ts';

// Many cases on a busy machine; nothing here waits.
vi.setConfig({ testTimeout: 60_000 });

// Invented key bodies, put together at run time so that no scanner of this repository takes them for real ones.
const body = (alphabet: string, length: number): string =>
  alphabet === 'hex' ? '0a1b2c3d4e5f'.repeat(9).slice(0, length) : 'A1B2C3D4E5'.repeat(9).slice(0, length);
const exampleOf = (form: (typeof KEY_FORMS)[number]): string => form.prefix + body(form.alphabet, form.least);
const jwt = ['eyJhbGciOiJIUzI1NiJ9', 'eyJzdWIiOiJleGFtcGxlIn0', 'c2lnbmF0dXJlLWV4YW1wbGU'].join('.');
const pem = ['-----BEGIN RSA PRIVATE', 'KEY-----\nMIIBexample\n-----END RSA PRIVATE', 'KEY-----'].join(' ');

describe('findKeys', () => {
  it.each(KEY_FORMS.map((form) => [form.name, form.prefix, form] as const))(
    'finds a %s key by %s and not one character short of it',
    (_name, _prefix, form) => {
      const key = exampleOf(form);
      expect(findKeys(`my key: ${key}, thanks`)).toEqual([{ start: 8, end: 8 + key.length, form: expect.any(String) }]);
      expect(findKeys(`my key: ${key.slice(0, -1)}, thanks`).filter((found) => found.form === form.name)).toEqual([]);
    },
  );

  it('finds tokens of three segments and private keys, also an unfinished one', () => {
    expect(findKeys(`Bearer ${jwt}.`)).toEqual([{ start: 7, end: 7 + jwt.length, form: 'jwt' }]);
    expect(findKeys(`x\n${pem}\ny`)).toEqual([{ start: 2, end: 2 + pem.length, form: 'private_key' }]);
    expect(findKeys(pem.slice(0, 40))).toEqual([{ start: 0, end: 40, form: 'private_key' }]);
  });

  it('takes no ordinary words, slugs, ids or publishable keys for keys', () => {
    const text = [
      'task-2024-migrate-database-to-new-cluster risk-assessment-report-2025-final',
      'https://shop.example.com/sk-1032-black-leather-sofa-for-the-living-room',
      'sk-learn sk-… key-value SKU-10 SK100 AKIAS pk_live_51Habcdefghijklmnop cs_test_a1B2c3D4',
      '3f2504e0-4f89-11d3-9a0c-0305e82c3301 -----BEGIN CERTIFICATE----- eyJ eyJhbGciOiJIUzI1NiJ9',
    ].join('\n');
    expect(findKeys(text)).toEqual([]);
  });

  it('stays linear on text made of prefixes', () => {
    for (const prefix of ['sk-', 'eyJ-', 'eyJa.', '-----BEGIN ', 'AKIA-', 'ghp_']) expect(findKeys(prefix.repeat(60_000))).toEqual([]);
  });
});

describe('openKeyStart', () => {
  it('names where an undecided key begins, and nothing for plain words', () => {
    expect(openKeyStart('All is well, task-')).toBe(18);
    expect(openKeyStart('my key: ghp_abc')).toBe(8);
    expect(openKeyStart('my key: ghp_abc and')).toBe(19);
    expect(openKeyStart(`Bearer ${jwt.slice(0, 30)}`)).toBe(7);
    expect(openKeyStart('see -----BEGIN RSA PRIV')).toBe(4);
  });

  it('is at or before the start of every key that the next characters complete, up to its prefix', () => {
    const words = fc.array(fc.constantFrom('hi ', 'sk-', 'x', '9', '. ', 'eyJ'), { maxLength: 4 }).map((parts) => parts.join(''));
    fc.assert(
      fc.property(words, fc.constantFrom(...KEY_FORMS), fc.nat(), (before, form, cut) => {
        const text = `${before} ${exampleOf(form)}`;
        const start = before.length + 1;
        const at = start + form.prefix.length + (cut % form.least);
        if (findKeys(text.slice(0, at)).length === 0) expect(openKeyStart(text.slice(0, at))).toBeLessThanOrEqual(start);
      }),
      { numRuns: 500 },
    );
  });
});
