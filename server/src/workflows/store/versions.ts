// Rows of workflows, their versions and their files.

import { type Endorsed, endorsedIn, type KeyId, type TenantId, type Tx, type WorkloadId } from '#core';
import { query, sql } from '#storage';
import type { Listens } from '../definition.ts';
import { announceSegments } from './segments.ts';

export type VersionState = 'draft' | 'approved' | 'published' | 'retired';

export interface VersionRow {
  readonly name: string;
  readonly hash: string;
  readonly state: VersionState;
  readonly importedAtMs: number;
  readonly importedBy: string;
  readonly approvedAtMs: number | null;
  readonly approvedBy: string | null;
  readonly isSolo: boolean | null;
  /** The installation's, over the approval and what the approver's passkey signed. */
  readonly signature: Uint8Array | null;
  /** Null when the row is not whole. */
  readonly endorsed: Endorsed | null;
}

export interface WorkflowRow {
  readonly name: string;
  readonly isPaused: boolean;
  readonly workload: WorkloadId | null;
  readonly key: KeyId | null;
  readonly keyExpiresAtMs: number | null;
  /** Goes with the demo. */
  readonly isSample: boolean;
}

interface Tables {
  workflows: {
    tenant: string;
    name: string;
    paused: boolean;
    workload: string | null;
    key: string | null;
    key_expires_at: Date | null;
    is_sample: boolean;
  };
  workflow_versions: {
    tenant: string;
    name: string;
    hash: string;
    state: string;
    imported_at: Date;
    imported_by: string;
    approved_at: Date | null;
    approved_by: string | null;
    is_solo: boolean | null;
    signature: Buffer | null;
    passkey_signature: string | null;
    passkey: string | null;
    published_at: Date | null;
    listens_integration: string | null;
    listens_event: string | null;
  };
  workflow_files: { tenant: string; name: string; hash: string; path: string; content: string };
}

/** False when this very content was imported before. */
export async function insertVersion(
  tx: Tx,
  version: {
    tenant: TenantId;
    name: string;
    hash: string;
    by: string;
    atMs: number;
    files: ReadonlyMap<string, string>;
    listens: Listens | null;
  },
): Promise<boolean> {
  const { tenant, name, hash } = version;
  await sql`insert into workflows (tenant, name) values (${tenant}, ${name}) on conflict do nothing`.execute(query<Tables>(tx));
  const inserted = await sql`
    insert into workflow_versions (tenant, name, hash, state, imported_at, imported_by, listens_integration, listens_event)
    values (${tenant}, ${name}, ${hash}, 'draft', ${new Date(version.atMs)}, ${version.by}, ${version.listens?.integration ?? null},
      ${version.listens?.event ?? null}) on conflict do nothing returning hash`.execute(query<Tables>(tx));
  if (inserted.rows.length === 0) return false;
  const rows = [...version.files].map(([path, content]) => ({ tenant, name, hash, path, content }));
  await query<Tables>(tx).insertInto('workflow_files').values(rows).execute();
  return true;
}

export async function findVersion(tx: Tx, tenant: TenantId, name: string, hash: string): Promise<VersionRow | null> {
  const row = await query<Tables>(tx)
    .selectFrom('workflow_versions')
    .selectAll()
    .where('tenant', '=', tenant)
    .where('name', '=', name)
    .where('hash', '=', hash)
    .executeTakeFirst();
  return row === undefined ? null : toVersion(row);
}

export async function findPublished(tx: Tx, tenant: TenantId, name: string): Promise<VersionRow | null> {
  const row = await query<Tables>(tx)
    .selectFrom('workflow_versions')
    .selectAll()
    .where('tenant', '=', tenant)
    .where('name', '=', name)
    .where('state', '=', 'published')
    .executeTakeFirst();
  return row === undefined ? null : toVersion(row);
}

export async function listVersions(tx: Tx, tenant: TenantId, name: string | null): Promise<readonly VersionRow[]> {
  const rows = await query<Tables>(tx)
    .selectFrom('workflow_versions')
    .selectAll()
    .where('tenant', '=', tenant)
    .$if(name !== null, (builder) => builder.where('name', '=', name as string))
    .orderBy('name')
    .orderBy('imported_at', 'desc')
    .limit(500)
    .execute();
  return rows.map(toVersion);
}

