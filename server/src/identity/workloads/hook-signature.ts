// The signature under a delivery: Standard Webhooks (standardwebhooks.com), `v1`, HMAC-SHA256 over "id.timestamp.body".
// INVARIANT: whatever is presented, and whether the hook exists or not, costs the same: one HMAC for each of two keys, and every
// comparison in constant time to its end.

import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto';
import type { Random, UnixMs } from '#core';

/** What a sender presents, read from headers and body; nothing of it is believed yet. */
export interface PresentedHook {
  readonly id: string;
  readonly timestampS: number;
  /** Value of the header: signatures divided by spaces, so that a sender can sign with an old and a new secret. */
  readonly signatures: string;
  readonly body: Uint8Array;
}

const SECRET = /^whsec_([A-Za-z0-9+/]{32,128}={0,2})$/;
const SECRET_BYTES = 32;
/** The standard's bounds. */
const MIN_SECRET_BYTES = 24;
const MAX_SECRET_BYTES = 64;
const SIGNATURE = /^v1,([A-Za-z0-9+/]{43}=)$/;
/** A sender has one secret, or two while it changes; more comparisons only serve who tries. */
const MAX_SIGNATURES = 8;
/** How old or how far ahead a delivery may be. */
export const TOLERANCE_MS = 5 * 60_000;

export function newHookSecret(random: Random): string {
  return `whsec_${Buffer.from(random.bytes(SECRET_BYTES)).toString('base64')}`;
}

/** `null` for a text that is no secret of the standard's form. */
export function hookKey(secret: string): KeyObject | null {
  const text = SECRET.exec(secret)?.[1];
  const bytes = Buffer.from(text ?? '', 'base64');
  const isSecret = bytes.byteLength >= MIN_SECRET_BYTES && bytes.byteLength <= MAX_SECRET_BYTES && bytes.toString('base64') === text;
  return isSecret ? createSecretKey(bytes) : null;
}

export function isSignedBy(keys: readonly [KeyObject, KeyObject], { id, timestampS, signatures, body }: PresentedHook): boolean {
  const made = keys.map((key) => createHmac('sha256', key).update(`${id}.${timestampS}.`).update(body).digest());
  let isRight = false;
  for (const text of signatures.split(' ').slice(0, MAX_SIGNATURES)) {
    const presented = Buffer.from(SIGNATURE.exec(text)?.[1] ?? '', 'base64');
    for (const mac of made) if (presented.byteLength === mac.byteLength && timingSafeEqual(presented, mac)) isRight = true;
  }
  return isRight;
}

export function isInTime(timestampS: number, nowMs: UnixMs): boolean {
  return Math.abs(nowMs - timestampS * 1_000) <= TOLERANCE_MS;
}
