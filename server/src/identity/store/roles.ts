// Writes and reads the custom roles of one tenant.

import type { PersonId, TenantId, Tx } from '#core';
import { query, sql } from '#storage';
import { announceSubject } from './grants.ts';
import type { Tables } from './tables.ts';

export interface RoleRecord {
  readonly name: string;
  readonly meaning: string;
  readonly actions: readonly string[];
}

export async function findRole(tx: Tx, tenant: TenantId, name: string): Promise<(RoleRecord & { readonly changedAt: Date }) | null> {
  const { rows } = await sql<
    RoleRecord & { readonly changedAt: Date }
  >`select name, meaning, actions, changed_at as "changedAt" from identity_custom_roles
    where tenant = ${tenant} and name = ${name}`.execute(query<Tables>(tx));
  return rows[0] ?? null;
}

/** By name. */
export async function listRoles(tx: Tx, tenant: TenantId): Promise<readonly RoleRecord[]> {
  const { rows } = await sql<RoleRecord>`select name, meaning, actions from identity_custom_roles
    where tenant = ${tenant} order by name`.execute(query<Tables>(tx));
  return rows;
}

/** Makes the role or puts its actions in place of those it had. */
export async function putRole(tx: Tx, tenant: TenantId, role: RoleRecord & { readonly at: Date }): Promise<void> {
  await sql`insert into identity_custom_roles (tenant, name, meaning, actions, created_at, changed_at)
    values (${tenant}, ${role.name}, ${role.meaning}, ${[...role.actions]}, ${role.at}, ${role.at})
    on conflict (tenant, name) do update set meaning = excluded.meaning, actions = excluded.actions, changed_at = excluded.changed_at`.execute(
    query<Tables>(tx),
  );
}

export async function dropRole(tx: Tx, tenant: TenantId, name: string): Promise<boolean> {
  const { rows } = await sql`delete from identity_custom_roles where tenant = ${tenant} and name = ${name} returning name`.execute(
    query<Tables>(tx),
  );
  return rows.length > 0;
}

/** People and groups with a live grant of each role: how many, by role. */
export async function countHolders(tx: Tx, tenant: TenantId, now: Date): Promise<ReadonlyMap<string, number>> {
  const { rows } = await sql<{ role: string; holders: number }>`select role, count(distinct subject)::int as holders from identity_grants
    where tenant = ${tenant} and ended_at is null and (expires_at is null or expires_at > ${now}) group by role`.execute(query<Tables>(tx));
  return new Map(rows.map(({ role, holders }) => [role, holders]));
}

/** Tells every process of everybody who holds the role, directly or by a group. */
export async function announceHolders(tx: Tx, tenant: TenantId, role: string): Promise<readonly PersonId[]> {
  const { rows } = await sql<{ subject: string }>`select distinct subject from identity_grants
    where tenant = ${tenant} and role = ${role} and ended_at is null order by subject`.execute(query<Tables>(tx));
  const people = new Set<PersonId>();
  for (const { subject } of rows) for (const person of await announceSubject(tx, tenant, subject)) people.add(person);
  return [...people];
}
