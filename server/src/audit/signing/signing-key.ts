// The ledger's Ed25519 key files (PKCS8 PEM, mode 0600), one for each key of the chain. Creates a file once and never overwrites it; refuses
// to use one that others can read. The path of the first is handed in by main; the next lie beside it: key.pem, key-2.pem, ...

import { createPrivateKey, generateKeyPairSync, type KeyObject, randomUUID } from 'node:crypto';
import { closeSync, constants, fstatSync, fsyncSync, linkSync, openSync, readdirSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { platform } from 'node:os';
import { basename, dirname, extname, join } from 'node:path';
import { SallyportError } from '#core';
import { createLedgerSigner, type LedgerSigner } from './ledger-signer.ts';

const OWNER_ONLY = 0o600;
const OTHERS_MASK = 0o077;
/** A PKCS8 PEM of an Ed25519 key has 119 bytes; anything much larger is not one. */
const MAX_KEY_FILE_BYTES = 4_096;
/** Windows keeps access lists instead of mode bits and reports them as readable by all. */
const HAS_FILE_MODES = platform() !== 'win32';

function unusable(cause: unknown): SallyportError {
  return new SallyportError('AUDIT_KEY_UNUSABLE', 'The audit signing key file can not be used; restore it or set its mode to 0600.', {
    cause,
  });
}

function keyExists(cause?: unknown): SallyportError {
  return new SallyportError('AUDIT_KEY_EXISTS', 'An audit signing key file already exists and is never overwritten.', { cause });
}

/** Where the key of a sequence lies: the first at `path` itself, the second at `key-2.pem` beside `key.pem`. */
export function keyFileOf(path: string, sequence: number): string {
  if (sequence === 1) return path;
  const extension = extname(path);
  return join(dirname(path), `${basename(path, extension)}-${sequence}${extension}`);
}

/** The sequences that have a file beside `path`, in order. */
function sequencesAt(path: string): readonly number[] {
  const extension = extname(path);
  const stem = basename(path, extension);
  let names: string[];
  try {
    names = readdirSync(dirname(path));
  } catch (cause) {
    throw unusable(cause);
  }
  const found = names.flatMap((name) => {
    if (name === basename(path)) return [1];
    const isNext = name.startsWith(`${stem}-`) && name.endsWith(extension);
    const digits = isNext ? name.slice(stem.length + 1, name.length - extension.length) : '';
    return /^[1-9]\d{0,5}$/.test(digits) && Number(digits) > 1 ? [Number(digits)] : [];
  });
  return found.sort((one, two) => one - two);
}

/** Whole or not at all: a kill leaves at most a stray file under another name, never half a key under this one. */
export function createSigningKeyFile(path: string): void {
  const { privateKey } = generateKeyPairSync('ed25519');
  const pem = privateKey.export({ format: 'pem', type: 'pkcs8' }) as string;
  const draft = `${path}.${randomUUID()}`;
  try {
    const file = openSync(draft, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, OWNER_ONLY);
    try {
      writeSync(file, pem);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    linkSync(draft, path);
  } catch (cause) {
    throw (cause as NodeJS.ErrnoException).code === 'EEXIST' ? keyExists(cause) : unusable(cause);
  } finally {
    rmSync(draft, { force: true });
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
  let key: KeyObject;
  try {
    const file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW);
    try {
      // Checked on the open file, not on the path, so that nothing can be swapped in between.
      const facts = fstatSync(file);
      if (!facts.isFile() || facts.size > MAX_KEY_FILE_BYTES) throw new Error('not a key file');
      if (HAS_FILE_MODES && (facts.mode & OTHERS_MASK) !== 0) throw new Error('readable by others');
      key = createPrivateKey(readFileSync(file));
    } finally {
      closeSync(file);
    }
  } catch (cause) {
    throw unusable(cause);
  }
  if (key.asymmetricKeyType !== 'ed25519') throw unusable(new Error('not an Ed25519 key'));
  return key;
}

/** The signer of this ledger, with every key file that lies beside `path`. Throws AUDIT_KEY_UNUSABLE rather than sign with a key it can not vouch for. */
export function loadSigningKey(path: string): LedgerSigner {
  const read = (): ReadonlyMap<number, KeyObject> => {
    const keys = new Map(sequencesAt(path).map((sequence) => [sequence, readKey(keyFileOf(path, sequence))]));
    if (keys.size === 0) throw unusable(new Error('there is no key file'));
    return keys;
  };
  return createLedgerSigner({
    read,
    create: (sequence) => {
      try {
        createSigningKeyFile(keyFileOf(path, sequence));
      } catch (fault) {
        // Left by a rotation that was cut off before it reached the database: it has never signed anything there, and is used now.
        if ((fault as { code?: string }).code !== 'AUDIT_KEY_EXISTS') throw fault;
      }
      return readKey(keyFileOf(path, sequence));
    },
  });
}

/** Makes the first key when there is none of any sequence, then loads what there is. */
export function openSigningKeys(path: string): LedgerSigner {
  if (sequencesAt(path).length === 0) {
    try {
      createSigningKeyFile(path);
    } catch (fault) {
      // Another process of this machine was first.
      if ((fault as { code?: string }).code !== 'AUDIT_KEY_EXISTS') throw fault;
    }
  }
  return loadSigningKey(path);
}
