// What was presented before, over all replicas.

import type { TenantId, Tx } from '#core';
import { type Database, query } from '#storage';

export interface Presented {
  readonly tenant: TenantId;
  readonly digest: Uint8Array;
  readonly expiresAt: Date;
}

interface ReplayTables {
  identity_replays: { tenant: TenantId; digest: Buffer; expires_at: Date };
}

/**
 * All of them for the first time, in one trip; otherwise a unique violation, and none is written. It does not wait for the disk: what is
 * committed later, such as the intent of an effect, carries it there first, because the log of the database is written in order.
 */
export function addNew(db: Pick<Database, 'runAlone'>, presented: readonly Presented[]): Promise<void> {
  return db.runAlone('authenticator', {
    name: 'identity_add_replays',
    text: `with quick as materialized (select set_config('synchronous_commit', 'off', true))
      insert into identity_replays (tenant, digest, expires_at)
      select row.tenant, row.digest, row.expires_at
      from quick, unnest($1::text[], $2::bytea[], $3::timestamptz[]) as row (tenant, digest, expires_at)`,
    values: [
      presented.map(({ tenant }) => tenant),
      presented.map(({ digest }) => Buffer.from(digest)),
      presented.map(({ expiresAt }) => expiresAt),
    ],
  });
}

/** The digests, in hex, that are there for the first time. Whoever else tries the same at this moment waits and is told that it is not. */
export async function addReplays(tx: Tx, presented: readonly Presented[]): Promise<ReadonlySet<string>> {
  const rows = presented.map(({ tenant, digest, expiresAt }) => ({ tenant, digest: Buffer.from(digest), expires_at: expiresAt }));
  const added = await query<ReplayTables>(tx)
    .insertInto('identity_replays')
    .values(rows)
    .onConflict((conflict) => conflict.doNothing())
    .returning('digest')
    .execute();
  return new Set(added.map(({ digest }) => digest.toString('hex')));
}

/** Over all tenants: what no check would accept any more. */
export async function sweepReplays(db: Database, before: Date): Promise<number> {
  return db.asSystem('authenticator', async (tx) => {
    const { numDeletedRows } = await query<ReplayTables>(tx)
      .deleteFrom('identity_replays')
      .where('expires_at', '<', before)
      .executeTakeFirstOrThrow();
    return Number(numDeletedRows);
  });
}
