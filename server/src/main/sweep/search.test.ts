// The search itself: every form, every cut, every overlap; and the canaries are what they say.

import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createFinder, detect } from '#dlp';
import { canaryValues, makeCanaries } from './canaries.ts';
import { patternsOf } from './forms.ts';
import { createSearch } from './search.ts';

const random = { bytes: (count: number) => new Uint8Array(randomBytes(count)) };
const canaries = makeCanaries(random);
const values = canaryValues(canaries);
const finder = createFinder(patternsOf(values));

function found(...pieces: readonly (string | Uint8Array)[]): readonly string[] {
  const search = createSearch(finder);
  const read = search.pieces('here');
  for (const piece of pieces) read(piece);
  return search.result().hits.map(({ value, form }) => `${value}, ${form}`);
}

describe('the search of a sweep', () => {
  it('finds each value in each form, whatever stands around it and however it is cut', () => {
    for (const [name, spellings] of values) {
      for (const { bytes } of patternsOf(new Map([[name, spellings]]))) {
        const whole = Buffer.concat([Buffer.from('..'), bytes, Buffer.from('..')]);
        expect(found(whole).length).toBeGreaterThan(0);
        for (let cut = 0; cut <= whole.length; cut += 7)
          expect(found(whole.subarray(0, cut), whole.subarray(cut)).length).toBeGreaterThan(0);
      }
    }
  });

  it.each([
    ['other case', () => canaries.lastName.toUpperCase()],
    ['base64 of a text around it', () => Buffer.from(`x${canaries.mailbox}ab@example.com`).toString('base64')],
    ['base64url, one byte further', () => Buffer.from(`xy ${canaries.street} 12`).toString('base64url')],
    ['base64 in other case', () => Buffer.from(`x${canaries.mailbox}ab@example.com`).toString('base64').toLowerCase()],
    ['UTF-16', () => Buffer.from(canaries.street, 'utf16le')],
    ['hexadecimal, as Postgres writes bytes', () => `\\x${Buffer.from(`a${canaries.firstName}b`).toString('hex')}`],
    ['percent-encoded', () => `q=${encodeURIComponent(canaries.phone)}`],
    ['a form’s body', () => new URLSearchParams({ q: canaries.phone }).toString()],
    ['JSON in JSON', () => JSON.stringify(JSON.stringify({ a: canaries.iban }))],
    [
      'JSON with every character escaped',
      () => [...canaries.lastName].map((char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`).join(''),
    ],
    ['HTML references', () => [...canaries.lastName].map((char) => `&#${char.charCodeAt(0)};`).join('')],
    ['backwards', () => [...canaries.iban].reverse().join('')],
    ['card in groups', () => (canaries.card.match(/.{4}/g) ?? []).join(' ')],
    ['phone without signs', () => canaries.phone.replace(/\D/g, '')],
  ])('finds a value written as: %s', (_name, write) => {
    expect(found(write()).length).toBeGreaterThan(0);
  });

  it('finds nothing in other people’s values, and nothing in 8 MiB of chance', () => {
    const others = [...canaryValues(makeCanaries(random)).values()].flat().join('\n');
    expect([found(others), found(new Uint8Array(randomBytes(8 * 1024 * 1024)))]).toEqual([[], []]);
  });

  it('says what it could not read', async () => {
    const search = createSearch(finder);
    await search.folder('/nowhere/at/all', 'a folder');
    expect(search.result().unread).toEqual(['a folder']);
  });

  it('plants values that the recognisers take for what they are', () => {
    const types = (text: string): readonly string[] => detect(text).flatMap(({ type, personal }) => (personal ? [type] : []));
    for (let round = 0; round < 50; round += 1) {
      const made = makeCanaries(random);
      expect([types(made.card), types(made.iban), types(made.phone), types(`key ${made.typedKey}`)]).toEqual([
        ['CARD'],
        ['IBAN'],
        ['PHONE'],
        ['SECRET'],
      ]);
    }
  });

  it('looks behind links in a folder, once, and says when it could not', async () => {
    const root = mkdtempSync(join(tmpdir(), 'search-'));
    try {
      for (const name of ['looked', 'elsewhere', 'elsewhere/deep']) mkdirSync(join(root, name));
      writeFileSync(join(root, 'elsewhere', 'deep', 'log'), canaries.typedKey);
      writeFileSync(join(root, 'single'), canaries.providerKey);
      symlinkSync(join(root, 'elsewhere'), join(root, 'looked', 'moved'));
      symlinkSync(join(root, 'single'), join(root, 'looked', 'one'));
      symlinkSync(join(root, 'looked'), join(root, 'elsewhere', 'round'));
      symlinkSync(join(root, 'nowhere'), join(root, 'looked', 'broken'));
      const search = createSearch(finder);
      await search.folder(join(root, 'looked'), 'data folder');
      const { hits, unread } = search.result();
      expect(hits.map(({ place }) => place).toSorted()).toEqual(['data folder/moved/deep/log', 'data folder/one']);
      expect(unread).toEqual(['data folder/broken']);
    } finally {
      rmSync(root, { recursive: true, force: true });
    }
  });
});
