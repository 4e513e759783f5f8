// What is known in memory about all tenants: their names, which workspace a thing belongs to, and which staff may act where.
// INVARIANTS: no answer reads the database; a delegation that ended never comes back by a late read; while changes can not be heard,
// nobody acts in another tenant and nothing belongs to a workspace.

import {
  type Clock,
  createInOrder,
  type DelegationId,
  type Department,
  departmentFrom,
  type PersonId,
  type Scope,
  type TenantId,
  type UnixMs,
} from '#core';
import { type Database, follow } from '#storage';
import { FEED_GRACE_MS } from '../follow.ts';
import { IDENTITY_CHANNEL, parseChange } from '../store/changes.ts';
import {
  DIRECTORY_CHANNEL,
  type DirectoryRows,
  MEMBER_KINDS,
  type MemberKind,
  parseDirectoryChange,
  readDirectory,
} from '../store/directory.ts';

export interface TenantEntry {
  readonly tenant: TenantId;
  readonly name: string;
  readonly createdAtMs: UnixMs;
}

export interface LiveDelegation {
  readonly id: DelegationId;
  /** Who gave the access. */
  readonly client: TenantId;
  readonly agency: TenantId;
  /** A person or a group of the agency. */
  readonly subject: string;
  readonly role: string;
  readonly scope: Scope;
  readonly expiresAtMs: UnixMs;
}

/** A thing by what names it: a workflow, integration or workload. */
export type Belonging = Partial<Readonly<Record<MemberKind, string>>>;

export interface Directory {
  /** Changes can not be heard: what is known may be old. */
  isLost(): boolean;
  /** By id or by name. */
  findTenant(text: string): TenantEntry | null;
  tenant(id: TenantId): TenantEntry | null;
  /** By name. */
  tenants(): readonly TenantEntry[];
  /** By name. */
  workspaces(tenant: TenantId): readonly string[];
  /** The workspace of the workflow where one is named, else of the integration, else of the workload. None or one. */
  workspacesOf(tenant: TenantId, thing: Belonging): readonly string[];
  /**
   * Every workspace that has a hand in a call: that of its workflow, of its program and of its integration, each once, by name.
   * Null while changes can not be heard: what they may use is not known then.
   */
  departmentsOf(tenant: TenantId, call: Belonging): readonly Department[] | null;
  /** Names of what belongs to the workspace. */
  membersOf(tenant: TenantId, kind: MemberKind, workspace: string): readonly string[];
  /** What this person of the agency holds elsewhere now, by name or by a group they are in. */
  heldBy(agency: TenantId, person: PersonId): readonly LiveDelegation[];
  /** Whom this tenant lets in now, each with what by. */
  staffOf(client: TenantId): readonly { readonly person: PersonId; readonly delegation: LiveDelegation }[];
  /** Reads this tenant's part now; for whoever has just changed it. `ended` is dropped at once. */
  refresh(tenant: TenantId, ended?: DelegationId): Promise<void>;
  close(): Promise<void>;
}

export interface DirectoryDeps {
  readonly db: Database;
  readonly clock: Clock;
  /** Told of somebody who left a tenant that has access elsewhere. */
  readonly onLeft?: (agency: TenantId, person: PersonId) => void;
  readonly onFault?: (fault: unknown) => void;
}

interface Part {
  readonly entry: TenantEntry;
  readonly workspaces: readonly string[];
  readonly departments: ReadonlyMap<string, Department>;
  /** `kind/member` to workspace. */
  readonly belongs: ReadonlyMap<string, string>;
  readonly members: ReadonlyMap<string, readonly string[]>;
  readonly delegations: readonly LiveDelegation[];
}

const NONE: readonly Department[] = Object.freeze([]);
const byName = (left: { readonly name: string }, right: { readonly name: string }): number => (left.name < right.name ? -1 : 1);

function partsOf(rows: DirectoryRows): ReadonlyMap<TenantId, Part> {
  const workspaces = Map.groupBy(rows.workspaces, ({ tenant }) => tenant);
  const members = Map.groupBy(rows.members, ({ tenant }) => tenant);
  const delegations = Map.groupBy(rows.delegations, ({ tenant }) => tenant);
  return new Map(
    rows.tenants.map(({ tenant, name, created_at }) => {
      const own = members.get(tenant) ?? [];
      const grouped = Map.groupBy(own, ({ kind, workspace }) => `${kind}/${workspace}`);
      return [
        tenant,
        {
          entry: { tenant, name, createdAtMs: created_at.getTime() },
          workspaces: (workspaces.get(tenant) ?? []).map((row) => row.name).sort(),
          departments: new Map((workspaces.get(tenant) ?? []).map((row) => [row.name, departmentFrom(row)])),
          belongs: new Map(own.map(({ kind, member, workspace }) => [`${kind}/${member}`, workspace])),
          members: new Map([...grouped].map(([key, list]) => [key, list.map(({ member }) => member).sort()])),
          delegations: (delegations.get(tenant) ?? []).map((row) => ({
            id: row.id,
            client: tenant,
            agency: row.agency,
            subject: row.subject,
            role: row.role,
            scope: row.scope,
            expiresAtMs: row.expires_at.getTime(),
          })),
        },
      ];
    }),
  );
}

