// C2SP signed notes and tlog checkpoints: the text whose signature fixes the whole log, readable by other people's tools.
// Formats: c2sp.org/signed-note (Ed25519, type 0x01) and c2sp.org/tlog-checkpoint. Must never sign an uncommitted state.

import { createHash, createPublicKey, type KeyObject, sign } from 'node:crypto';

const ED25519_TYPE = 0x01;
const KEY_HASH_BYTES = 4;
const ED25519_KEY_BYTES = 32;
/** Names in signature lines may hold neither spaces nor plus signs (signed-note, "Signatures"). */
const KEY_NAME = /^[^\s+\p{Cc}]{1,255}$/u;

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

export function createNoteSigner(name: string, privateKey: KeyObject): NoteSigner {
  if (!KEY_NAME.test(name)) throw new Error('A note key name holds no spaces, plus signs or control characters.');
  const publicKey = rawPublicKey(privateKey);
  const hash = keyHash(name, publicKey);
  return {
    name,
    verifierKey: encodeVerifierKey(name, publicKey),
    sign(text) {
      if (!text.endsWith('\n') || text.includes('\n\n'))
        throw new Error('A note is lines of text without an empty line, ended by a newline.');
      const signature = Buffer.concat([hash, sign(null, Buffer.from(text), privateKey)]).toString('base64');
      return `${text}\n\u2014 ${name} ${signature}\n`;
    },
  };
}

/** Origin, size in decimal, root in base64, each on its own line. This text is also what a global leaf is. */
export function formatCheckpoint(checkpoint: Checkpoint): string {
  return `${checkpoint.origin}\n${checkpoint.size}\n${checkpoint.root.toString('base64')}\n`;
}

/** Origin of a tenant's own tree; its checkpoints are leaves of the tree whose origin is `log`. */
export function tenantOrigin(log: string, tenant: string): string {
  return `${log}/${tenant}`;
}
