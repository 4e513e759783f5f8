// The witness's own Ed25519 key: one line in one file of its folder, mode 0600, made once and never overwritten.
// It signs cosignatures (c2sp.org/tlog-cosignature) and nothing else.

import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { closeSync, constants, fstatSync, fsyncSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import { platform } from 'node:os';
import { join } from 'node:path';
import { SallyportError } from '#core';
import { COSIGNATURE_V1, decodeBase64, encodeVerifierKey, KEY_NAME, keyId, parseVerifierKey, type VerifierKey } from './signed-note.ts';

const OWNER_ONLY = 0o600;
const OWNER_FOLDER = 0o700;
const OTHERS_MASK = 0o077;
const SEED_BYTES = 32;
const MAX_KEY_FILE_BYTES = 1_024;
/** DER prefix of an Ed25519 PKCS8 key (RFC 8410). */
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');
const KEY_LINE = /^PRIVATE\+KEY\+([^+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+=*)\n$/;

export interface Cosigner {
  readonly name: string;
  /** `name+id+key`, type 0x04: what the log's operator puts into the policy file. */
  readonly verifierKey: string;
  readonly key: VerifierKey;
  /** The signature line over a note's text, with its newline. */
  cosign(text: string, atSeconds: number): string;
}

function keyPath(folder: string): string {
  return join(folder, 'witness-key');
}

function unusable(cause: unknown): SallyportError {
  return new SallyportError(
    'AUDIT_WITNESS_KEY_UNUSABLE',
    'The witness has no key file it can use; run `sallyport witness init` for a new folder.',
    {
      cause,
    },
  );
}

function rawPublicKey(key: KeyObject): Buffer {
  return Buffer.from(createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(-SEED_BYTES));
}

function cosignerOf(name: string, key: KeyObject): Cosigner {
  const publicKey = rawPublicKey(key);
  const id = keyId(name, COSIGNATURE_V1, publicKey);
  const verifierKey = encodeVerifierKey(name, COSIGNATURE_V1, publicKey);
  return {
    name,
    verifierKey,
    key: parseVerifierKey(verifierKey) as VerifierKey,
    cosign(text, atSeconds) {
      const time = Buffer.alloc(8);
      time.writeBigUInt64BE(BigInt(atSeconds));
      const signature = sign(null, Buffer.from(`cosignature/v1\ntime ${atSeconds}\n${text}`), key);
      return `\u2014 ${name} ${Buffer.concat([id, time, signature]).toString('base64')}\n`;
    },
  };
}

/** Makes the folder and its key. Throws AUDIT_WITNESS_EXISTS rather than touch a key that is there. */
export function createWitnessKey(folder: string, name: string): Cosigner {
  if (!KEY_NAME.test(name)) {
    throw new SallyportError(
      'AUDIT_WITNESS_NAME_INVALID',
      'A witness name has no spaces and no plus sign; a host name you own and a word is best: witness.example.com/w1.',
    );
  }
  const { privateKey } = generateKeyPairSync('ed25519');
  const seed = privateKey.export({ format: 'der', type: 'pkcs8' }).subarray(-SEED_BYTES);
  const made = cosignerOf(name, privateKey);
  const line = `PRIVATE+KEY+${name}+${made.key.id.toString('hex')}+${Buffer.concat([Buffer.from([COSIGNATURE_V1]), seed]).toString('base64')}\n`;
  try {
    mkdirSync(folder, { recursive: true, mode: OWNER_FOLDER });
    writeNew(keyPath(folder), line);
    syncFolder(folder);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST') {
      throw new SallyportError('AUDIT_WITNESS_EXISTS', 'That folder has a witness already; its key is never overwritten.', { cause });
    }
    throw unusable(cause);
  }
  return made;
}

function writeNew(path: string, text: string): void {
  const file = openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, OWNER_ONLY);
  try {
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function syncFolder(path: string): void {
  const folder = openSync(path, constants.O_RDONLY);
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

export function loadWitnessKey(folder: string): Cosigner {
  try {
    const file = openSync(keyPath(folder), constants.O_RDONLY | constants.O_NOFOLLOW);
    try {
      const facts = fstatSync(file);
      if (!facts.isFile() || facts.size > MAX_KEY_FILE_BYTES) throw new Error('not a key file');
      if (platform() !== 'win32' && (facts.mode & OTHERS_MASK) !== 0) throw new Error('readable by others');
      return parseKeyLine(readFileSync(file, 'utf8'));
    } finally {
      closeSync(file);
    }
  } catch (cause) {
    throw unusable(cause);
  }
}

function parseKeyLine(line: string): Cosigner {
  const [, name = '', id, material = ''] = KEY_LINE.exec(line) ?? [];
  const raw = decodeBase64(material, 1 + SEED_BYTES);
  if (raw === null || raw[0] !== COSIGNATURE_V1 || !KEY_NAME.test(name)) throw new Error('not a witness key');
  const key = createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, raw.subarray(1)]), format: 'der', type: 'pkcs8' });
  const cosigner = cosignerOf(name, key);
  if (cosigner.key.id.toString('hex') !== id) throw new Error('the key does not match its id');
  return cosigner;
}
