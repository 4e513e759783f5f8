// The arithmetic of an inclusion proof (RFC 6962 section 2.1, RFC 9162 section 2.1.3), done in the reader's browser. Pure but for the hash of
// the platform. It shares no code with the server: agreeing is the point.

export type Sha256 = (bytes: Uint8Array<ArrayBuffer>) => Promise<Uint8Array<ArrayBuffer>>;

/** What one hash of a path stands for: the leaves `from` to `to`, joined on one side of what was known so far. */
export interface Sibling {
  readonly side: 'left' | 'right';
  readonly from: number;
  readonly to: number;
}

/** Which subtrees the path of leaf `index` in a tree of `size` leaves is made of, lowest first. */
export function siblingsOf(index: number, size: number): readonly Sibling[] {
  if (!Number.isSafeInteger(index) || !Number.isSafeInteger(size) || index < 0 || index >= size) return [];
  const siblings: Sibling[] = [];
  let from = 0;
  let to = size;
  while (to - from > 1) {
    const middle = from + largestPowerBelow(to - from);
    if (index < middle) siblings.push({ side: 'right', from: middle, to: to - 1 });
    else siblings.push({ side: 'left', from, to: middle - 1 });
    if (index < middle) to = middle;
    else from = middle;
  }
  return siblings.toReversed();
}

function largestPowerBelow(size: number): number {
  let power = 1;
  while (power * 2 < size) power *= 2;
  return power;
}

export interface Rung {
  readonly sibling: Sibling;
  /** The hash that the proof brings. */
  readonly hash: Uint8Array<ArrayBuffer>;
  /** What the two make together. */
  readonly result: Uint8Array<ArrayBuffer>;
}

/** Joins a leaf with its path; `null` when the path has not as many hashes as such a tree needs. */
export async function climb(
  sha256: Sha256,
  leaf: Uint8Array<ArrayBuffer>,
  tree: { readonly index: number; readonly size: number; readonly path: readonly Uint8Array<ArrayBuffer>[] },
): Promise<readonly Rung[] | null> {
  const siblings = siblingsOf(tree.index, tree.size);
  if (siblings.length !== tree.path.length || tree.index >= tree.size) return null;
  const rungs: Rung[] = [];
  let result = leaf;
  for (const [level, sibling] of siblings.entries()) {
    const hash = tree.path[level];
    if (hash === undefined) return null;
    result = await hashChildren(sha256, ...(sibling.side === 'left' ? ([hash, result] as const) : ([result, hash] as const)));
    rungs.push({ sibling, hash, result });
  }
  return rungs;
}

export const hashLeaf = (sha256: Sha256, leaf: Uint8Array): Promise<Uint8Array<ArrayBuffer>> => sha256(joined([0], leaf));
const hashChildren = (sha256: Sha256, left: Uint8Array, right: Uint8Array): Promise<Uint8Array<ArrayBuffer>> =>
  sha256(joined([1], left, right));

export function joined(...parts: readonly (Uint8Array | readonly number[])[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(parts.reduce((total, part) => total + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

const HASH_BYTES = 32;

/** `null` for what is not the base64 of a hash. */
export function hashOf(base64: string): Uint8Array<ArrayBuffer> | null {
  const bytes = bytesOf(base64);
  return bytes?.length === HASH_BYTES ? bytes : null;
}

export function bytesOf(base64: string): Uint8Array<ArrayBuffer> | null {
  try {
    const bytes = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
    return base64Of(bytes) === base64 ? bytes : null;
  } catch {
    return null;
  }
}

export const base64Of = (bytes: Uint8Array): string => btoa(String.fromCharCode(...bytes));
export const hexOf = (bytes: Uint8Array): string => [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
