// Rows of workspaces and of what belongs to them. Every change is sent with its commit.

import { type Department, departmentFrom, type JsonObject, type JsonValue, type TenantId, type Tx } from '#core';
import { query, sql } from '#storage';
import { announceDirectory, type MemberKind } from './directory.ts';

/** False when the name is taken. */
export async function addWorkspace(tx: Tx, tenant: TenantId, name: string, at: Date): Promise<boolean> {
  const { rows } = await sql`insert into identity_workspaces (tenant, name, created_at) values (${tenant}, ${name}, ${at})
    on conflict do nothing returning name`.execute(query(tx));
  if (rows.length > 0) await announceDirectory(tx, tenant);
  return rows.length > 0;
}

/** What belonged to it belongs to none. False when there was none. */
export async function dropWorkspace(tx: Tx, tenant: TenantId, name: string): Promise<boolean> {
  const { rows } = await sql`delete from identity_workspaces where tenant = ${tenant} and name = ${name} returning name`.execute(query(tx));
  if (rows.length > 0) await announceDirectory(tx, tenant);
  return rows.length > 0;
}

export async function listWorkspaces(tx: Tx, tenant: TenantId): Promise<readonly (Department & { readonly createdAt: Date })[]> {
  const { rows } = await sql<{ name: string; created_at: Date; rules: JsonValue; limits: JsonValue }>`
    select name, created_at, rules, limits from identity_workspaces where tenant = ${tenant} order by name`.execute(query(tx));
  return rows.map((row) => ({ ...departmentFrom(row), createdAt: row.created_at }));
}

/** What it may use and spend, as it stands; held against other changes until the end of the transaction. Null when there is none. */
export async function holdDepartment(tx: Tx, tenant: TenantId, name: string): Promise<Department | null> {
  const { rows } = await sql<{ name: string; rules: JsonValue; limits: JsonValue }>`select name, rules, limits from identity_workspaces
    where tenant = ${tenant} and name = ${name} for update`.execute(query(tx));
  return rows[0] === undefined ? null : departmentFrom(rows[0]);
}

export async function putDepartment(
  tx: Tx,
  tenant: TenantId,
  { name, rules, limits }: { readonly name: string; readonly rules: JsonObject | null; readonly limits: readonly JsonObject[] | null },
): Promise<void> {
  const json = (value: JsonObject | readonly JsonObject[] | null) => (value === null ? null : JSON.stringify(value));
  await sql`update identity_workspaces set rules = ${json(rules)}::jsonb, limits = ${json(limits)}::jsonb
    where tenant = ${tenant} and name = ${name}`.execute(query(tx));
  await announceDirectory(tx, tenant);
}

export interface Membership {
  readonly kind: MemberKind;
  readonly member: string;
}

/** Puts all of these into the workspace, out of whichever they were in; into none for null. How many now stand otherwise. */
export async function moveMembers(tx: Tx, tenant: TenantId, members: readonly Membership[], workspace: string | null): Promise<number> {
  const kinds = members.map(({ kind }) => kind);
  const names = members.map(({ member }) => member);
  const { rows } =
    workspace === null
      ? await sql`delete from identity_workspace_members where tenant = ${tenant}
          and (kind, member) in (select * from unnest(${kinds}::text[], ${names}::text[])) returning member`.execute(query(tx))
      : await sql`insert into identity_workspace_members as old (tenant, kind, member, workspace)
          select ${tenant}, kind, member, ${workspace} from unnest(${kinds}::text[], ${names}::text[]) as given (kind, member)
          on conflict (tenant, kind, member) do update set workspace = excluded.workspace where old.workspace <> excluded.workspace
          returning member`.execute(query(tx));
  if (rows.length > 0) await announceDirectory(tx, tenant);
  return rows.length;
}

export async function listMembers(tx: Tx, tenant: TenantId): Promise<readonly (Membership & { readonly workspace: string })[]> {
  const { rows } = await sql<Membership & { workspace: string }>`select kind, member, workspace from identity_workspace_members
    where tenant = ${tenant} order by workspace, kind, member`.execute(query(tx));
  return rows;
}
