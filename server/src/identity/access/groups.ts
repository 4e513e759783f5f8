// Groups of people that are made here. Those a company's directory keeps are shown too, and changed there.
// INVARIANT: whoever joins a group is judged as if every grant of the group were given to them.

import { type Clock, type GroupId, isRefusal, newId, type PersonId, type Random, type Refusal, type TenantId, type Tx } from '#core';
import { appendEvents, type Database, isUniqueViolation } from '#storage';
import { inputRefusal, refusal } from '../errors.ts';
import type { Follower } from '../follow.ts';
import { holdTenant } from '../store/deprovision.ts';
import { effectiveRows } from '../store/effective-rows.ts';
import { closeGrantsOf } from '../store/grants.ts';
import {
  addMember,
  changeManagedGroup,
  endManagedGroup,
  groupMembers,
  insertManagedGroup,
  listManagedGroups,
  type ManagedGroup,
  removeMember,
} from '../store/managed-groups.ts';
import { holdPerson } from '../store/people.ts';
import { accessEvent } from './access-event.ts';
import { toGrant } from './effective.ts';
import { newConflicts, refuseConflict } from './grant-rules.ts';
import type { By } from './grants.ts';
import { grantsOfGroup, refuseGroupGiver } from './group-givers.ts';
import { refuseOwnLimits } from './own-limits.ts';

/** The `source` of groups that are made here. */
export const LOCAL_SOURCE = 'local';

export interface GroupRecord extends ManagedGroup {
  readonly members: readonly PersonId[];
}

export interface Groups {
  listGroups(tenant: TenantId): Promise<readonly GroupRecord[]>;
  createGroup(input: By & { readonly name: string }): Promise<GroupRecord | Refusal>;
  /** Called something else from now on; who is in it and what it gives stays. */
  renameGroup(input: By & { readonly group: GroupId; readonly name: string }): Promise<GroupRecord | Refusal>;
  /** With its grants. */
  removeGroup(input: By & { readonly group: GroupId }): Promise<Refusal | null>;
  joinGroup(input: By & { readonly group: GroupId; readonly person: PersonId }): Promise<Refusal | null>;
  leaveGroup(input: By & { readonly group: GroupId; readonly person: PersonId }): Promise<Refusal | null>;
}

export interface GroupsDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly random: Random;
  readonly follower: Follower;
}

