// Groups of SCIM: groups here whose name and members the identity provider keeps. What a group grants is decided here and never there.
// INVARIANTS: a member is a provisioned user of the same tenant; whoever leaves a group has lost what it granted by the next request.

import { hash } from 'node:crypto';
import {
  type Clock,
  type GroupId,
  type JsonObject,
  makeEvent,
  newId,
  type PersonId,
  parseId,
  type Random,
  type TenantId,
  type Tx,
} from '#core';
import { appendEvents, type Database } from '#storage';
import type { Follower } from '../follow.ts';
import { SCIM_ACTOR } from '../people/deprovision.ts';
import { ownersIn } from '../people/owners.ts';
import { holdTenant } from '../store/deprovision.ts';
import {
  changeManagedGroup,
  endManagedGroup,
  groupMembers,
  insertManagedGroup,
  listManagedGroups,
  lockManagedGroup,
  type ManagedGroup,
  type MembersChange,
  SCIM_SOURCE,
  setMembers,
} from '../store/managed-groups.ts';
import { listScimUsers } from '../store/scim.ts';
import { GROUP } from './attributes.ts';
import { matches, parseFilter } from './filter.ts';
import { isAsked, type ListQuery, listAnswer, project, render } from './listing.ts';
import { applyPatch } from './patch.ts';
import { isScimFault, type ScimFault, scimFault } from './scim-error.ts';
import { isStale, lastOwner, noSuch, type ScimRequest, type ScimResources, stale } from './users.ts';
import { readResource, type ScimObject } from './values.ts';

export interface ScimGroupsDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly random: Random;
  readonly follower: Pick<Follower, 'refresh'>;
}

export const MAX_SCIM_GROUPS = 500;
/** As the table allows. */
const MAX_NAME_CHARS = 120;

interface Done<T> {
  readonly answer: T;
  readonly touched: MembersChange;
}