/** Moves a version on; false when it was not in the state it should come from. */
export async function moveVersion(
  tx: Tx,
  move: { tenant: TenantId; name: string; hash: string; from: VersionState; to: VersionState; atMs: number },
): Promise<boolean> {
  const result = await query<Tables>(tx)
    .updateTable('workflow_versions')
    .set({ state: move.to, ...(move.to === 'published' ? { published_at: new Date(move.atMs) } : {}) })
    .where('tenant', '=', move.tenant)
    .where('name', '=', move.name)
    .where('hash', '=', move.hash)
    .where('state', '=', move.from)
    .executeTakeFirst();
  // What calls in its name may reach changes with it.
  await announceSegments(tx);
  return result.numUpdatedRows === 1n;
}

export async function recordApproval(
  tx: Tx,
  approval: {
    tenant: TenantId;
    name: string;
    hash: string;
    from: VersionState;
    by: string;
    atMs: number;
    isSolo: boolean;
    endorsed: Endorsed;
    signature: Uint8Array;
  },
): Promise<boolean> {
  const result = await query<Tables>(tx)
    .updateTable('workflow_versions')
    .set({
      // A retired one stays so: runs that began with it go on.
      state: approval.from === 'draft' ? 'approved' : approval.from,
      approved_at: new Date(approval.atMs),
      approved_by: approval.by,
      is_solo: approval.isSolo,
      signature: Buffer.from(approval.signature),
      passkey_signature: approval.endorsed.signature,
      passkey: approval.endorsed.passkey,
    })
    .where('tenant', '=', approval.tenant)
    .where('name', '=', approval.name)
    .where('hash', '=', approval.hash)
    .where('state', '=', approval.from)
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

export async function readFiles(tx: Tx, tenant: TenantId, name: string, hash: string): Promise<Record<string, string>> {
  const rows = await query<Tables>(tx)
    .selectFrom('workflow_files')
    .select(['path', 'content'])
    .where('tenant', '=', tenant)
    .where('name', '=', name)
    .where('hash', '=', hash)
    .execute();
  return Object.fromEntries(rows.map((row) => [row.path, row.content]));
}

export async function findWorkflow(tx: Tx, tenant: TenantId, name: string): Promise<WorkflowRow | null> {
  const row = await query<Tables>(tx)
    .selectFrom('workflows')
    .selectAll()
    .where('tenant', '=', tenant)
    .where('name', '=', name)
    .executeTakeFirst();
  if (row === undefined) return null;
  return {
    name: row.name,
    isPaused: row.paused,
    workload: row.workload as WorkloadId | null,
    key: row.key as KeyId | null,
    keyExpiresAtMs: row.key_expires_at?.getTime() ?? null,
    isSample: row.is_sample,
  };
}

/** False when it was so before. */
export async function setPaused(tx: Tx, tenant: TenantId, name: string, isPaused: boolean): Promise<boolean> {
  const result = await query<Tables>(tx)
    .updateTable('workflows')
    .set({ paused: isPaused })
    .where('tenant', '=', tenant)
    .where('name', '=', name)
    .where('paused', '=', !isPaused)
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

export async function setKey(
  tx: Tx,
  set: { tenant: TenantId; name: string; workload: WorkloadId; key: KeyId; expiresAtMs: number },
): Promise<void> {
  await query<Tables>(tx)
    .updateTable('workflows')
    .set({ workload: set.workload, key: set.key, key_expires_at: new Date(set.expiresAtMs) })
    .where('tenant', '=', set.tenant)
    .where('name', '=', set.name)
    .execute();
}

function toVersion(row: Tables['workflow_versions']): VersionRow {
  return {
    name: row.name,
    hash: row.hash,
    state: row.state as VersionState,
    importedAtMs: row.imported_at.getTime(),
    importedBy: row.imported_by,
    approvedAtMs: row.approved_at?.getTime() ?? null,
    approvedBy: row.approved_by,
    isSolo: row.is_solo,
    signature: row.signature,
    endorsed: endorsedIn({ signature: row.passkey_signature, passkey: row.passkey }),
  };
}
