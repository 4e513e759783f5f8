// What this process knows about who may come in: live keys, sessions and workloads. Plain maps, no database, no clock.
// INVARIANT: what was once taken out never comes back by a late read; ids are never used twice.

import {
  type Grant,
  isLive,
  type KeyId,
  type PersonId,
  type RemovedReach,
  type SessionId,
  type TenantId,
  type UnixMs,
  type WorkloadId,
  type WorkloadPrincipal,
} from '#core';
import { toGrant } from './access/effective.ts';
import type { EffectiveRow } from './store/effective-rows.ts';
import type { AllRows, KeyRow, PersonRows, SessionRow, WorkloadRow } from './store/snapshot-rows.ts';
import type { RemovedNames } from './store/tables.ts';

export interface KeyEntry {
  readonly id: KeyId;
  readonly tenant: TenantId;
  readonly workload: WorkloadId;
  readonly hash: Buffer;
  readonly expiresAtMs: UnixMs;
  readonly madeBy: PersonId | null;
}

export interface SessionEntry extends Pick<SessionRow, 'tenant' | 'id' | 'person' | 'kind'> {
  readonly hash: Buffer;
  readonly method: SessionRow['method'];
  readonly device: string | null;
  /** Whether the company login vouched for the device; absent when it said nothing. */
  readonly managed?: boolean;
  /** Public key of the browser it belongs to, as JWK text. */
  readonly boundKey: string | null;
  readonly openedAtMs: UnixMs;
  /** When somebody last did something in it. */
  readonly seenAtMs: UnixMs;
  readonly passkeyAtMs: UnixMs | null;
  /** Whether its person has a passkey, in this session used or not. */
  readonly hasPasskey: boolean;
  readonly expiresAtMs: UnixMs;
}

export interface WorkloadEntry {
  readonly id: WorkloadId;
  readonly tenant: TenantId;
  readonly workflow: string | null;
  readonly integrations: ReadonlySet<string>;
  /** Registered public key as JWK text, or null. */
  readonly publicKey: string | null;
  /** Its keys end with this person. */
  readonly owner: PersonId | null;
  /** What was taken away as unused; absent when nothing was. */
  readonly removed?: RemovedReach;
  /** Keys that are suspended. */
  readonly suspended: ReadonlySet<string>;
}

export interface Snapshot {
  keyByLookup(lookup: string): KeyEntry | undefined;
  keyById(id: KeyId): KeyEntry | undefined;
  sessionByLookup(lookup: string): SessionEntry | undefined;
  workload(id: WorkloadId): WorkloadEntry | undefined;
  /** What holds for the person at that moment: what ran out is left out, whether anybody was told or not. */
  grants(tenant: TenantId, person: PersonId, now: UnixMs): readonly Grant[];
  /** People of the tenant who hold anything. */
  holders(tenant: TenantId): number;
  /** The workload of a key, or of whatever else stands for one. */
  principal(key: Pick<KeyEntry, 'id' | 'tenant' | 'workload'>): WorkloadPrincipal | null;
  sessionById(id: SessionId): SessionEntry | undefined;
  isSuspended(key: KeyEntry): boolean;
  revision(tenant: TenantId): bigint;
  /** Call before reading everything; the returned function puts what was read in place of what was known. */
  beginReplace(): (rows: AllRows) => void;
  setRevision(tenant: TenantId, revision: bigint): void;
  putKey(row: KeyRow): void;
  putSession(row: SessionRow): void;
  putWorkload(row: WorkloadRow): void;
  /** In place of everything known about the person: sessions that are not among these are taken out for good. */
  putPerson(tenant: TenantId, person: PersonId, rows: PersonRows): void;
  /** Takes out every session and grant of the person, and the keys that end with them. */
  dropPerson(tenant: TenantId, person: PersonId): void;
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
  /** By tenant and person: somebody may hold grants in more than one tenant. */
  let grants = new Map<string, readonly Grant[]>();
  const gone = new Set<string>();
  const lookups = new Map<string, string>();