export function createScimGroups({ db, clock, random, follower }: ScimGroupsDeps): ScimResources {
  const now = (): Date => new Date(clock.now());
  const tell = (tx: Tx, tenant: TenantId, type: string, subject: GroupId, facts: JsonObject): Promise<void> =>
    appendEvents(tx, [
      makeEvent({ clock, random }, { tenant, type: `identity.scim_group.${type}`, actor: SCIM_ACTOR, subject, public: facts }),
    ]) as Promise<void>;

  const heard = async (tenant: TenantId, people: readonly PersonId[]): Promise<void> => {
    for (const id of people) await follower.refresh({ tenant, kind: 'person', id });
  };

  const shown = ({ base }: ScimRequest, group: ManagedGroup, members: readonly PersonId[] | null): ScimObject => {
    const list = (members ?? []).map((value) => ({ value, type: 'User', $ref: `${base}/Users/${value}` }));
    const meta = { kind: 'Group', schema: GROUP.schema, id: group.id, createdAt: group.createdAt, changedAt: group.createdAt } as const;
    // There is no counter: the version is what the group is, so that a change made elsewhere is noticed, too.
    return render(
      { ...meta, version: versionOf(group, members ?? []), base },
      {
        displayName: group.name,
        ...(group.externalId === null ? {} : { externalId: group.externalId }),
        ...(members === null ? {} : { members: list }),
      },
    );
  };

  const isTaken = async (tx: Tx, tenant: TenantId, name: string, by: GroupId | null): Promise<boolean> =>
    (await listManagedGroups(tx, tenant, { source: SCIM_SOURCE })).some(
      (group) => group.id !== by && group.name.toLowerCase() === name.toLowerCase(),
    );

  /** The people meant, or why they can not be members: somebody unknown, of another tenant, not provisioned, or no person at all. */
  async function membersOf(tx: Tx, tenant: TenantId, group: ScimObject): Promise<readonly PersonId[] | ScimFault> {
    const values = ((group.members ?? []) as readonly ScimObject[]).map(({ value }) => String(value));
    if (values.length === 0) return [];
    const known = new Set<string>((await listScimUsers(tx, tenant)).map(({ person }) => person));
    const people = values.map((value) => parseId('per', value));
    if (people.some((person) => person === null || !known.has(person)))
      return scimFault(400, 'invalidValue', 'A member is not a user that was provisioned here.');
    return people as PersonId[];
  }

  /** Undoes what would leave the tenant without an owner: whoever held that by a group may be the only one. */
  async function mustBeOwned(tx: Tx, tenant: TenantId, { removed }: MembersChange): Promise<void> {
    if (removed.length > 0 && (await ownersIn(tx, tenant, clock.now())).length === 0) throw new NobodyOwns();
  }

  const nameFault = (name: string): ScimFault | null =>
    name.length > MAX_NAME_CHARS ? scimFault(400, 'invalidValue', `A displayName has at most ${MAX_NAME_CHARS} characters.`) : null;
  const taken = (): ScimFault => scimFault(409, 'uniqueness', 'There is a group of that displayName.');

  /** Does something to a group while it is held as the caller knows it. Who is in it or was taken out is told once all of it stands. */
  async function held<T>(
    request: ScimRequest,
    id: string,
    work: (tx: Tx, group: ManagedGroup, before: readonly PersonId[]) => Promise<Done<T> | ScimFault>,
  ): Promise<T | ScimFault> {
    const { tenant } = request;
    const groupId = parseId('grp', id);
    if (groupId === null) return noSuch('Group');
    const done = await orLastOwner(
      db.inTenant(tenant, async (tx) => {
        await holdTenant(tx, tenant);
        const group = await lockManagedGroup(tx, tenant, groupId);
        if (group === null) return noSuch('Group');
        const before = (await groupMembers(tx, tenant, [groupId])).map(({ person }) => person);
        if (isStale(request, versionOf(group, before))) return stale();
        const worked = await work(tx, group, before);
        if (!isScimFault(worked)) await mustBeOwned(tx, tenant, worked.touched);
        return worked;
      }),
    );
    if (isScimFault(done)) return done;
    await heard(tenant, [...done.touched.added, ...done.touched.removed]);
    return done.answer;
  }

  const change = (
    request: ScimRequest,
    id: string,
    work: (current: ScimObject) => ScimObject | ScimFault,
  ): Promise<ScimObject | ScimFault> =>
    held(request, id, async (tx, group, before) => {
      const { tenant } = request;
      const { id: groupId, externalId } = group;
      const next = work({
        displayName: group.name,
        ...(externalId === null ? {} : { externalId }),
        ...(before.length === 0 ? {} : { members: before.map((value) => ({ value })) }),
      });
      if (isScimFault(next)) return next;
      const name = String(next.displayName);
      const fault = nameFault(name) ?? ((await isTaken(tx, tenant, name, groupId)) ? taken() : null);
      if (fault !== null) return fault;
      // Who is in it already stays, provisioned or not; only who is new is looked at.
      const members = await membersOf(tx, tenant, { members: newMembers(next, before) });
      if (isScimFault(members)) return members;
      const stay = new Set(((next.members ?? []) as readonly ScimObject[]).map(({ value }) => String(value)));
      const after = [...before.filter((person) => stay.has(person)), ...members];
      const touched = await setMembers(tx, tenant, groupId, after, now());
      const changed = { id: groupId, name, externalId: typeof next.externalId === 'string' ? next.externalId : null };
      await changeManagedGroup(tx, tenant, changed);
      const isRenamed = name !== group.name;
      if (isRenamed || touched.added.length > 0 || touched.removed.length > 0) {
        const facts = { renamed: isRenamed, added: touched.added.length, removed: touched.removed.length };
        await tell(tx, tenant, 'changed', groupId, facts);
      }
      return { answer: shown(request, { ...group, ...changed }, after), touched };
    });

  return {
    async create(request, body) {
      const { tenant } = request;
      const given = readResource(GROUP, body);
      if (isScimFault(given)) return given;
      const name = String(given.displayName);
      const id = newId('grp', clock, random);
      let members: readonly PersonId[] = [];
      const answer = await db.inTenant(tenant, async (tx) => {
        const fault = nameFault(name) ?? ((await isTaken(tx, tenant, name, null)) ? taken() : null);
        if (fault !== null) return fault;
        if ((await listManagedGroups(tx, tenant, { source: SCIM_SOURCE })).length >= MAX_SCIM_GROUPS)
          return scimFault(403, 'tooMany', `At most ${MAX_SCIM_GROUPS} groups are provisioned.`);
        const people = await membersOf(tx, tenant, given);
        if (isScimFault(people)) return people;
        const externalId = typeof given.externalId === 'string' ? given.externalId : null;
        const group: ManagedGroup = { id, name, source: SCIM_SOURCE, externalId, createdAt: now() };
        await insertManagedGroup(tx, tenant, group);
        members = (await setMembers(tx, tenant, id, people, now())).added;
        await tell(tx, tenant, 'created', id, { members: members.length });
        return shown(request, group, people);
      });
      await heard(tenant, members);
      return answer;
    },

    get: async (request, id, query) => {
      const { tenant } = request;
      const groupId = parseId('grp', id);
      if (groupId === null) return noSuch('Group');
      return db.inTenant(tenant, async (tx) => {
        const [group] = await listManagedGroups(tx, tenant, { source: SCIM_SOURCE, id: groupId });
        if (group === undefined) return noSuch('Group');
        const members = (await groupMembers(tx, tenant, [groupId])).map(({ person }) => person);
        return project(shown(request, group, members), query);
      });
    },

    list: (request, query: ListQuery) =>
      db.inTenant(request.tenant, async (tx) => {
        const { tenant } = request;
        const filter = query.filter === null ? null : parseFilter(GROUP, query.filter);
        if (isScimFault(filter)) return filter;
        const groups = await listManagedGroups(tx, tenant, { source: SCIM_SOURCE });
        // Entra asks for groups without their members; a filter may still be about them.
        const isRead = isAsked(query, 'members') || filter !== null;
        const all = isRead
          ? await groupMembers(
              tx,
              tenant,
              groups.map(({ id }) => id),
            )
          : [];
        const byGroup = Map.groupBy(all, ({ group }) => group);
        const resources = groups.map((group) =>
          shown(request, group, isRead ? (byGroup.get(group.id) ?? []).map(({ person }) => person) : null),
        );
        const found = filter === null ? resources : resources.filter((resource) => matches(filter, resource));
        const page = found.slice(query.startIndex - 1, query.startIndex - 1 + query.count);
        return listAnswer(
          page.map((resource) => project(resource, query)),
          found.length,
          query,
        );
      }),

    replace: (request, id, body) => {
      const next = readResource(GROUP, body);
      return isScimFault(next) ? Promise.resolve(next) : change(request, id, () => next);
    },

    patch: (request, id, body) => change(request, id, (current) => applyPatch(GROUP, current, body)),

    remove: (request, id) =>
      held(request, id, async (tx, group) => {
        const left = await endManagedGroup(tx, request.tenant, group.id, now());
        await tell(tx, request.tenant, 'removed', group.id, { members: left.length });
        return { answer: null, touched: { added: [], removed: left } };
      }),
  };
}

/** Undoes a change that would leave the tenant without an owner. */
class NobodyOwns extends Error {}

async function orLastOwner<T>(work: Promise<T>): Promise<T | ScimFault> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof NobodyOwns) return lastOwner();
    throw error;
  }
}

function newMembers(next: ScimObject, before: readonly PersonId[]): readonly ScimObject[] {
  const known = new Set<string>(before);
  return ((next.members ?? []) as readonly ScimObject[]).filter(({ value }) => !known.has(String(value)));
}

/** Of name, id elsewhere and members, in any order; not a secret and not a proof, only a mark of sameness. */
function versionOf({ name, externalId }: Pick<ManagedGroup, 'name' | 'externalId'>, members: readonly PersonId[]): string {
  return hash('sha256', JSON.stringify([name, externalId, [...members].sort()])).slice(0, 16);
}