/** Reads everything once; throws when that fails. */
export async function openDirectory({ db, clock, onLeft = () => undefined, onFault = () => undefined }: DirectoryDeps): Promise<Directory> {
  let parts = new Map<TenantId, Part>();
  let names = new Map<string, TenantId>();
  let held: ReadonlyMap<TenantId, readonly LiveDelegation[]> = new Map();
  /** `agency/group` to its people. */
  let groups: ReadonlyMap<string, ReadonlySet<PersonId>> = new Map();
  /** Delegations by their client, and people: dropped the moment it is heard, until a read that began later shows what is so. */
  const gone = new Map<string, TenantId | 'everywhere'>();
  let isClosed = false;

  const index = (): void => {
    names = new Map([...parts.values()].map(({ entry }) => [entry.name, entry.tenant]));
    held = Map.groupBy(
      [...parts.values()].flatMap(({ delegations }) => delegations),
      ({ agency }) => agency,
    );
  };
  const { run, idle } = createInOrder();
  const inOrder = (work: () => Promise<void>): Promise<void> => run(() => (isClosed ? undefined : work()));
  const take = (rows: DirectoryRows): ReadonlyMap<TenantId, Part> => {
    groups = new Map(
      [...Map.groupBy(rows.staff, ({ agency, group_id }) => `${agency}/${group_id}`)].map(([key, list]) => [
        key,
        new Set(list.map(({ person }) => person)),
      ]),
    );
    return partsOf(rows);
  };
  /** What was gone before a read began, the read can not show, and what it shows again is there again. */
  const reading = async (tenant: TenantId | null): Promise<ReadonlyMap<TenantId, Part>> => {
    const settled = [...gone].filter(([, of]) => tenant === null || of === tenant);
    const read = take(await readDirectory(db, new Date(clock.now()), tenant));
    for (const [id] of settled) gone.delete(id);
    return read;
  };
  const reload = (): Promise<void> =>
    inOrder(async () => {
      parts = new Map(await reading(null));
      index();
    });
  const refresh = (tenant: TenantId, ended?: DelegationId): Promise<void> => {
    if (ended !== undefined) gone.set(ended, tenant); // not behind reads that may be slow
    return inOrder(async () => {
      const part = (await reading(tenant)).get(tenant);
      if (part === undefined) return;
      parts.set(tenant, part);
      index();
    });
  };
  const feed = await follow({
    db,
    clock,
    channel: DIRECTORY_CHANNEL,
    hear: async (payload) => {
      const change = parseDirectoryChange(payload);
      if (change !== null) await refresh(change.tenant, change.ended ?? undefined);
    },
    reload,
    onFault,
  });
  // Whoever leaves a group, or the agency, is out before anything is read.
  const people = await follow({
    db,
    clock,
    channel: IDENTITY_CHANNEL,
    hear: async (payload) => {
      const change = parseChange(payload);
      if (change === null || (change.kind !== 'person' && change.kind !== '-person')) return;
      if (!held.has(change.tenant)) return;
      if (change.kind === 'person') return refresh(change.tenant);
      gone.set(change.id, 'everywhere');
      onLeft(change.tenant, change.id as PersonId);
      await reload();
    },
    reload,
    onFault,
  }).catch(async (fault: unknown) => {
    await feed.close();
    throw fault;
  });
  const isOld = (lostAtMs: UnixMs | null): boolean => lostAtMs !== null && clock.now() - lostAtMs > FEED_GRACE_MS;
  const isLost = (): boolean => isClosed || isOld(feed.lostAtMs) || isOld(people.lostAtMs);
  const isIn = ({ agency, subject }: LiveDelegation, person: PersonId): boolean =>
    !gone.has(person) && (subject === person || groups.get(`${agency}/${subject}`)?.has(person) === true);
  const staffOf = (delegation: LiveDelegation): readonly PersonId[] =>
    (delegation.subject.startsWith('per_')
      ? [delegation.subject as PersonId]
      : [...(groups.get(`${delegation.agency}/${delegation.subject}`) ?? [])]
    ).filter((person) => !gone.has(person));
  const live = (delegations: readonly LiveDelegation[] | undefined): readonly LiveDelegation[] => {
    if (isLost()) return [];
    const nowMs = clock.now();
    return (delegations ?? []).filter(({ id, expiresAtMs }) => expiresAtMs > nowMs && !gone.has(id));
  };

  return {
    isLost,
    findTenant: (text) => parts.get((names.get(text) ?? text) as TenantId)?.entry ?? null,
    tenant: (id) => parts.get(id)?.entry ?? null,
    tenants: () => [...parts.values()].map(({ entry }) => entry).sort(byName),
    workspaces: (tenant) => parts.get(tenant)?.workspaces ?? [],
    workspacesOf: (tenant, thing) => {
      const kind = thing.workflow !== undefined ? 'workflow' : thing.integration !== undefined ? 'integration' : 'workload';
      const name = thing[kind];
      if (name === undefined || isLost()) return [];
      const workspace = parts.get(tenant)?.belongs.get(`${kind}/${name}`);
      return workspace === undefined ? [] : [workspace];
    },
    departmentsOf: (tenant, call) => {
      if (isLost()) return null;
      const part = parts.get(tenant);
      if (part === undefined || part.departments.size === 0) return NONE;
      const names = MEMBER_KINDS.flatMap((kind) => {
        const member = call[kind];
        return (member === undefined ? undefined : part.belongs.get(`${kind}/${member}`)) ?? [];
      });
      return [...new Set(names)].sort().flatMap((name) => part.departments.get(name) ?? []);
    },
    membersOf: (tenant, kind, workspace) => (isLost() ? [] : (parts.get(tenant)?.members.get(`${kind}/${workspace}`) ?? [])),
    heldBy: (agency, person) => live(held.get(agency)).filter((delegation) => isIn(delegation, person)),
    staffOf: (client) =>
      live(parts.get(client)?.delegations).flatMap((delegation) => staffOf(delegation).map((person) => ({ person, delegation }))),
    refresh,
    async close() {
      isClosed = true;
      await feed.close();
      await people.close();
      await idle();
    },
  };
}
