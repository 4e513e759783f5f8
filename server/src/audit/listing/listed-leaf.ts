// One event of a listing, as every format of an export takes it.

import type { JsonObject } from '#core';
import type { Decision } from '../query/query-facts.ts';

export interface ListedLeaf {
  readonly seq: number;
  /** The sealed bytes as text. */
  readonly leaf: string;
  readonly leafHash: Buffer;
  readonly entry: JsonObject;
  /** Who is behind the pseudonym; null once that was erased. */
  readonly by: string | null;
  readonly privileged: boolean;
  readonly decision: Decision | null;
}
