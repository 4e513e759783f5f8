// Where a room keeps sealed values. Each room with such a column lists it, so that they can be sealed anew under other keys; a test compares
// the lists with the database, so that none is forgotten.

import type { TenantId } from './ids.ts';
import type { Tx } from './tx.ts';

/** The values of a row's key, and of what else the purpose needs, as text by the names of the columns. */
export type RowKey = Readonly<Record<string, string | null>>;

export interface SealedColumn {
  readonly table: string;
  readonly column: string;
  /** The primary key besides the tenant, in its order. It is what a row is named by to people, so it says nothing about anybody. */
  readonly key: readonly string[];
  /** Other columns that the purpose needs. */
  readonly beside?: readonly string[];
  /** For what the value of a row was sealed. */
  readonly purpose: (row: RowKey) => string;
  /** The ledger has a hash of the sealed bytes: they stay as they are, and so does their key. */
  readonly isCommitted?: true;
  /** Something else in the row vouches for these bytes, or names their key; `follow` makes it vouch for the new ones. */
  readonly isVouchedFor?: true;
}

/** One value that was sealed anew. */
export interface SealedAnew {
  readonly row: RowKey;
  readonly before: Uint8Array;
  readonly after: Uint8Array;
  /** Ids of the keys it was under and is under, the outermost first. */
  readonly keys: { readonly before: readonly string[]; readonly after: readonly string[] };
}

/** In the transaction of the change, after it. */
export type FollowSealed = (tx: Tx, tenant: TenantId, changed: SealedAnew) => Promise<void>;
