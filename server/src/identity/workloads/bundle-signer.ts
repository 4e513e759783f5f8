// The installation's signature under what a person approved: an Ed25519 key (PKCS8 PEM, mode 0600) beside the other key files, never in
// the database. Whoever can only edit rows can therefore approve nothing. RFC 8032; the path is handed in by main.

import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign, verify } from 'node:crypto';
import { closeSync, constants, fstatSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import { platform } from 'node:os';
import { identityFault } from '../errors.ts';

export interface BundleSigner {
  /** First 16 hex digits of the SHA-256 of the public key (SPKI, DER): names the key, and tells nothing about it. */
  readonly keyId: string;
  sign(statement: string): Uint8Array;
  verify(statement: string, signature: Uint8Array): boolean;
}

const OWNER_ONLY = 0o600;
const OTHERS_MASK = 0o077;
const MAX_KEY_FILE_BYTES = 4_096;
const SIGNATURE_BYTES = 64;
const KEY_ID_CHARS = 16;

/** The key of the file, made on the first start. A new key in place of a lost one verifies nothing that was approved before. */
export function openBundleSigner(path: string): BundleSigner {
  let key: KeyObject;
  try {
    createOnce(path);
    key = read(path);
  } catch (cause) {
    throw identityFault('IDENTITY_SIGNING_KEY_UNUSABLE', undefined, cause);
  }
  const publicKey = createPublicKey(key);
  return {
    keyId: createHash('sha256')
      .update(publicKey.export({ format: 'der', type: 'spki' }))
      .digest('hex')
      .slice(0, KEY_ID_CHARS),
    sign: (statement) => new Uint8Array(sign(null, Buffer.from(statement), key)),
    verify: (statement, signature) =>
      signature.byteLength === SIGNATURE_BYTES && verify(null, Buffer.from(statement), publicKey, Buffer.from(signature)),
  };
}

function createOnce(path: string): void {
  const { privateKey } = generateKeyPairSync('ed25519');
  let file: number;
  try {
    file = openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, OWNER_ONLY);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST') return;
    throw cause;
  }
  try {
    writeSync(file, privateKey.export({ format: 'pem', type: 'pkcs8' }) as string);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function read(path: string): KeyObject {
  const file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    // Checked on the open file, so that nothing can be swapped in between. Windows keeps access lists instead of mode bits.
    const facts = fstatSync(file);
    if (!facts.isFile() || facts.size > MAX_KEY_FILE_BYTES) throw new Error('not a key file');
    if (platform() !== 'win32' && (facts.mode & OTHERS_MASK) !== 0) throw new Error('readable by others');
    const key = createPrivateKey(readFileSync(file));
    if (key.asymmetricKeyType !== 'ed25519') throw new Error('not an Ed25519 key');
    return key;
  } finally {
    closeSync(file);
  }
}
