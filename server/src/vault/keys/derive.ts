// Keys derived from the root, each for one use. The root is what HKDF makes of the first key file (RFC 5869, extract): it stays when that
// file is replaced, and nothing leads from it back to the key.

import { createHmac } from 'node:crypto';

const NO_SALT = Buffer.alloc(32);

export function rootOf(key: Uint8Array): Buffer {
  return createHmac('sha256', NO_SALT).update(key).digest();
}

/** One block: 32 bytes. The same as `hkdf(sha256, key, '', use, 32)` of the key the root was made of. */
export function expand(root: Uint8Array, use: string): Buffer {
  return createHmac('sha256', root).update(use, 'utf8').update(Buffer.of(1)).digest();
}
