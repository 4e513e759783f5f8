// The definitions of RFC 6962 section 2.1 written down word for word, slowly and without looking at the product: the twin it is compared with.

import { createHash } from 'node:crypto';

export type Slow = Buffer;

function sha256(...parts: Uint8Array[]): Buffer {
  const digest = createHash('sha256');
  for (const part of parts) digest.update(part);
  return digest.digest();
}

/** Largest power of two smaller than n. */
function split(n: number): number {
  let k = 1;
  while (k * 2 < n) k *= 2;
  return k;
}

/** MTH(D[n]). */
export function slowRoot(leaves: readonly Uint8Array[]): Slow {
  if (leaves.length === 0) return sha256();
  if (leaves.length === 1) return sha256(Uint8Array.of(0), leaves[0] as Uint8Array);
  const k = split(leaves.length);
  return sha256(Uint8Array.of(1), slowRoot(leaves.slice(0, k)), slowRoot(leaves.slice(k)));
}

/** The same over hashes of leaves that are not at hand. */
export function slowRootOfHashes(hashes: readonly Uint8Array[]): Slow {
  if (hashes.length <= 1) return Buffer.from(hashes[0] ?? sha256());
  const k = split(hashes.length);
  return sha256(Uint8Array.of(1), slowRootOfHashes(hashes.slice(0, k)), slowRootOfHashes(hashes.slice(k)));
}

/** PATH(m, D[n]). */
export function slowPath(m: number, leaves: readonly Uint8Array[]): Slow[] {
  if (leaves.length <= 1) return [];
  const k = split(leaves.length);
  if (m < k) return [...slowPath(m, leaves.slice(0, k)), slowRoot(leaves.slice(k))];
  return [...slowPath(m - k, leaves.slice(k)), slowRoot(leaves.slice(0, k))];
}

/** SUBPROOF(m, D[n], b). */
export function slowConsistency(m: number, leaves: readonly Uint8Array[], isComplete = true): Slow[] {
  if (m === leaves.length) return isComplete ? [] : [slowRoot(leaves)];
  const k = split(leaves.length);
  if (m <= k) return [...slowConsistency(m, leaves.slice(0, k), isComplete), slowRoot(leaves.slice(k))];
  return [...slowConsistency(m - k, leaves.slice(k), false), slowRoot(leaves.slice(0, k))];
}
