// What every process keeps in memory of all tenants: their names, what belongs to which workspace, and who of an agency may act where.
// Every change is sent with its commit.

import type { DelegationId, JsonValue, PersonId, Scope, TenantId, Tx } from '#core';
import { type Database, notify, query, sql } from '#storage';

export const DIRECTORY_CHANNEL = 'sallyport_directory';

export const MEMBER_KINDS = ['workflow', 'integration', 'workload'] as const;
export type MemberKind = (typeof MEMBER_KINDS)[number];

export interface TenantRow {
  readonly tenant: TenantId;
  readonly name: string;
  readonly created_at: Date;
}

export interface WorkspaceRow {
  readonly tenant: TenantId;
  readonly name: string;
  readonly rules: JsonValue;
  readonly limits: JsonValue;
}

export interface MemberRow {
  readonly tenant: TenantId;
  readonly kind: MemberKind;
  readonly member: string;
  readonly workspace: string;
}

/** One that was accepted and did not end; it may have run out since. */
export interface LiveRow {
  readonly tenant: TenantId;
  readonly id: DelegationId;
  readonly agency: TenantId;
  readonly subject: string;
  readonly role: string;
  readonly scope: Scope;
  readonly expires_at: Date;
}

/** Who is in a group that somebody gave access to. */
export interface StaffRow {
  readonly agency: TenantId;
  readonly group_id: string;
  readonly person: PersonId;
}

export interface DirectoryRows {
  readonly tenants: readonly TenantRow[];
  readonly workspaces: readonly WorkspaceRow[];
  readonly members: readonly MemberRow[];
  readonly delegations: readonly LiveRow[];
  /** Of every tenant, whichever is read: a group is the agency's, the access to it the client's. */
  readonly staff: readonly StaffRow[];
}

const live = (at: Date) => sql`accepted_at is not null and ended_at is null and expires_at > ${at}`;

/** Of one tenant when named: its own name, workspaces and what it delegated. */
export function readDirectory(db: Pick<Database, 'asSystem'>, at: Date, tenant: TenantId | null): Promise<DirectoryRows> {
  const only = tenant === null ? sql`true` : sql`tenant = ${tenant}`;
  return db.asSystem('authenticator', async (tx) => {
    const on = query(tx);
    const tenants = await sql<TenantRow>`select tenant, name, created_at from identity_tenants where ${only}`.execute(on);
    const workspaces = await sql<WorkspaceRow>`select tenant, name, rules, limits from identity_workspaces where ${only}`.execute(on);
    const members = await sql<MemberRow>`select tenant, kind, member, workspace from identity_workspace_members where ${only}`.execute(on);
    const delegations = await sql<LiveRow>`select tenant, id, agency, subject, role, scope, expires_at from identity_delegations d
      where ${only} and ${live(at)} and not exists (select 1 from identity_people p
        where p.tenant = d.agency and p.id = d.subject and p.removed_at is not null)`.execute(on);
    const staff = await sql<StaffRow>`select m.tenant as agency, m.group_id, m.person from identity_group_members m
      join identity_groups g on g.tenant = m.tenant and g.id = m.group_id and g.removed_at is null
      join identity_people p on p.tenant = m.tenant and p.id = m.person and p.removed_at is null
      where exists (select 1 from identity_delegations where agency = m.tenant and subject = m.group_id and ${live(at)})`.execute(on);
    return { tenants: tenants.rows, workspaces: workspaces.rows, members: members.rows, delegations: delegations.rows, staff: staff.rows };
  });
}

/** `ended`: it is over, and dropped before anything is read. */
export function announceDirectory(tx: Tx, tenant: TenantId, ended: DelegationId | null = null): Promise<void> {
  return notify(tx, DIRECTORY_CHANNEL, ended === null ? tenant : `${tenant} ${ended}`);
}

const CHANGE = /^(ten_[0-9a-f-]{36})(?: (dlg_[0-9a-f-]{36}))?$/;

/** Null for a payload that none of ours could be. */
export function parseDirectoryChange(payload: string): { readonly tenant: TenantId; readonly ended: DelegationId | null } | null {
  const match = CHANGE.exec(payload);
  if (match === null) return null;
  return { tenant: match[1] as TenantId, ended: (match[2] as DelegationId | undefined) ?? null };
}
