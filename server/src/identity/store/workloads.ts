// Writes and lists tenants, workloads and keys, always within one tenant.

import type { DelegationId, KeyId, PersonId, TenantId, Tx, WorkloadId } from '#core';
import { query, sql } from '#storage';
import { announce } from './changes.ts';
import { announceDirectory } from './directory.ts';
import type { RemovedNames, Tables } from './tables.ts';

export async function addTenant(tx: Tx, row: { tenant: TenantId; name: string; createdAt: Date }): Promise<void> {
  const { tenant, name, createdAt } = row;
  await query<Tables>(tx).insertInto('identity_tenants').values({ tenant, name, revision: 0n, created_at: createdAt }).execute();
  await announceDirectory(tx, tenant);
}

export interface WorkloadRecord {
  readonly id: WorkloadId;
  readonly name: string;
  readonly workflow: string | null;
  readonly integrations: readonly string[];
  readonly publicKey: string | null;
  readonly createdAt: Date;
  /** The person who registered it: its keys end with them. */
  readonly owner: PersonId | null;
}

type NewWorkloadRow = Omit<WorkloadRecord, 'owner'> & Partial<Pick<WorkloadRecord, 'owner'>>;

export async function addWorkload(tx: Tx, tenant: TenantId, workload: NewWorkloadRow, isSample = false): Promise<void> {
  const { id, name, workflow, integrations, publicKey, createdAt, owner = null } = workload;
  await query<Tables>(tx)
    .insertInto('identity_workloads')
    .values({
      tenant,
      id,
      name,
      workflow,
      integrations: [...integrations],
      public_key: publicKey,
      created_at: createdAt,
      is_sample: isSample,
      owner,
      removed: {},
      reached_since: {},
      reach_revision: 0,
    })
    .execute();
  await announce(tx, tenant, 'workload', id);
}

/** False when there is no such workload. */
export async function changeWorkload(
  tx: Tx,
  tenant: TenantId,
  id: WorkloadId,
  change: {
    readonly integrations?: readonly string[];
    readonly publicKey?: string | null;
    readonly removed?: RemovedNames;
    /** When it is changed: what is reached anew counts from here. */
    readonly atMs: number;
  },
): Promise<boolean> {
  const { integrations, publicKey, removed, atMs } = change;
  const changed = await query<Tables>(tx)
    .updateTable('identity_workloads')
    .set({
      ...(integrations === undefined ? {} : { integrations: [...integrations], reached_since: sinceWhen(integrations, atMs) }),
      ...(publicKey === undefined ? {} : { public_key: publicKey }),
      ...(removed === undefined ? {} : { removed }),
      ...(integrations === undefined && removed === undefined ? {} : { reach_revision: sql<number>`reach_revision + 1` }),
    })
    .where('tenant', '=', tenant)
    .where('id', '=', id)
    .executeTakeFirst();
  if (changed.numUpdatedRows === 0n) return false;
  await announce(tx, tenant, 'workload', id);
  return true;
}

/** Keeps what is known of those that stay. A name that is not noted is reached since the workload exists. */
const sinceWhen = (integrations: readonly string[], atMs: number) => sql<Readonly<Record<string, number>>>`(
  select coalesce(jsonb_object_agg(n, coalesce(reached_since -> n, to_jsonb(${atMs}::bigint)))
    filter (where reached_since ? n or not n = any(integrations)), '{}') from unnest(${[...integrations]}::text[]) n)`;

/** Sample workloads, and those of their keys that still work. */
export async function findSamples(tx: Tx, tenant: TenantId): Promise<{ workloads: readonly WorkloadId[]; keys: readonly KeyId[] }> {
  const workloads = await query<Tables>(tx)
    .selectFrom('identity_workloads')
    .select('id')
    .where('tenant', '=', tenant)
    .where('is_sample', '=', true)
    .execute();
  const ids = workloads.map((row) => row.id);
  if (ids.length === 0) return { workloads: [], keys: [] };
  const keys = await query<Tables>(tx)
    .selectFrom('identity_keys')
    .select('id')
    .where('tenant', '=', tenant)
    .where('workload', 'in', ids)
    .where('revoked_at', 'is', null)
    .execute();
  return { workloads: ids, keys: keys.map((row) => row.id) };
}

/** With its keys. Row security lets only sample workloads go. */
export async function dropWorkload(tx: Tx, tenant: TenantId, id: WorkloadId): Promise<void> {
  await query<Tables>(tx).deleteFrom('identity_workloads').where('tenant', '=', tenant).where('id', '=', id).execute();
}

export async function listWorkloads(tx: Tx, tenant: TenantId): Promise<readonly WorkloadRecord[]> {
  return query<Tables>(tx)
    .selectFrom('identity_workloads')
    .select(['id', 'name', 'workflow', 'integrations', 'public_key as publicKey', 'created_at as createdAt', 'owner'])
    .where('tenant', '=', tenant)
    .orderBy('name')
    .execute();
}

export async function hasWorkload(tx: Tx, tenant: TenantId, id: WorkloadId): Promise<boolean> {
  const rows = query<Tables>(tx).selectFrom('identity_workloads').select('id').where('tenant', '=', tenant).where('id', '=', id);
  return (await rows.executeTakeFirst()) !== undefined;
}

export interface KeyRecord {
  readonly id: KeyId;
  readonly workload: WorkloadId;
  readonly createdAt: Date;
  readonly expiresAt: Date;
  readonly revokedAt: Date | null;
}

export async function addKey(
  tx: Tx,
  tenant: TenantId,
  key: Omit<KeyRecord, 'revokedAt'> & {
    readonly lookup: string;
    readonly hash: Buffer;
    readonly pepper: string;
    /** Who is shown it, and so the one it ends with. */
    readonly madeBy: PersonId | null;
    readonly madeUnder?: DelegationId | null;
  },
): Promise<void> {
  const { id, workload, lookup, hash, pepper, createdAt, expiresAt, madeBy, madeUnder = null } = key;
  await query<Tables>(tx)
    .insertInto('identity_keys')
    .values({
      ...{ tenant, id, workload, lookup, hash, pepper, created_at: createdAt, expires_at: expiresAt, revoked_at: null },
      ...{ made_by: madeBy, made_under: madeUnder },
    })
    .execute();
  await announce(tx, tenant, 'key', id);
}

/** False when there is no such key, or it was revoked before. */
export async function revokeKey(tx: Tx, tenant: TenantId, id: KeyId, at: Date): Promise<boolean> {
  const revoked = await query<Tables>(tx)
    .updateTable('identity_keys')
    .set({ revoked_at: at })
    .where('tenant', '=', tenant)
    .where('id', '=', id)
    .where('revoked_at', 'is', null)
    .executeTakeFirst();
  if (revoked.numUpdatedRows === 0n) return false;
  await announce(tx, tenant, '-key', id);
  return true;
}

export async function listKeys(tx: Tx, tenant: TenantId): Promise<readonly KeyRecord[]> {
  return query<Tables>(tx)
    .selectFrom('identity_keys')
    .select(['id', 'workload', 'created_at as createdAt', 'expires_at as expiresAt', 'revoked_at as revokedAt'])
    .where('tenant', '=', tenant)
    .orderBy('id')
    .execute();
}
