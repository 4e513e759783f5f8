// Events as JSON lines that can be checked: the sealed bytes of each leaf stand in its line unchanged, and its hash is the one that the
// packs of the ledger state and prove.

import type { ListedLeaf } from './listed-leaf.ts';

/** Everything from after `"leaf":` to before the last brace is the leaf, byte for byte. */
export function ndjsonEvent({ seq, leaf, leafHash, by }: ListedLeaf): string {
  const before = JSON.stringify({ seq, leafHash: leafHash.toString('base64'), by });
  return `${before.slice(0, -1)},"leaf":${leaf}}\n`;
}
