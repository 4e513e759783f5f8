// The keys that sign access tokens, wrapped; they belong to the installation, not to a tenant.

import type { Tx } from '#core';
import { query, sql } from '#storage';

export interface TokenKeyRow {
  readonly kid: string;
  readonly wrapped: Buffer;
  readonly created_at: Date;
  readonly signs_from: Date;
}

interface KeyTables {
  identity_token_keys: TokenKeyRow;
}

export async function readTokenKeys(tx: Tx): Promise<readonly TokenKeyRow[]> {
  return query<KeyTables>(tx).selectFrom('identity_token_keys').selectAll().orderBy('signs_from').execute();
}

/** Held until the transaction ends: two processes never make the next key at once. */
export async function holdTokenKeys(tx: Tx): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtext('sallyport token keys'))`.execute(query(tx));
}

export async function addTokenKey(tx: Tx, row: TokenKeyRow): Promise<void> {
  await query<KeyTables>(tx).insertInto('identity_token_keys').values(row).execute();
}

export async function dropTokenKeys(tx: Tx, kids: readonly string[]): Promise<void> {
  if (kids.length === 0) return;
  await query<KeyTables>(tx)
    .deleteFrom('identity_token_keys')
    .where('kid', 'in', [...kids])
    .execute();
}
