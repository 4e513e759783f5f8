// The one cipher of the vault: AES-256-GCM with a random 96-bit IV, and what a sealed value is bound to.
// INVARIANT: every ciphertext is bound to its context; a context is an unambiguous list of texts, so no two contexts share bytes.

import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject } from 'node:crypto';
import { type Random, SallyportError } from '#core';
import { vaultCodes } from './errors.ts';

const ALGORITHM = 'aes-256-gcm';
export const KEY_BYTES = 32;
const IV_BYTES = 12;
const TAG_BYTES = 16;
export const OVERHEAD_BYTES = IV_BYTES + TAG_BYTES;

/** First the kind of thing sealed, then what it belongs to. */
export type Context = readonly [kind: string, ...parts: readonly string[]];

/** Each part with its length before it (NIST SP 800-38D leaves the layout of associated data to us). */
function contextBytes(context: Context): Buffer {
  const pieces: Buffer[] = [];
  for (const part of context) {
    const text = Buffer.from(part, 'utf8');
    const length = Buffer.allocUnsafe(4);
    length.writeUInt32BE(text.byteLength);
    pieces.push(length, text);
  }
  return Buffer.concat(pieces);
}

/** iv || ciphertext || tag */
export function encrypt(key: KeyObject, plaintext: Uint8Array, context: Context, random: Random): Buffer {
  const iv = random.bytes(IV_BYTES);
  const cipher = createCipheriv(ALGORITHM, key, iv, { authTagLength: TAG_BYTES });
  cipher.setAAD(contextBytes(context));
  return Buffer.concat([iv, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
}

export function decrypt(key: KeyObject, sealed: Uint8Array, context: Context): Buffer {
  if (sealed.byteLength < OVERHEAD_BYTES) throw unreadable();
  const end = sealed.byteLength - TAG_BYTES;
  const decipher = createDecipheriv(ALGORITHM, key, sealed.subarray(0, IV_BYTES), { authTagLength: TAG_BYTES });
  decipher.setAAD(contextBytes(context));
  decipher.setAuthTag(sealed.subarray(end));
  try {
    return Buffer.concat([decipher.update(sealed.subarray(IV_BYTES, end)), decipher.final()]);
  } catch {
    throw unreadable();
  }
}

export function newKey(random: Random): KeyObject {
  return createSecretKey(random.bytes(KEY_BYTES));
}

export function wrapKey(wrapping: KeyObject, key: KeyObject, context: Context, random: Random): Buffer {
  return encrypt(wrapping, key.export(), context, random);
}

export function unwrapKey(wrapping: KeyObject, wrapped: Uint8Array, context: Context): KeyObject {
  const bytes = decrypt(wrapping, wrapped, context);
  if (bytes.byteLength !== KEY_BYTES) throw unreadable();
  const key = createSecretKey(bytes);
  bytes.fill(0);
  return key;
}

export function unreadable(): SallyportError {
  return vaultFault('VAULT_SEALED_UNREADABLE');
}

/** A fault with its sentence from the table. `detail` names what to do or where, never a value. */
export function vaultFault(code: string, detail?: string, cause?: unknown): SallyportError {
  const sentence = vaultCodes[code]?.sentence ?? code;
  return new SallyportError(code, detail === undefined ? sentence : `${sentence} (${detail})`, cause === undefined ? {} : { cause });
}
