// Tells every process what changed about who may do what, numbered per tenant without gaps.

import type { TenantId, Tx } from '#core';
import { beforeCommit, notify, query } from '#storage';
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

const untold = new WeakMap<Tx, Omit<Change, 'revision'>[]>();

/**
 * Sends the change with the commit. The tenant's revision is raised as the last thing a transaction does: its row is what all changes of a
 * tenant meet at, and whoever holds it first and waits for another row then can wait for somebody who waits for it.
 */
export async function announce(tx: Tx, tenant: TenantId, kind: ChangeKind, id: string): Promise<void> {
  const known = untold.get(tx);
  if (known !== undefined) return void known.push({ tenant, kind, id });
  const changes = [{ tenant, kind, id }];
  untold.set(tx, changes);
  beforeCommit(tx, () => tell(tx, changes));
}

async function tell(tx: Tx, changes: readonly Omit<Change, 'revision'>[]): Promise<void> {
  const byTenant = Map.groupBy(changes, ({ tenant }) => tenant);
  // In one order, so that two transactions over the same tenants wait for each other only once.
  for (const tenant of [...byTenant.keys()].toSorted()) await tellOne(tx, tenant, byTenant.get(tenant) ?? []);
}

async function tellOne(tx: Tx, tenant: TenantId, changes: readonly Omit<Change, 'revision'>[]): Promise<void> {
  const count = BigInt(changes.length);
  const { revision } = await query<Tables>(tx)
    .updateTable('identity_tenants')
    .set((row) => ({ revision: row('revision', '+', count) }))
    .where('tenant', '=', tenant)
    .returning('revision')
    .executeTakeFirstOrThrow();
  for (const [index, { kind, id }] of changes.entries()) {
    await notify(tx, IDENTITY_CHANNEL, `${tenant} ${revision - count + BigInt(index) + 1n} ${kind} ${id}`);
  }
}

const CHANGE = /^(ten_[0-9a-f-]{36}) ([0-9]{1,18}) (-?(?:key|session|person)|workload) ([a-z]{3}_[0-9a-f-]{36})$/;

/** Null for a payload that none of ours could be; whoever can reach the database may send any. */
export function parseChange(payload: string): Change | null {
  const match = CHANGE.exec(payload);
  if (match === null) return null;
  const [, tenant, revision, kind, id] = match;
  return { tenant: tenant as TenantId, revision: BigInt(revision as string), kind: kind as ChangeKind, id: id as string };
}
