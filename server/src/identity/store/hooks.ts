// Rows of hooks: which integration may deliver, and its sealed secrets. Every change is sent with its commit.

import type { TenantId, Tx } from '#core';
import { type Database, notify, query, sql } from '#storage';

export const HOOKS_CHANNEL = 'sallyport_hooks';

export interface HookRow {
  readonly tenant: TenantId;
  readonly integration: string;
  readonly secret: Buffer;
  readonly previous: Buffer | null;
  readonly previous_until: Date | null;
  readonly created_at: Date;
  readonly rotated_at: Date | null;
}

interface Tables {
  identity_hooks: HookRow;
}

/** Stores a secret; one that was there becomes the previous one until `previousUntil`. True when there was one. */
export async function putHook(
  tx: Tx,
  hook: { tenant: TenantId; integration: string; secret: Uint8Array; at: Date; previousUntil: Date },
): Promise<boolean> {
  const { rows } = await sql<{ rotated: boolean }>`
    insert into identity_hooks (tenant, integration, secret, created_at)
    values (${hook.tenant}, ${hook.integration}, ${Buffer.from(hook.secret)}, ${hook.at})
    on conflict (tenant, integration) do update set
      previous = identity_hooks.secret, previous_until = ${hook.previousUntil}, secret = excluded.secret, rotated_at = excluded.created_at
    returning rotated_at is not null as rotated`.execute(query<Tables>(tx));
  await notify(tx, HOOKS_CHANNEL, '');
  return rows[0]?.rotated === true;
}

export async function dropHook(tx: Tx, tenant: TenantId, integration: string): Promise<boolean> {
  const dropped = await query<Tables>(tx)
    .deleteFrom('identity_hooks')
    .where('tenant', '=', tenant)
    .where('integration', '=', integration)
    .executeTakeFirst();
  if (dropped.numDeletedRows === 0n) return false;
  await notify(tx, HOOKS_CHANNEL, '');
  return true;
}

/** Of all tenants. */
export function readHooks(db: Pick<Database, 'asSystem'>): Promise<readonly HookRow[]> {
  return db.asSystem('authenticator', (tx) => query<Tables>(tx).selectFrom('identity_hooks').selectAll().execute());
}
