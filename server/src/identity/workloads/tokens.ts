// The form of keys, links and session tokens, and the keyed hash that is all we store of them.
// `<prefix>_<lookup>_<secret>`: the lookup part finds the row, the secret is 32 random bytes; the hash covers both.
// INVARIANT: every well-formed or malformed token costs one hash and one constant-time comparison.

import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto';
import type { Random } from '#core';

export type TokenKind = 'sp' | 'spl' | 'sps' | 'spc' | 'spr' | 'spv';

export interface Token {
  readonly lookup: string;
  readonly secret: string;
}

export interface Hasher {
  /** Short name of the pepper; rows made with another pepper can not be checked. */
  readonly pepperId: string;
  hash(kind: TokenKind, token: Token): Buffer;
  /** A keyed hash of anything else; `label` keeps uses apart. */
  keyed(label: string, text: string): Buffer;
}

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const LOOKUP_CHARS = 16; // 95 bits: no two rows share one
const SECRET_BYTES = 32;
const MAX_TOKEN_CHARS = 80;
const TOKEN = /^(sp|spl|sps|spc|spr|spv)_([0-9A-Za-z]{16})_([A-Za-z0-9_-]{43})$/;
/** Bytes from here on would make some characters likelier than others. */
const FAIR_BELOW = 256 - (256 % ALPHABET.length);

/** Compared with what can not match, so that unknown tokens take the time of known ones. */
export const NO_TOKEN: Token = { lookup: '0'.repeat(LOOKUP_CHARS), secret: '0'.repeat(43) };
export const NO_HASH = Buffer.alloc(32);

export function createHasher(pepper: Uint8Array): Hasher {
  if (pepper.byteLength !== 32) throw new Error('the pepper is 32 bytes');
  const key: KeyObject = createSecretKey(pepper);
  const mac = (text: string): Buffer => createHmac('sha256', key).update(text).digest();
  return {
    pepperId: mac('pepper id').toString('hex').slice(0, 16),
    hash: (kind, { lookup, secret }) => mac(`${kind} ${lookup} ${secret}`),
    keyed: (label, text) => mac(`${label}\0${text}`),
  };
}

function newLookup(random: Random): string {
  let text = '';
  while (text.length < LOOKUP_CHARS) {
    for (const byte of random.bytes(LOOKUP_CHARS)) {
      if (byte < FAIR_BELOW && text.length < LOOKUP_CHARS) text += ALPHABET[byte % ALPHABET.length];
    }
  }
  return text;
}

export function newToken(random: Random): Token {
  return { lookup: newLookup(random), secret: Buffer.from(random.bytes(SECRET_BYTES)).toString('base64url') };
}

/** The text given to its owner, once. */
export function formatToken(kind: TokenKind, { lookup, secret }: Token): string {
  return `${kind}_${lookup}_${secret}`;
}

export function parseToken(kind: TokenKind, text: string | null): Token | null {
  const match = text === null || text.length > MAX_TOKEN_CHARS ? null : TOKEN.exec(text);
  if (match === null || match[1] !== kind) return null;
  return { lookup: match[2] as string, secret: match[3] as string };
}

export function sameHash(left: Buffer, right: Buffer): boolean {
  return left.byteLength === right.byteLength && timingSafeEqual(left, right);
}
