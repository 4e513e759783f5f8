// The ledger's Ed25519 key file (PKCS8 PEM, mode 0600). Creates it once and never overwrites it; refuses to use one that others can read.
// The path is handed in by main; this file never chooses one.

import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { closeSync, constants, fstatSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import { platform } from 'node:os';
import { dirname } from 'node:path';
import { SallyportError } from '#core';
import { createNoteSigner, type NoteSigner, rawPublicKey } from './note.ts';

const OWNER_ONLY = 0o600;
const OTHERS_MASK = 0o077;
/** A PKCS8 PEM of an Ed25519 key has 119 bytes; anything much larger is not one. */
const MAX_KEY_FILE_BYTES = 4_096;
const ORIGIN_KEY_DIGITS = 16;
/** Windows keeps access lists instead of mode bits and reports them as readable by all. */
const HAS_FILE_MODES = platform() !== 'win32';

function unusable(cause: unknown): SallyportError {
  return new SallyportError('AUDIT_KEY_UNUSABLE', 'The audit signing key file can not be used; restore it or set its mode to 0600.', {
    cause,
  });
}

/** The log's name. Derived from its key, so that two installations never share one and nothing personal is in it. */
export function originOf(publicKey: Uint8Array): string {
  return `sallyport.local/log/${Buffer.from(publicKey).toString('hex').slice(0, ORIGIN_KEY_DIGITS)}`;
}

export function createSigningKeyFile(path: string): void {
  const { privateKey } = generateKeyPairSync('ed25519');
  const pem = privateKey.export({ format: 'pem', type: 'pkcs8' }) as string;
  let file: number;
  try {
    file = openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, OWNER_ONLY);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST') {
      throw new SallyportError('AUDIT_KEY_EXISTS', 'An audit signing key file already exists and is never overwritten.', { cause });
    }
    throw unusable(cause);
  }
  try {
    writeSync(file, pem);
    fsyncSync(file);
  } catch (cause) {
    throw unusable(cause);
  } finally {
    closeSync(file);
  }
  syncFolder(dirname(path));
}

function syncFolder(path: string): void {
  const folder = openSync(path, constants.O_RDONLY);
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

function readKey(path: string): KeyObject {
  const file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    // Checked on the open file, not on the path, so that nothing can be swapped in between.
    const facts = fstatSync(file);
    if (!facts.isFile() || facts.size > MAX_KEY_FILE_BYTES) throw new Error('not a key file');
    if (HAS_FILE_MODES && (facts.mode & OTHERS_MASK) !== 0) throw new Error('readable by others');
    return createPrivateKey(readFileSync(file));
  } finally {
    closeSync(file);
  }
}

/** The signer of this ledger. Throws AUDIT_KEY_UNUSABLE rather than sign with a key it can not vouch for. */
export function loadSigningKey(path: string): NoteSigner {
  let key: KeyObject;
  try {
    key = readKey(path);
  } catch (cause) {
    throw unusable(cause);
  }
  if (key.asymmetricKeyType !== 'ed25519') throw unusable(new Error('not an Ed25519 key'));
  return createNoteSigner(originOf(rawPublicKey(key)), key);
}
