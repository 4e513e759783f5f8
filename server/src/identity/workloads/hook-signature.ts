// The signature under a delivery: Standard Webhooks (standardwebhooks.com), `v1`, HMAC-SHA256 over "id.timestamp.body".
// INVARIANT: whatever is presented, and whether the hook exists or not, costs the same: one HMAC for each of two keys, and every
// comparison in constant time to its end.

import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto';
import type { Random, UnixMs } from '#core';

/** What a sender presents, read from headers and body; nothing of it is believed yet. */
export interface PresentedHook {
  /** Shopify signs the body alone: neither id nor moment is under its signature. Absent: Standard Webhooks. */
  readonly form?: HookForm;
  readonly id: string;
  readonly timestampS: number;
  /** Value of the header: signatures divided by spaces, so that a sender can sign with an old and a new secret. */
  readonly signatures: string;
  readonly body: Uint8Array;
}

export type HookForm = 'standard' | 'shopify';

/** The client secret of a Shopify app, which is its key as it is written. */
const SHOPIFY_SECRET = /^(?:shpss_)?[0-9a-f]{32,64}$/;
const SHOPIFY_SIGNATURE = /^([A-Za-z0-9+/]{43}=)$/;
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
  if (hookForm(secret) === 'shopify') return createSecretKey(Buffer.from(secret, 'utf8'));
  const text = SECRET.exec(secret)?.[1];
  const bytes = Buffer.from(text ?? '', 'base64');
  const isSecret = bytes.byteLength >= MIN_SECRET_BYTES && bytes.byteLength <= MAX_SECRET_BYTES && bytes.toString('base64') === text;
  return isSecret ? createSecretKey(bytes) : null;
}

/** Which signatures a secret is for. */
export function hookForm(secret: string): HookForm {
  return SHOPIFY_SECRET.test(secret) ? 'shopify' : 'standard';
}

export function isSignedBy(keys: readonly [KeyObject, KeyObject], { form, id, timestampS, signatures, body }: PresentedHook): boolean {
  const signed = form === 'shopify' ? '' : `${id}.${timestampS}.`;
  const one = form === 'shopify' ? SHOPIFY_SIGNATURE : SIGNATURE;
  const made = keys.map((key) => createHmac('sha256', key).update(signed).update(body).digest());
  let isRight = false;
  for (const text of signatures.split(' ').slice(0, MAX_SIGNATURES)) {
    const presented = Buffer.from(one.exec(text)?.[1] ?? '', 'base64');
    for (const mac of made) if (presented.byteLength === mac.byteLength && timingSafeEqual(presented, mac)) isRight = true;
  }
  return isRight;
}

export function isInTime(timestampS: number, nowMs: UnixMs): boolean {
  return Math.abs(nowMs - timestampS * 1_000) <= TOLERANCE_MS;
}
