// Signed notes against the published vector of the format's first implementation (golang.org/x/mod/sumdb/note), and pins of our texts.

import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { commitTo, encodeLeaf } from '../leaf.ts';
import { isSignedBy, openCheckpoint, openKeyChain, parseNote, parseVerifierKey } from '../verifier/note.ts';
import { createNoteSigner, encodeVerifierKey, formatCheckpoint, formatNote, rawPublicKey, signatureLine, tenantOrigin } from './note.ts';

const SEED = Buffer.from('AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz', 'base64').subarray(1);
const PUBLISHED_KEY = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW';
const PUBLISHED_TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
const PUBLISHED_NOTE = `${PUBLISHED_TEXT}
\u2014 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=
`;

const privateKey = createPrivateKey({
  key: Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), SEED]),
  format: 'der',
  type: 'pkcs8',
});
const signer = createNoteSigner('PeterNeumann', privateKey);

describe('signed notes', () => {
  it('have the bytes that the published key and text must give', () => {
    expect(signer.verifierKey).toBe(PUBLISHED_KEY);
    expect(signer.sign(PUBLISHED_TEXT)).toBe(PUBLISHED_NOTE);
  });

  it('are opened by the verifier, which ignores other signers but not a bad signature of its own key', () => {
    const key = parseVerifierKey(PUBLISHED_KEY);
    const isOpened = (note: string): boolean => isSignedBy(parseNote(note), key.name, key);
    const other = '\u2014 witness.example AAAAAAAAAAAAAAAAAAAA\n';
    expect(parseNote(PUBLISHED_NOTE).text).toBe(PUBLISHED_TEXT);
    expect(isOpened(PUBLISHED_NOTE)).toBe(true);
    expect(isOpened(`${PUBLISHED_NOTE}${other}`)).toBe(true);
    expect(isOpened(PUBLISHED_NOTE.replace('answer', 'Answer'))).toBe(false);
    expect(() => isOpened(PUBLISHED_NOTE.replace('JnAM=', 'JnAN='))).toThrow();
    expect(isOpened(PUBLISHED_NOTE.replace('x08go', 'y08go'))).toBe(false);
    expect(isOpened(`${PUBLISHED_TEXT}\n${other}`)).toBe(false);
    expect(() => isOpened(PUBLISHED_TEXT)).toThrow();
  });

  it('refuse a text that would not be read back as it was signed', () => {
    for (const text of ['no newline', 'two\n\nparts\n']) expect(() => signer.sign(text)).toThrow();
    for (const name of ['', 'a b', 'a+b', 'a\nb']) expect(() => createNoteSigner(name, privateKey)).toThrow();
  });

  it('refuse a verifier key that does not match its own hash', () => {
    for (const key of ['x', PUBLISHED_KEY.replace('c74f20a3', 'c74f20a4'), PUBLISHED_KEY.replace('Peter', 'Petra'), `${PUBLISHED_KEY}A`]) {
      expect(() => parseVerifierKey(key)).toThrow();
    }
  });
});

describe('pinned texts', () => {
  it('a checkpoint is origin, size and root', () => {
    const origin = tenantOrigin('sallyport.local/log/00', 'ten_1');
    expect(formatCheckpoint({ origin, size: 7, root: Buffer.alloc(32, 1) })).toBe(
      'sallyport.local/log/00/ten_1\n7\nAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=\n',
    );
  });

  const leaf = {
    seq: 3,
    id: 'evt_1',
    tenant: 'ten_1',
    type: 'enforcement.call.intended',
    occurredAtMs: 1_893_456_000_123,
    pseudonym: 'act_00',
    subject: 'call_1',
    public: { z: 1, a: [true, null, '\u00e9'] },
    commit: null,
  };

  it('a leaf is canonical JSON with its members in order', () => {
    expect(encodeLeaf(leaf)).toBe(
      '{"actor":"act_00","at":"2030-01-01T00:00:00.123Z","commit":null,"id":"evt_1","public":{"a":[true,null,"\u00e9"],"z":1},"seq":3,"subject":"call_1","tenant":"ten_1","type":"enforcement.call.intended","v":1}',
    );
  });

  it('facts without a canonical form are sealed as such instead of stopping the ledger', () => {
    for (const bad of [{ n: Number.POSITIVE_INFINITY }, { s: '\ud800' }]) {
      expect(encodeLeaf({ ...leaf, public: bad })).toContain('"public":{"unsealable":true}');
    }
  });

  it('a commitment is SHA-256 over salt and payload', () => {
    expect(commitTo(Buffer.from('a'), Buffer.from('bc'))).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  });
});

describe('a chain of keys', () => {
  const [first, second] = [generateKeyPairSync('ed25519').privateKey, generateKeyPairSync('ed25519').privateKey];
  const name = `sallyport.local/log/${rawPublicKey(first).toString('hex').slice(0, 16)}`;
  const keys = [first, second].map((key) => encodeVerifierKey(name, rawPublicKey(key)));
  const statementOf = (text: string, signers: readonly KeyObject[]): string =>
    formatNote(
      text,
      signers.map((key) => signatureLine(name, key, text)),
    );
  const statement = statementOf(`${name}/keys\n2\n${keys[1]}\n`, [first, second]);
  const checkpoint = formatCheckpoint({ origin: name, size: 3, root: Buffer.alloc(32) });

  it('lets no key that was stopped speak for somebody who trusts the next one', () => {
    const old = statementOf(checkpoint, [first]);
    expect(openCheckpoint(old, openKeyChain(keys, [statement], keys[0] as string)).size).toBe(3);
    expect(() => openCheckpoint(old, openKeyChain(keys, [statement], keys[1] as string))).toThrow(/expected key/);
    expect(openCheckpoint(statementOf(checkpoint, [second]), openKeyChain(keys, [statement], keys[1] as string)).size).toBe(3);
  });

  it('ends where a hand-over lacks a signature, a number or the name', () => {
    const text = `${name}/keys\n2\n${keys[1]}\n`;
    for (const bad of [
      statementOf(text, [first]),
      statementOf(text, [second]),
      statementOf(text.replace('\n2\n', '\n3\n'), [first, second]),
      statementOf(text.replace('/keys', '/pack'), [first, second]),
    ]) {
      expect(() => openKeyChain(keys, [bad], null)).toThrow(/handed over/);
    }
    expect(() => openKeyChain(keys, [], null)).toThrow();
    expect(() => openKeyChain([keys[1] as string], [], null)).toThrow(/name of the log/);
  });
});
