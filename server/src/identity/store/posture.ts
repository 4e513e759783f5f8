// What a company login said of the device of a session.

import type { SessionId, TenantId, Tx } from '#core';
import { query, sql } from '#storage';

/** In the transaction that opened the session, which also announces it. */
export async function noteManaged(tx: Tx, tenant: TenantId, id: SessionId, isManaged: boolean): Promise<void> {
  await sql`update identity_sessions set managed = ${isManaged} where tenant = ${tenant} and id = ${id} and ended_at is null`.execute(
    query(tx),
  );
}