const NAME = /^[\p{L}\p{M}\p{N}][\p{L}\p{M}\p{N} .,&'’()/_-]{0,119}$/u;
const MAX_GROUPS = 500;

export function createGroups({ db, clock, random, follower }: GroupsDeps): Groups {
  const at = (): Date => new Date(clock.now());
  const heard = async (tenant: TenantId, people: readonly PersonId[]): Promise<void> => {
    for (const id of people) await follower.refresh({ tenant, kind: 'person', id });
  };
  const effective = async (tx: Tx, tenant: TenantId, person: string) =>
    (await effectiveRows(tx, { tenant, person: person as PersonId, nowMs: clock.now() })).map(toGrant);

  /** A group that is changed here, held until the transaction ends. */
  async function own(tx: Tx, tenant: TenantId, id: GroupId): Promise<ManagedGroup | Refusal> {
    await holdTenant(tx, tenant);
    const [group] = await listManagedGroups(tx, tenant, { id });
    if (group === undefined) return refusal('IDENTITY_GROUP_UNKNOWN');
    return group.source === LOCAL_SOURCE ? group : refusal('IDENTITY_GROUP_MANAGED');
  }

  const grantsOf = (tx: Tx, tenant: TenantId, group: GroupId) => grantsOfGroup(tx, tenant, { group, nowMs: clock.now() });
  const refuseActor = (tx: Tx, { tenant, actor }: By, given: Awaited<ReturnType<typeof grantsOf>>) =>
    refuseGroupGiver(tx, { tenant, actor, nowMs: clock.now() }, given);

  const told = (tx: Tx) => ({ clock, random, tx });

  return {
    listGroups: (tenant) =>
      db.inTenant(tenant, async (tx) => {
        const groups = await listManagedGroups(tx, tenant, {});
        const members = Map.groupBy(
          await groupMembers(
            tx,
            tenant,
            groups.map(({ id }) => id),
          ),
          ({ group }) => group,
        );
        return groups.map((group) => ({ ...group, members: (members.get(group.id) ?? []).map(({ person }) => person) }));
      }),

    async createGroup(input) {
      const { tenant } = input;
      const name = input.name.normalize('NFC').trim();
      if (!NAME.test(name)) return inputRefusal('name');
      const group: ManagedGroup = { id: newId('grp', clock, random), name, source: LOCAL_SOURCE, externalId: null, createdAt: at() };
      try {
        return await db.inTenant(tenant, async (tx) => {
          await holdTenant(tx, tenant);
          if ((await listManagedGroups(tx, tenant, { source: LOCAL_SOURCE })).length >= MAX_GROUPS) return refusal('IDENTITY_GROUP_LIMIT');
          await insertManagedGroup(tx, tenant, group);
          const change = { before: null, after: { id: group.id, name } };
          const facts = { source: LOCAL_SOURCE };
          await appendEvents(tx, [await accessEvent(told(tx), input, { type: 'group.created', subject: group.id, facts, change })]);
          return { ...group, members: [] };
        });
      } catch (fault) {
        if (isUniqueViolation(fault)) return refusal('IDENTITY_NAME_TAKEN');
        throw fault;
      }
    },

    async renameGroup(input) {
      const { tenant, group: id } = input;
      const name = input.name.normalize('NFC').trim();
      if (!NAME.test(name)) return inputRefusal('name');
      try {
        return await db.inTenant(tenant, async (tx) => {
          const group = await own(tx, tenant, id);
          if (isRefusal(group)) return group;
          // A name says what joining it gives: whoever may not give that may not call it something else either.
          const refused = await refuseActor(tx, input, await grantsOf(tx, tenant, id));
          if (refused !== null) return refused;
          const members = (await groupMembers(tx, tenant, [id])).map(({ person }) => person);
          if (group.name === name) return { ...group, members };
          await changeManagedGroup(tx, tenant, { id, name, externalId: group.externalId });
          const change = { before: { id, name: group.name }, after: { id, name } };
          const facts = { people: members.length };
          await appendEvents(tx, [await accessEvent(told(tx), input, { type: 'group.renamed', subject: id, facts, change })]);
          return { ...group, name, members };
        });
      } catch (fault) {
        if (isUniqueViolation(fault)) return refusal('IDENTITY_NAME_TAKEN');
        throw fault;
      }
    },

    async removeGroup(input) {
      const { tenant, group: id, actor } = input;
      const gone = await db.inTenant(tenant, async (tx) => {
        const group = await own(tx, tenant, id);
        if (isRefusal(group)) return group;
        const refused = await refuseActor(tx, input, await grantsOf(tx, tenant, id));
        if (refused !== null) return refused;
        const people = await endManagedGroup(tx, tenant, id, at());
        const grants = await closeGrantsOf(tx, tenant, id, { by: actor, at: at() });
        const change = { before: { id, name: group.name, people: people.length }, after: null };
        const facts = { people: people.length, grants: grants.length };
        await appendEvents(tx, [await accessEvent(told(tx), input, { type: 'group.removed', subject: id, facts, change })]);
        return people;
      });
      if (isRefusal(gone)) return gone;
      await heard(tenant, gone);
      return null;
    },

    async joinGroup(input) {
      const { tenant, group: id, person, actor } = input;
      const refused = await db.inTenant(tenant, async (tx) => {
        const group = await own(tx, tenant, id);
        if (isRefusal(group)) return group;
        if (!(await holdPerson(tx, tenant, person))) return refusal('IDENTITY_PERSON_UNKNOWN');
        const given = await grantsOf(tx, tenant, id);
        const mayNot = await refuseActor(tx, input, given);
        if (mayNot !== null) return mayNot;
        const mine = person === actor ? await refuseOwnLimits(tx, { tenant, actor, nowMs: clock.now() }, given) : null;
        if (mine !== null) return mine;
        const before = await effective(tx, tenant, person);
        const conflict = refuseConflict(newConflicts(before, [...before, ...given]), person);
        if (conflict !== null) return conflict;
        if (!(await addMember(tx, tenant, { group: id, person, at: at() }))) return null;
        const facts = { member: person, isSelf: person === actor };
        const change = { before: null, after: { group: id, member: person } };
        await appendEvents(tx, [await accessEvent(told(tx), input, { type: 'group.member_added', subject: id, facts, change })]);
        return null;
      });
      if (refused === null) await heard(tenant, [person]);
      return refused;
    },

    async leaveGroup(input) {
      const { tenant, group: id, person, actor } = input;
      const refused = await db.inTenant(tenant, async (tx) => {
        const group = await own(tx, tenant, id);
        if (isRefusal(group)) return group;
        const mayNot = person === actor ? null : await refuseActor(tx, input, await grantsOf(tx, tenant, id));
        if (mayNot !== null) return mayNot;
        if (!(await removeMember(tx, tenant, id, person))) return refusal('IDENTITY_PERSON_UNKNOWN');
        const facts = { member: person, isSelf: person === actor };
        const change = { before: { group: id, member: person }, after: null };
        await appendEvents(tx, [await accessEvent(told(tx), input, { type: 'group.member_removed', subject: id, facts, change })]);
        return null;
      });
      if (refused === null) await heard(tenant, [person]);
      return refused;
    },
  };
}
