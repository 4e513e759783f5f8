// Reads C2SP signed notes, checkpoints and verifier keys for the witness, which shares no code with the log that it watches: only the format.
// Everything read here came from outside; what is not exactly of the form is null, and nothing is believed before a signature was checked.

import { createHash, createPublicKey, type KeyObject, verify } from 'node:crypto';

/** Signature types of c2sp.org/signed-note. */
export const ED25519 = 0x01;
export const COSIGNATURE_V1 = 0x04;

const KEY_ID_BYTES = 4;
const PUBLIC_KEY_BYTES = 32;
const HASH_BYTES = 32;
/** Verifiers must accept 16 at least and should have a limit. */
const MAX_SIGNATURES = 100;
/** DER prefix of an Ed25519 SubjectPublicKeyInfo (RFC 8410). */
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');
/** Neither spaces of any kind, nor plus signs, nor control characters. */
export const KEY_NAME = /^[^\s+\p{Cc}]{1,255}$/u;
const VERIFIER_KEY = /^([^+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+=*)$/;
const SIGNATURE_LINE = /^\u2014 ([^\s+\p{Cc}]+) ([A-Za-z0-9+/]+=*)$/u;
const DECIMAL = /^(?:0|[1-9][0-9]{0,18})$/;
/** Tree sizes are 63-bit numbers everywhere in C2SP. */
const MAX_SIZE = 2n ** 63n - 1n;

export interface VerifierKey {
  readonly name: string;
  readonly id: Buffer;
  readonly type: number;
  readonly key: KeyObject;
  /** The text it was read from. */
  readonly text: string;
}

export interface SignatureLine {
  readonly name: string;
  readonly id: Buffer;
  readonly signature: Buffer;
}

export interface SignedNote {
  /** With its last newline, without the empty line that follows. */
  readonly text: string;
  readonly signatures: readonly SignatureLine[];
}

export interface Checkpoint {
  readonly origin: string;
  readonly size: bigint;
  readonly root: Buffer;
}

/** Bytes of a base64 text in its one canonical form. */
export function decodeBase64(text: string, bytes: number | null = null): Buffer | null {
  const decoded = Buffer.from(text, 'base64');
  return decoded.toString('base64') === text && (bytes === null || decoded.length === bytes) ? decoded : null;
}

export function decodeHash(text: string): Buffer | null {
  return decodeBase64(text, HASH_BYTES);
}

export function decodeSize(text: string): bigint | null {
  if (!DECIMAL.test(text)) return null;
  const size = BigInt(text);
  return size <= MAX_SIZE ? size : null;
}

export function keyId(name: string, type: number, publicKey: Uint8Array): Buffer {
  return createHash('sha256')
    .update(`${name}\n`)
    .update(Buffer.from([type]))
    .update(publicKey)
    .digest()
    .subarray(0, KEY_ID_BYTES);
}

export function encodeVerifierKey(name: string, type: number, publicKey: Uint8Array): string {
  const id = keyId(name, type, publicKey).toString('hex');
  return `${name}+${id}+${Buffer.concat([Buffer.from([type]), publicKey]).toString('base64')}`;
}

/** A verifier key of one of our two Ed25519 types whose id is the one its own parts give. */
export function parseVerifierKey(text: string): VerifierKey | null {
  const [, name = '', id = '', material = ''] = VERIFIER_KEY.exec(text) ?? [];
  const raw = decodeBase64(material, 1 + PUBLIC_KEY_BYTES);
  if (!KEY_NAME.test(name) || raw === null) return null;
  const type = raw[0] as number;
  const publicKey = raw.subarray(1);
  const computed = keyId(name, type, publicKey);
  if ((type !== ED25519 && type !== COSIGNATURE_V1) || computed.toString('hex') !== id) return null;
  const key = createPublicKey({ key: Buffer.concat([SPKI_PREFIX, publicKey]), format: 'der', type: 'spki' });
  return { name, id: computed, type, key, text };
}

/** The 32 raw bytes of a verifier key. */
export function rawPublicKey({ key }: VerifierKey): Buffer {
  return Buffer.from(key.export({ format: 'der', type: 'spki' }).subarray(-PUBLIC_KEY_BYTES));
}

function parseSignature(line: string): SignatureLine | null {
  const [, name, encoded] = SIGNATURE_LINE.exec(line) ?? [];
  const bytes = encoded === undefined ? null : decodeBase64(encoded);
  if (name === undefined || bytes === null || bytes.length <= KEY_ID_BYTES) return null;
  return { name, id: bytes.subarray(0, KEY_ID_BYTES), signature: bytes.subarray(KEY_ID_BYTES) };
}

export function parseNote(note: string): SignedNote | null {
  const at = note.lastIndexOf('\n\n');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the format forbids exactly these.
  if (at < 0 || !note.endsWith('\n') || /[\u0000-\u0009\u000b-\u001f]/.test(note)) return null;
  const lines = note.slice(at + 2, -1).split('\n');
  if (lines.length > MAX_SIGNATURES) return null;
  const signatures = lines.map(parseSignature);
  return signatures.every((line) => line !== null) ? { text: note.slice(0, at + 1), signatures } : null;
}

export function parseCheckpoint(text: string): Checkpoint | null {
  const [origin = '', sizeText = '', rootText = '', ...extensions] = text.split('\n').slice(0, -1);
  const [size, root] = [decodeSize(sizeText), decodeHash(rootText)];
  if (origin === '' || size === null || root === null || extensions.includes('')) return null;
  return { origin, size, root };
}

/**
 * Whether one of the trusted keys signed. A line that names a trusted key and does not verify spoils the whole note; lines of other keys are
 * ignored (signed-note, "Signatures").
 */
export function isSignedBy(note: SignedNote, trusted: readonly VerifierKey[]): boolean {
  let isSigned = false;
  for (const line of note.signatures) {
    const key = trusted.find((one) => one.name === line.name && one.id.equals(line.id));
    if (key === undefined) continue;
    if (!verify(null, Buffer.from(note.text), key.key, line.signature)) return false;
    isSigned = true;
  }
  return isSigned;
}
