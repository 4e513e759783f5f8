// What this process knows about who may come in: live keys, sessions and workloads. Plain maps, no database, no clock.
// INVARIANT: what was once taken out never comes back by a late read; ids are never used twice.

import type { KeyId, SessionId, TenantId, UnixMs, WorkloadId, WorkloadPrincipal } from '#core';
import type { AllRows, KeyRow, SessionRow, WorkloadRow } from './store/snapshot-rows.ts';

export interface KeyEntry {
  readonly id: KeyId;
  readonly tenant: TenantId;
  readonly workload: WorkloadId;
  readonly hash: Buffer;
  readonly expiresAtMs: UnixMs;
}

export interface SessionEntry extends Pick<SessionRow, 'tenant' | 'id' | 'person' | 'role'> {
  readonly hash: Buffer;
  readonly expiresAtMs: UnixMs;
}

export interface WorkloadEntry {
  readonly id: WorkloadId;
  readonly tenant: TenantId;
  readonly workflow: string | null;
  readonly integrations: ReadonlySet<string>;
  /** Registered public key as JWK text, or null. */
  readonly publicKey: string | null;
}

export interface Snapshot {
  keyByLookup(lookup: string): KeyEntry | undefined;
  keyById(id: KeyId): KeyEntry | undefined;
  sessionByLookup(lookup: string): SessionEntry | undefined;
  workload(id: WorkloadId): WorkloadEntry | undefined;
  principal(key: KeyEntry): WorkloadPrincipal | null;
  revision(tenant: TenantId): bigint;
  /** Call before reading everything; the returned function puts what was read in place of what was known. */
  beginReplace(): (rows: AllRows) => void;
  setRevision(tenant: TenantId, revision: bigint): void;
  putKey(row: KeyRow): void;
  putSession(row: SessionRow): void;
  putWorkload(row: WorkloadRow): void;
  /** Takes out a key or session for good. */
  drop(id: string): void;
  /** Ids taken out since the last full read; each costs a little memory until the next one. */
  readonly dropped: number;
}

export function createSnapshot(pepperId: string): Snapshot {
  let keys = new Map<string, KeyEntry>();
  let keysById = new Map<KeyId, KeyEntry>();
  let sessions = new Map<string, SessionEntry>();
  let sessionLookups = new Map<SessionId, string>();
  let workloads = new Map<WorkloadId, WorkloadEntry>();
  let revisions = new Map<TenantId, bigint>();
  const gone = new Set<string>();
  const lookups = new Map<string, string>();

  const putKey = (row: KeyRow): void => {
    if (gone.has(row.id) || row.pepper !== pepperId) return;
    const { id, tenant, workload, hash } = row;
    const entry = { id, tenant, workload, hash, expiresAtMs: row.expires_at.getTime() };
    keys.set(row.lookup, entry);
    keysById.set(id, entry);
    lookups.set(id, row.lookup);
  };
  const putSession = (row: SessionRow): void => {
    if (gone.has(row.id) || row.pepper !== pepperId) return;
    const { id, tenant, person, role, hash } = row;
    sessions.set(row.lookup, { id, tenant, person, role, hash, expiresAtMs: row.expires_at.getTime() });
    sessionLookups.set(id, row.lookup);
  };
  const putWorkload = (row: WorkloadRow): void => {
    const { id, tenant, workflow } = row;
    workloads.set(id, { id, tenant, workflow, integrations: new Set(row.integrations), publicKey: row.public_key });
  };
  const empty = (): void => {
    [keys, keysById, sessions, sessionLookups, workloads, revisions] = [new Map(), new Map(), new Map(), new Map(), new Map(), new Map()];
    lookups.clear();
  };

  return {
    keyByLookup: (lookup) => keys.get(lookup),
    keyById: (id) => keysById.get(id),
    sessionByLookup: (lookup) => sessions.get(lookup),
    workload: (id) => workloads.get(id),
    principal: (key) => {
      const workload = workloads.get(key.workload);
      if (workload === undefined || workload.tenant !== key.tenant) return null;
      return {
        kind: 'workload',
        tenant: key.tenant,
        workload: workload.id,
        key: key.id,
        workflow: workload.workflow,
        integrations: workload.integrations,
      };
    },
    revision: (tenant) => revisions.get(tenant) ?? 0n,
    beginReplace: () => {
      const settled = new Set(gone); // gone before the read began, so the read can not show them
      return (rows) => {
        empty();
        for (const { tenant, revision } of rows.revisions) revisions.set(tenant, revision);
        rows.workloads.forEach(putWorkload);
        rows.keys.forEach(putKey);
        rows.sessions.forEach(putSession);
        for (const id of settled) gone.delete(id);
      };
    },
    setRevision: (tenant, revision) => {
      revisions.set(tenant, revision);
    },
    putKey,
    putSession,
    putWorkload,
    drop: (id) => {
      gone.add(id);
      const lookup = lookups.get(id) ?? sessionLookups.get(id as SessionId);
      if (lookup === undefined) return;
      keys.delete(lookup);
      sessions.delete(lookup);
      keysById.delete(id as KeyId);
      sessionLookups.delete(id as SessionId);
      lookups.delete(id);
    },
    get dropped() {
      return gone.size;
    },
  };
}
