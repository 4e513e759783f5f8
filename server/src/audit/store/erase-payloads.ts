// Removes what may be removed beside the log: the payloads and salts that were sealed under one key.

import type { TenantId, Tx } from '#core';
import { query, sql } from '#storage';

/** Bytes by which the vault names the key of a sealed value at its beginning; the index of migration 0057 is over exactly these. */
export const KEY_PREFIX_BYTES = 17;

/** How many were removed. */
export async function deletePayloadsOf(tx: Tx, tenant: TenantId, keyPrefixes: readonly Uint8Array[]): Promise<number> {
  const { rows } = await sql`delete from audit_payload
    where tenant = ${tenant} and substring(payload from 1 for 17) = any(${keyPrefixes.map((prefix) => Buffer.from(prefix))}::bytea[]) returning seq`.execute(
    query(tx),
  );
  return rows.length;
}
