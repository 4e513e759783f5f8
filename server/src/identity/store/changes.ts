// Tells every process what changed about who may do what, numbered per tenant without gaps.

import type { TenantId, Tx } from '#core';
import { notify, query } from '#storage';
import type { Tables } from './tables.ts';

export const IDENTITY_CHANNEL = 'sallyport_identity';

/** `-` marks what is gone: it is dropped at once, before anything is read. */
export type ChangeKind = 'key' | '-key' | 'session' | '-session' | 'workload' | 'person' | '-person';

export interface Change {
  readonly tenant: TenantId;
  readonly revision: bigint;
  readonly kind: ChangeKind;
  readonly id: string;
}

/** Raises the tenant's revision, which serialises changes of one tenant, and sends the change with the commit. */
export async function announce(tx: Tx, tenant: TenantId, kind: ChangeKind, id: string): Promise<void> {
  const { revision } = await query<Tables>(tx)
    .updateTable('identity_tenants')
    .set((row) => ({ revision: row('revision', '+', 1n) }))
    .where('tenant', '=', tenant)
    .returning('revision')
    .executeTakeFirstOrThrow();
  await notify(tx, IDENTITY_CHANNEL, `${tenant} ${revision} ${kind} ${id}`);
}

const CHANGE = /^(ten_[0-9a-f-]{36}) ([0-9]{1,18}) (-?(?:key|session|person)|workload) ([a-z]{3}_[0-9a-f-]{36})$/;

/** Null for a payload that none of ours could be; whoever can reach the database may send any. */
export function parseChange(payload: string): Change | null {
  const match = CHANGE.exec(payload);
  if (match === null) return null;
  const [, tenant, revision, kind, id] = match;
  return { tenant: tenant as TenantId, revision: BigInt(revision as string), kind: kind as ChangeKind, id: id as string };
}
