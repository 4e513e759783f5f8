// C2SP signed notes and tlog checkpoints: the text whose signature fixes the whole log, readable by other people's tools.
// Formats: c2sp.org/signed-note (Ed25519, type 0x01) and c2sp.org/tlog-checkpoint. Must never sign an uncommitted state.

import { createHash, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';

const ED25519_TYPE = 0x01;
const KEY_HASH_BYTES = 4;
const ED25519_KEY_BYTES = 32;
const ED25519_SIGNATURE_BYTES = 64;
/** Names in signature lines may hold neither spaces nor plus signs (signed-note, "Signatures"). */
const KEY_NAME = /^[^\s+\p{Cc}]{1,255}$/u;
/** DER prefix of an Ed25519 SubjectPublicKeyInfo (RFC 8410). */
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');
const SIGNATURE_LINE = /^\u2014 ([^\s+]{1,255}) ([A-Za-z0-9+/]{8,8192}={0,2})$/u;
/** What is read of a note: enough for two keys of the log and a large policy of witnesses. */
const MAX_NOTE_CHARS = 64 * 1024;
const MAX_SIGNATURES = 100;

export interface Checkpoint {
  readonly origin: string;
  readonly size: number;
  readonly root: Buffer;
}

export interface NoteSigner {
  /** Key name; equal to the origin of the log. */
  readonly name: string;
  /** `name+hash+key`, the text by which a verifier is told whom to trust. */
  readonly verifierKey: string;
  sign(text: string): string;
}

/** One signature line, not yet checked: whoever can write a note can add lines, and unknown ones are passed over (signed-note). */
export interface SignatureLine {
  readonly name: string;
  /** The first bytes of the hash of name and key, by which a verifier finds its key. */
  readonly keyHash: Buffer;
  readonly signature: Buffer;
  /** The line as it stands, without its newline. */
  readonly line: string;
}

export interface ParsedNote {
  /** What is signed, with its last newline. */
  readonly text: string;
  readonly signatures: readonly SignatureLine[];
}

/** The 32 raw bytes of an Ed25519 public key. */
export function rawPublicKey(key: KeyObject): Buffer {
  return Buffer.from(
    (key.type === 'private' ? createPublicKey(key) : key).export({ format: 'der', type: 'spki' }).subarray(-ED25519_KEY_BYTES),
  );
}

export function keyHash(name: string, publicKey: Uint8Array): Buffer {
  return createHash('sha256')
    .update(name)
    .update(Buffer.from([0x0a, ED25519_TYPE]))
    .update(publicKey)
    .digest()
    .subarray(0, KEY_HASH_BYTES);
}

export function encodeVerifierKey(name: string, publicKey: Uint8Array): string {
  const key = Buffer.concat([Buffer.from([ED25519_TYPE]), publicKey]).toString('base64');
  return `${name}+${keyHash(name, publicKey).toString('hex')}+${key}`;
}

/** Name and raw public key of a verifier key; null when it is not the one text that such a key has. */
export function parseVerifierKey(text: string): { readonly name: string; readonly publicKey: Buffer } | null {
  const [name = '', , ...rest] = text.split('+');
  const bytes = Buffer.from(rest.join('+'), 'base64');
  if (bytes.length !== 1 + ED25519_KEY_BYTES || bytes[0] !== ED25519_TYPE || !KEY_NAME.test(name)) return null;
  const publicKey = bytes.subarray(1);
  return encodeVerifierKey(name, publicKey) === text ? { name, publicKey } : null;
}

/** The signature line of one key over a note's text, without its newline. */
export function signatureLine(name: string, privateKey: KeyObject, text: string): string {
  if (!KEY_NAME.test(name)) throw new Error('A note key name holds no spaces, plus signs or control characters.');
  if (!text.endsWith('\n') || text.includes('\n\n')) throw new Error('A note is lines of text without an empty line, ended by a newline.');
  const hash = keyHash(name, rawPublicKey(privateKey));
  return `\u2014 ${name} ${Buffer.concat([hash, sign(null, Buffer.from(text), privateKey)]).toString('base64')}`;
}

/** Text, an empty line, and one line for each signature. */
export function formatNote(text: string, lines: readonly string[]): string {
  return `${text}\n${lines.map((line) => `${line}\n`).join('')}`;
}

/** Takes a note apart and believes nothing in it; null when it is none. */
export function parseNote(note: string): ParsedNote | null {
  const end = note.lastIndexOf('\n\n');
  if (note.length > MAX_NOTE_CHARS || end <= 0 || !note.endsWith('\n')) return null;
  const text = note.slice(0, end + 1);
  const lines = note.slice(end + 2, -1).split('\n');
  if (text.includes('\n\n') || lines.length > MAX_SIGNATURES) return null;
  const signatures: SignatureLine[] = [];
  for (const line of lines) {
    const [, name = '', encoded = ''] = SIGNATURE_LINE.exec(line) ?? [];
    const bytes = Buffer.from(encoded, 'base64');
    if (name === '' || bytes.length <= KEY_HASH_BYTES || bytes.toString('base64') !== encoded) return null;
    signatures.push({ name, keyHash: bytes.subarray(0, KEY_HASH_BYTES), signature: bytes.subarray(KEY_HASH_BYTES), line });
  }
  return { text, signatures };
}

/** True when a line of the note is the Ed25519 signature of this key under this name. */
export function isSignedBy(note: ParsedNote, name: string, publicKey: Uint8Array): boolean {
  const hash = keyHash(name, publicKey);
  const key = createPublicKey({ key: Buffer.concat([SPKI_PREFIX, publicKey]), format: 'der', type: 'spki' });
  return note.signatures.some(
    (line) =>
      line.name === name &&
      line.keyHash.equals(hash) &&
      line.signature.length === ED25519_SIGNATURE_BYTES &&
      verify(null, Buffer.from(note.text), key, line.signature),
  );
}

export function createNoteSigner(name: string, privateKey: KeyObject): NoteSigner {
  if (!KEY_NAME.test(name)) throw new Error('A note key name holds no spaces, plus signs or control characters.');
  return {
    name,
    verifierKey: encodeVerifierKey(name, rawPublicKey(privateKey)),
    sign: (text) => formatNote(text, [signatureLine(name, privateKey, text)]),
  };
}

/** Origin, size in decimal, root in base64, each on its own line. This text is also what a global leaf is. */
export function formatCheckpoint(checkpoint: Checkpoint): string {
  return `${checkpoint.origin}\n${checkpoint.size}\n${checkpoint.root.toString('base64')}\n`;
}

/** The checkpoint a note's text states; null when the text is not exactly one. */
export function parseCheckpoint(text: string): Checkpoint | null {
  const [origin = '', size = '', root = ''] = text.split('\n');
  if (!/^(0|[1-9]\d{0,14})$/.test(size)) return null;
  const checkpoint = { origin, size: Number(size), root: Buffer.from(root, 'base64') };
  return checkpoint.root.length === 32 && formatCheckpoint(checkpoint) === text ? checkpoint : null;
}

/** Origin of a tenant's own tree; its checkpoints are leaves of the tree whose origin is `log`. */
export function tenantOrigin(log: string, tenant: string): string {
  return `${log}/${tenant}`;
}
