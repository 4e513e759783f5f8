// The final form of a ledger entry: canonical JSON (RFC 8785) of references and codes. FORMAT.md is its specification.
// INVARIANT: nothing personal is in a leaf. An actor is a random pseudonym; a payload is only a salted commitment, so that
// erasing salt, payload and pseudonym leaves every proof valid and nothing to guess from.

import { createHash } from 'node:crypto';
import { canonicalJson, formatTime, type JsonObject, type UnixMs } from '#core';

export const LEAF_VERSION = 1;
export const SALT_BYTES = 32;
export const PSEUDONYM_BYTES = 16;

export interface LeafInput {
  readonly seq: number;
  readonly id: string;
  readonly tenant: string;
  readonly type: string;
  readonly occurredAtMs: UnixMs;
  readonly pseudonym: string;
  readonly subject: string;
  readonly public: JsonObject;
  readonly commit: string | null;
}

/** SHA-256(salt || payload) in hex: binds the payload, and tells nothing about it once the salt is gone. */
export function commitTo(salt: Uint8Array, payload: Uint8Array): string {
  return createHash('sha256').update(salt).update(payload).digest('hex');
}

export function pseudonymFrom(bytes: Uint8Array): string {
  return `act_${Buffer.from(bytes).toString('hex')}`;
}

function leafText(input: LeafInput, facts: JsonObject): string {
  // In the order of the canonical form, which then has nothing to sort.
  return canonicalJson({
    actor: input.pseudonym,
    at: formatTime(input.occurredAtMs),
    commit: input.commit,
    id: input.id,
    public: facts,
    seq: input.seq,
    subject: input.subject,
    tenant: input.tenant,
    type: input.type,
    v: LEAF_VERSION,
  });
}

/** The exact text whose UTF-8 bytes are the leaf. A row that has no canonical form is sealed as such: it must never stop the ledger. */
export function encodeLeaf(input: LeafInput): string {
  try {
    return leafText(input, input.public);
  } catch {
    return leafText(input, { unsealable: true });
  }
}
