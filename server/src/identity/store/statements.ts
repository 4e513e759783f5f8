// Marks binding statements as used, and sweeps what has run out.

import type { TenantId, Tx } from '#core';
import { type Database, query, sql } from '#storage';
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

/**
 * Deletes statements, links and sessions that ran out before `before`; over all tenants. The last browser session of everybody stays: that
 * somebody has signed in decides who may make a link for them.
 */
export async function sweepExpired(db: Database, before: Date): Promise<number> {
  return db.asSystem('authenticator', async (tx) => {
    const on = query<Tables>(tx);
    const swept = [
      await on.deleteFrom('identity_statements').where('expires_at', '<', before).executeTakeFirst(),
      await on.deleteFrom('identity_links').where('expires_at', '<', before).executeTakeFirst(),
    ];
    const sessions = await sql`delete from identity_sessions s where s.expires_at < ${before} and (s.kind <> 'browser' or exists (
      select from identity_sessions later where later.tenant = s.tenant and later.person = s.person and later.kind = 'browser'
        and (later.created_at, later.id) > (s.created_at, s.id)))`.execute(on);
    return swept.reduce((total, { numDeletedRows }) => total + Number(numDeletedRows), Number(sessions.numAffectedRows ?? 0n));
  });
}
