// Marks binding statements as used, and sweeps what has run out.

import type { TenantId, Tx } from '#core';
import { type Database, query } from '#storage';
import type { Tables } from './tables.ts';

/** True for the first transaction that uses the statement. A second one waits for the first to end before it is answered. */
export async function useStatement(tx: Tx, tenant: TenantId, statement: string, expiresAt: Date): Promise<boolean> {
  const added = await query<Tables>(tx)
    .insertInto('identity_statements')
    .values({ tenant, statement, expires_at: expiresAt })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  return (added.numInsertedOrUpdatedRows ?? 0n) > 0n;
}

/** Deletes statements, links and sessions that ran out before `before`; over all tenants. */
export async function sweepExpired(db: Database, before: Date): Promise<number> {
  return db.asSystem('authenticator', async (tx) => {
    const on = query<Tables>(tx);
    const swept = [
      await on.deleteFrom('identity_statements').where('expires_at', '<', before).executeTakeFirst(),
      await on.deleteFrom('identity_links').where('expires_at', '<', before).executeTakeFirst(),
      await on.deleteFrom('identity_sessions').where('expires_at', '<', before).executeTakeFirst(),
    ];
    return swept.reduce((total, { numDeletedRows }) => total + Number(numDeletedRows), 0);
  });
}