  const putKey = (row: KeyRow): void => {
    if (gone.has(row.id) || row.pepper !== pepperId) return;
    const { id, tenant, workload, hash } = row;
    const entry = { id, tenant, workload, hash, expiresAtMs: row.expires_at.getTime(), madeBy: row.made_by };
    keys.set(row.lookup, entry);
    keysById.set(id, entry);
    lookups.set(id, row.lookup);
  };
  const putSession = (row: SessionRow): void => {
    if (gone.has(row.id) || row.pepper !== pepperId) return;
    const { id, tenant, person, kind, hash, method, device } = row;
    const [openedAtMs, expiresAtMs] = [row.created_at.getTime(), row.expires_at.getTime()];
    const times = {
      openedAtMs,
      expiresAtMs,
      seenAtMs: row.seen_at?.getTime() ?? openedAtMs,
      passkeyAtMs: row.passkey_at?.getTime() ?? null,
    };
    const how = { method: kind === 'cli' ? 'cli' : method, device, boundKey: row.bound_key, hasPasskey: row.has_passkey } as const;
    const posture = typeof row.managed === 'boolean' ? { managed: row.managed } : {};
    sessions.set(row.lookup, { id, tenant, person, kind, hash, ...how, ...times, ...posture });
    sessionLookups.set(id, row.lookup);
  };
  const putWorkload = (row: WorkloadRow): void => {
    const { id, tenant, workflow, removed, owner } = row;
    const entry = { id, tenant, workflow, integrations: new Set(row.integrations), publicKey: row.public_key, owner };
    const narrowed = removedReach(removed);
    workloads.set(id, { ...entry, suspended: new Set(removed.keys), ...(narrowed === null ? {} : { removed: narrowed }) });
  };
  const empty = (): void => {
    [keys, keysById, sessions, sessionLookups, workloads, revisions] = [new Map(), new Map(), new Map(), new Map(), new Map(), new Map()];
    grants = new Map();
    lookups.clear();
  };
  const holder = (tenant: TenantId, person: PersonId): string => `${tenant} ${person}`;
  const addGrant = (row: EffectiveRow): void => {
    const key = holder(row.tenant, row.person);
    grants.set(key, [...(grants.get(key) ?? []), toGrant(row)]);
  };
  const drop = (id: string): void => {
    gone.add(id);
    const lookup = lookups.get(id) ?? sessionLookups.get(id as SessionId);
    if (lookup === undefined) return;
    keys.delete(lookup);
    sessions.delete(lookup);
    keysById.delete(id as KeyId);
    sessionLookups.delete(id as SessionId);
    lookups.delete(id);
  };
  const endsWith = (key: KeyEntry, person: PersonId): boolean => key.madeBy === person || workloads.get(key.workload)?.owner === person;
  const sessionsOf = (person: PersonId): readonly SessionEntry[] => [...sessions.values()].filter((entry) => entry.person === person);

  return {
    keyByLookup: (lookup) => keys.get(lookup),
    keyById: (id) => keysById.get(id),
    sessionByLookup: (lookup) => sessions.get(lookup),
    sessionById: (id) => sessions.get(sessionLookups.get(id) ?? ''),
    workload: (id) => workloads.get(id),
    holders: (tenant) => [...grants.keys()].filter((key) => key.startsWith(`${tenant} `)).length,
    grants: (tenant, person, now) => {
      const held = grants.get(holder(tenant, person)) ?? [];
      return held.every((grant) => isLive(grant, now)) ? held : held.filter((grant) => isLive(grant, now));
    },
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
        ...(workload.removed === undefined ? {} : { removed: workload.removed }),
      };
    },
    isSuspended: (key) => workloads.get(key.workload)?.suspended.has(key.id) === true,
    revision: (tenant) => revisions.get(tenant) ?? 0n,
    beginReplace: () => {
      const settled = new Set(gone); // gone before the read began, so the read can not show them
      return (rows) => {
        empty();
        for (const { tenant, revision } of rows.revisions) revisions.set(tenant, revision);
        rows.workloads.forEach(putWorkload);
        rows.keys.forEach(putKey);
        rows.sessions.forEach(putSession);
        rows.grants.forEach(addGrant);
        for (const id of settled) gone.delete(id);
      };
    },
    setRevision: (tenant, revision) => {
      revisions.set(tenant, revision);
    },
    putKey,
    putSession,
    putWorkload,
    putPerson: (tenant, person, rows) => {
      const live = new Set(rows.sessions.map(({ id }) => id));
      for (const { id } of sessionsOf(person)) if (!live.has(id)) drop(id);
      rows.sessions.forEach(putSession);
      grants.delete(holder(tenant, person));
      rows.grants.forEach(addGrant);
    },
    dropPerson: (tenant, person) => {
      for (const key of [...keysById.values()]) if (key.tenant === tenant && endsWith(key, person)) drop(key.id);
      for (const { id } of sessionsOf(person)) drop(id);
      grants.delete(holder(tenant, person));
    },
    drop,
    get dropped() {
      return gone.size;
    },
  };
}

/** `null` for nothing, so that most principals carry nothing more. */
function removedReach({ operations = [], tools = [], models = [] }: RemovedNames): RemovedReach | null {
  if (operations.length + tools.length + models.length === 0) return null;
  return { operations: new Set(operations), tools: new Set(tools), models: new Set(models) };
}
