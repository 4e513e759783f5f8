// Groups that an identity provider keeps: SCIM its own, a company login the members it may set. Each change is told to every process.

import type { GroupId, PersonId, TenantId, Tx } from '#core';
import { query, sql } from '#storage';
import { announce } from './changes.ts';
import type { Tables } from './tables.ts';

/** The `source` of a group that SCIM keeps. */
export const SCIM_SOURCE = 'scim';

export interface ManagedGroup {
  readonly id: GroupId;
  readonly name: string;
  readonly source: string;
  readonly externalId: string | null;
  readonly createdAt: Date;
}

const COLUMNS = sql`id, name, source, external_id as "externalId", created_at as "createdAt"`;

/** Oldest first; those that were removed are left out. */
export async function listManagedGroups(
  tx: Tx,
  tenant: TenantId,
  which: { readonly source?: string; readonly id?: GroupId },
): Promise<readonly ManagedGroup[]> {
  const { source = null, id = null } = which;
  const { rows } = await sql<ManagedGroup>`select ${COLUMNS} from identity_groups
    where tenant = ${tenant} and removed_at is null and (${source}::text is null or source = ${source})
      and (${id}::text is null or id = ${id}) order by created_at, id`.execute(query<Tables>(tx));
  return rows;
}

/** Against two changes at the same moment. */
export async function lockManagedGroup(tx: Tx, tenant: TenantId, id: GroupId): Promise<ManagedGroup | null> {
  const { rows } = await sql<ManagedGroup>`select ${COLUMNS} from identity_groups
    where tenant = ${tenant} and id = ${id} and source = ${SCIM_SOURCE} and removed_at is null for update`.execute(query<Tables>(tx));
  return rows[0] ?? null;
}

export async function insertManagedGroup(tx: Tx, tenant: TenantId, group: ManagedGroup): Promise<void> {
  await sql`insert into identity_groups (tenant, id, name, source, external_id, created_at)
    values (${tenant}, ${group.id}, ${group.name}, ${group.source}, ${group.externalId}, ${group.createdAt})`.execute(query<Tables>(tx));
}

export async function changeManagedGroup(tx: Tx, tenant: TenantId, group: Pick<ManagedGroup, 'id' | 'name' | 'externalId'>): Promise<void> {
  await sql`update identity_groups set name = ${group.name}, external_id = ${group.externalId}
    where tenant = ${tenant} and id = ${group.id}`.execute(query<Tables>(tx));
}

/** Its members leave it first, so that each of them is told of. */
export async function endManagedGroup(tx: Tx, tenant: TenantId, id: GroupId, at: Date): Promise<readonly PersonId[]> {
  const left = await setMembers(tx, tenant, id, [], at);
  await sql`update identity_groups set removed_at = ${at} where tenant = ${tenant} and id = ${id}`.execute(query<Tables>(tx));
  return left.removed;
}

export async function groupMembers(
  tx: Tx,
  tenant: TenantId,
  groups: readonly GroupId[],
): Promise<readonly { readonly group: GroupId; readonly person: PersonId }[]> {
  if (groups.length === 0) return [];
  const { rows } = await sql<{ group: GroupId; person: PersonId }>`select group_id as "group", person from identity_group_members
    where tenant = ${tenant} and group_id = any(${[...groups]}) order by added_at, person`.execute(query<Tables>(tx));
  return rows;
}

export interface MembersChange {
  readonly added: readonly PersonId[];
  readonly removed: readonly PersonId[];
}

/** Exactly these from now on. */
export async function setMembers(tx: Tx, tenant: TenantId, group: GroupId, people: readonly PersonId[], at: Date): Promise<MembersChange> {
  const before = new Set((await groupMembers(tx, tenant, [group])).map(({ person }) => person));
  const after = new Set(people);
  const added = [...after].filter((person) => !before.has(person));
  const removed = [...before].filter((person) => !after.has(person));
  for (const person of added) await addMember(tx, tenant, { group, person, at });
  for (const person of removed) await removeMember(tx, tenant, group, person);
  return { added, removed };
}

/** False when the person was in it already. */
export async function addMember(
  tx: Tx,
  tenant: TenantId,
  member: { readonly group: GroupId; readonly person: PersonId; readonly at: Date },
): Promise<boolean> {
  const added = await sql`insert into identity_group_members (tenant, group_id, person, added_at)
    values (${tenant}, ${member.group}, ${member.person}, ${member.at}) on conflict do nothing`.execute(query<Tables>(tx));
  if (added.numAffectedRows !== 1n) return false;
  await announce(tx, tenant, 'person', member.person);
  return true;
}

/** False when the person was not in it. */
export async function removeMember(tx: Tx, tenant: TenantId, group: GroupId, person: PersonId): Promise<boolean> {
  const gone = await sql`delete from identity_group_members
    where tenant = ${tenant} and group_id = ${group} and person = ${person}`.execute(query<Tables>(tx));
  if (gone.numAffectedRows !== 1n) return false;
  await announce(tx, tenant, 'person', person);
  return true;
}

/** Groups of a person among these. */
export async function groupsAmong(tx: Tx, tenant: TenantId, person: PersonId, groups: readonly GroupId[]): Promise<readonly GroupId[]> {
  return (await groupMembers(tx, tenant, groups)).filter((member) => member.person === person).map(({ group }) => group);
}
