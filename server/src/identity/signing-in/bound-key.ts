// The key of a browser that a session is bound to: made there, not extractable, and known here by its public half.

import { createHash, createPublicKey, type KeyObject } from 'node:crypto';

/** ECDSA over P-256: what every browser can make and keep. */
export interface BoundKey {
  readonly kty: 'EC';
  readonly crv: 'P-256';
  readonly x: string;
  readonly y: string;
}

/** The one spelling of the key (RFC 7638), or null when it is none. */
export function boundKeyText({ x, y }: Pick<BoundKey, 'x' | 'y'>): string | null {
  const text = `{"crv":"P-256","kty":"EC","x":"${x}","y":"${y}"}`;
  try {
    importBoundKey(text);
    return text;
  } catch {
    return null;
  }
}

export function importBoundKey(text: string): KeyObject {
  const { kty, crv, x, y } = JSON.parse(text) as Record<string, string>;
  return createPublicKey({ key: { kty, crv, x, y } as Record<string, string>, format: 'jwk' });
}

/** A name for the browser that no cookie carries and no other site sees: it is the thumbprint of its key. */
export function deviceOf(text: string | null): string | null {
  return text === null ? null : `dev_${createHash('sha256').update(text).digest('hex').slice(0, 32)}`;
}
