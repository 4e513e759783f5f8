// C2SP signed notes: who signed what. Follows the chain of the log's keys from the one that is trusted, and reads witnesses' cosignatures.

import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import type { Tree } from './tree.ts';
import { base64, count, malformed, sha256, Unverified } from './unverified.ts';

/** DER prefix of an Ed25519 SubjectPublicKeyInfo (RFC 8410). */
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');
export const LOG_KEY = 1;
export const WITNESS_KEY = 4;
const MAX_SIGNATURES = 100;
/** Followed by the first 16 digits of the log's first key. */
const LOG_NAME = 'sallyport.local/log/';

export interface PublicKey {
  readonly name: string;
  readonly raw: Buffer;
  readonly key: KeyObject;
  /** First four bytes that a signature of this key begins with, under its own name. */
  readonly hash: Buffer;
}

function keyHash(name: string, type: number, raw: Buffer): Buffer {
  return sha256(Buffer.from(`${name}\n`), Buffer.from([type]), raw).subarray(0, 4);
}

/** `name+hash+key` of c2sp.org/signed-note. */
export function parseVerifierKey(text: string, type = LOG_KEY): PublicKey {
  const [, name, hex, encoded] = /^([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+=*)$/.exec(text) ?? [];
  if (name === undefined) throw new Unverified('KEY_MALFORMED', 'The verifier key is not of the form name+hash+key.');
  const decoded = base64(encoded, 33);
  const raw = decoded.subarray(1);
  const hash = keyHash(name, type, raw);
  if (decoded[0] !== type || hash.toString('hex') !== hex)
    throw new Unverified('KEY_MALFORMED', 'The verifier key does not match its own hash or is not of the expected kind.');
  return { name, raw, hash, key: createPublicKey({ key: Buffer.concat([SPKI_PREFIX, raw]), format: 'der', type: 'spki' }) };
}

export interface Note {
  /** What is signed, with its last newline. */
  readonly text: string;
  readonly signatures: readonly { readonly name: string; readonly hash: Buffer; readonly signature: Buffer }[];
}

export function parseNote(note: unknown): Note {
  if (typeof note !== 'string') throw malformed('A signed note is missing.');
  const at = note.indexOf('\n\n');
  if (at < 0 || !note.endsWith('\n')) throw malformed('A signed note has no signature.');
  const lines = note.slice(at + 2, -1).split('\n');
  if (lines.length > MAX_SIGNATURES) throw malformed('A signed note has too many signatures.');
  const signatures = lines.map((line) => {
    const [, name, encoded] = /^\u2014 ([^\s+]+) ([A-Za-z0-9+/]+=*)$/.exec(line) ?? [];
    if (name === undefined) throw malformed('A signed note has a line that is no signature.');
    const decoded = base64(encoded);
    if (decoded.length < 5) throw malformed('A signed note has a line that is no signature.');
    return { name, hash: decoded.subarray(0, 4), signature: decoded.subarray(4) };
  });
  return { text: note.slice(0, at + 1), signatures };
}

/** Whether this key signed the note as `name`. Lines of other signers are allowed and not judged. */
export function isSignedBy(note: Note, name: string, { raw, key }: PublicKey): boolean {
  const hash = keyHash(name, LOG_KEY, raw);
  return note.signatures.some(
    (line) => line.name === name && line.hash.equals(hash) && verify(null, Buffer.from(note.text), key, line.signature),
  );
}

/** When the witness saw the note (seconds since 1970), or null when it did not sign it (c2sp.org/tlog-cosignature, Ed25519). */
export function cosignedAt(note: Note, witness: PublicKey): number | null {
  for (const { name, hash, signature } of note.signatures) {
    if (name !== witness.name || !hash.equals(witness.hash) || signature.length !== 72) continue;
    const time = signature.readBigUInt64BE(0);
    const message = Buffer.from(`cosignature/v1\ntime ${time}\n${note.text}`);
    if (time > 0n && time <= BigInt(Number.MAX_SAFE_INTEGER) && verify(null, message, witness.key, signature.subarray(8)))
      return Number(time);
  }
  return null;
}

/** The keys of the log, oldest first, each handing over to the next by a note that both signed. */
export interface KeyChain {
  /** Origin of the first epoch: the log's name for ever. */
  readonly origin: string;
  readonly keys: readonly PublicKey[];
  /** Position of the trusted key. What is current must be signed by it or a later one. */
  readonly trusted: number;
}

export function openKeyChain(keyTexts: readonly string[], rotations: readonly unknown[], trustedText: string | null): KeyChain {
  const keys = keyTexts.map((text) => parseVerifierKey(text));
  const [first] = keys;
  if (first === undefined || rotations.length !== keys.length - 1) throw malformed('The keys of the pack are not a chain.');
  const origin = first.name;
  if (origin !== `${LOG_NAME}${first.raw.toString('hex').slice(0, 16)}`)
    throw new Unverified('KEY_CHAIN_BROKEN', 'The name of the log is not that of its first key.');
  rotations.forEach((rotation, index) => {
    const [old, next] = [keys[index] as PublicKey, keys[index + 1] as PublicKey];
    const note = parseNote(rotation);
    const isOurs = next.name === origin && note.text === `${origin}/keys\n${index + 2}\n${keyTexts[index + 1]}\n`;
    if (!isOurs || !isSignedBy(note, origin, old) || !isSignedBy(note, origin, next)) {
      throw new Unverified('KEY_CHAIN_BROKEN', 'A key of the log was not handed over by the key before it.');
    }
  });
  if (trustedText === null) return { origin, keys, trusted: 0 };
  const wanted = parseVerifierKey(trustedText);
  if (wanted.name !== origin) throw new Unverified('CHECKPOINT_FOREIGN', 'The pack is of another log than the trusted key.');
  const trusted = keys.findIndex((key) => key.raw.equals(wanted.raw));
  if (trusted < 0) throw new Unverified('KEY_UNKNOWN', 'The trusted key is none of the log’s keys.');
  return { origin, keys, trusted };
}

/** The log's name in one of its epochs. */
export function originIn(chain: KeyChain, epoch: number): string {
  return epoch === 1 ? chain.origin : `${chain.origin}.${epoch}`;
}

/** The epoch whose origin this is, or 0. */
export function epochOf(chain: KeyChain, origin: string): number {
  if (origin === chain.origin) return 1;
  const epoch = Number(/\.([1-9]\d{0,8})$/.exec(origin)?.[1] ?? 0);
  return epoch > 1 && originIn(chain, epoch) === origin ? epoch : 0;
}

/** The text of a note that a key of the log signed: by default the trusted one or a later one. */
export function openNote(note: unknown, name: string, chain: KeyChain, from = chain.trusted): Note {
  const parsed = parseNote(note);
  if (chain.keys.slice(from).some((key) => isSignedBy(parsed, name, key))) return parsed;
  throw new Unverified('SIGNATURE_INVALID', 'The signature was not made by the expected key.');
}

export interface Checkpoint extends Tree {
  readonly epoch: number;
  readonly note: Note;
}

/** A signed checkpoint of the global tree in whichever epoch it says. */
export function openCheckpoint(text: unknown, chain: KeyChain, from = chain.trusted): Checkpoint {
  const [, origin = '', size, root] = /^([^\n]+)\n(0|[1-9]\d{0,15})\n([^\n]+)\n/.exec(typeof text === 'string' ? text : '') ?? [];
  const epoch = epochOf(chain, origin);
  if (epoch === 0) throw new Unverified('CHECKPOINT_FOREIGN', 'The signed note is not a checkpoint of this log.');
  const note = openNote(text, origin, chain, from);
  if (note.text !== `${origin}\n${size}\n${root}\n`) throw malformed('A checkpoint has lines that it must not have.');
  return { size: count(Number(size)), root: base64(root, 32), epoch, note };
}

/** Whether each line is the signature of a key of the log, in the order of the keys: then no line could be added, moved or changed. */
export function isSignedByLogAlone(note: Note, name: string, chain: KeyChain): boolean {
  const signers = note.signatures.map((line) =>
    chain.keys.findIndex((key) => isSignedBy({ text: note.text, signatures: [line] }, name, key)),
  );
  return signers.every((signer, index) => signer > (signers[index - 1] ?? -1));
}
