// Reads what was granted, for the comparison with what was used, and keeps what was proposed about it.

import type { GrantCondition, GrantId, JsonObject, KeyId, PersonId, ProposalId, Scope, TenantId, Tx, WorkloadId } from '#core';
import { query, sql } from '#storage';
import { announce } from './changes.ts';
import type { RemovedNames } from './tables.ts';

export interface LeastSettings {
  readonly windowDays: number;
  readonly autoApply: boolean;
  readonly graceDays: number;
}

export const DEFAULT_SETTINGS: LeastSettings = Object.freeze({ windowDays: 30, autoApply: false, graceDays: 14 });

export interface SettingsRow extends LeastSettings {
  readonly observedSinceMs: number;
}

export async function readSettings(tx: Tx, tenant: TenantId): Promise<SettingsRow | null> {
  const { rows } = await sql<{ windowDays: number; autoApply: boolean; graceDays: number; since: Date }>`
    select coalesce(s.window_days, ${DEFAULT_SETTINGS.windowDays}) as "windowDays", coalesce(s.auto_apply, false) as "autoApply",
      coalesce(s.grace_days, ${DEFAULT_SETTINGS.graceDays}) as "graceDays", coalesce(s.observed_since, t.created_at) as since
    from identity_tenants t left join identity_least_settings s on s.tenant = t.tenant where t.tenant = ${tenant}`.execute(query(tx));
  const row = rows[0];
  if (row === undefined) return null;
  const { since, ...settings } = row;
  return { ...settings, observedSinceMs: since.getTime() };
}

export async function saveSettings(tx: Tx, tenant: TenantId, { windowDays, autoApply, graceDays }: LeastSettings): Promise<void> {
  await sql`insert into identity_least_settings (tenant, window_days, auto_apply, grace_days, observed_since)
    select tenant, ${windowDays}, ${autoApply}, ${graceDays}, created_at from identity_tenants where tenant = ${tenant}
    on conflict (tenant) do update
      set window_days = excluded.window_days, auto_apply = excluded.auto_apply, grace_days = excluded.grace_days`.execute(query(tx));
}

export interface GrantedWorkload {
  readonly id: WorkloadId;
  readonly name: string;
  readonly workflow: string | null;
  readonly integrations: readonly string[];
  readonly removed: RemovedNames;
  /** By integration, in milliseconds; one that is not named, since the workload exists. */
  readonly reachedSince: Readonly<Record<string, number>>;
  /** Rises with every change made by hand. */
  readonly revision: number;
  readonly createdAt: Date;
}

/** Under a lock where something is about to be changed by what they say. */
export async function grantedWorkloads(tx: Tx, tenant: TenantId, hold?: WorkloadId): Promise<readonly GrantedWorkload[]> {
  const { rows } = await sql<GrantedWorkload>`
    select id, name, workflow, integrations, removed, reached_since as "reachedSince", reach_revision as revision,
      created_at as "createdAt" from identity_workloads
    where tenant = ${tenant} and (${hold ?? null}::text is null or id = ${hold ?? null}) order by name
    ${hold === undefined ? sql`` : sql`for update`}`.execute(query(tx));
  return rows;
}

/** What a workload may reach, put exactly as it is given; every process hears of it. */
export async function putReach(
  tx: Tx,
  tenant: TenantId,
  workload: WorkloadId,
  { integrations, removed, reachedSince }: Pick<GrantedWorkload, 'integrations' | 'removed' | 'reachedSince'>,
): Promise<void> {
  await sql`update identity_workloads set integrations = ${[...integrations]}, removed = ${JSON.stringify(removed)}::jsonb,
    reached_since = ${JSON.stringify(reachedSince)}::jsonb where tenant = ${tenant} and id = ${workload}`.execute(query(tx));
  await announce(tx, tenant, 'workload', workload);
}

export interface GrantedKey {
  readonly id: KeyId;
  readonly workload: WorkloadId;
  readonly createdAt: Date;
  readonly expiresAt: Date;
}

export async function grantedKeys(tx: Tx, tenant: TenantId, now: Date): Promise<readonly GrantedKey[]> {
  const { rows } = await sql<GrantedKey>`select id, workload, created_at as "createdAt", expires_at as "expiresAt" from identity_keys
    where tenant = ${tenant} and revoked_at is null and expires_at > ${now} order by id`.execute(query(tx));
  return rows;
}

export interface GrantedRole {
  readonly id: GrantId;
  readonly subject: string;
  /** Name of the person or group. */
  readonly subjectName: string | null;
  readonly role: string;
  readonly scope: Scope;
  readonly condition: GrantCondition | null;
  readonly expiresAt: Date | null;
  readonly expireUnusedDays: number | null;
  readonly reason: string | null;
  readonly via: string;
  readonly createdAt: Date;
  /** Of a custom role. */
  readonly actions: readonly string[] | null;
  /** Who holds it: the person, or the members of the group. */
  readonly people: readonly PersonId[];
}

/** Live grants of people who were not removed and of groups. */
export async function grantedRoles(tx: Tx, tenant: TenantId, now: Date): Promise<readonly GrantedRole[]> {
  const { rows } = await sql<GrantedRole>`
    select g.id, g.subject, coalesce(p.name, o.name) as "subjectName", g.role, g.scope, g.condition, g.expires_at as "expiresAt",
      g.expire_unused_days as "expireUnusedDays", g.reason, g.via, g.created_at as "createdAt", r.actions,
      case when o.id is null then array[g.subject] else coalesce((select array_agg(m.person order by m.person) from identity_group_members m
        where m.tenant = g.tenant and m.group_id = g.subject), '{}') end as people
    from identity_grants g
    left join identity_people p on p.tenant = g.tenant and p.id = g.subject and p.removed_at is null
    left join identity_groups o on o.tenant = g.tenant and o.id = g.subject and o.removed_at is null
    left join identity_custom_roles r on r.tenant = g.tenant and g.role = 'custom:' || r.name
    where g.tenant = ${tenant} and g.ended_at is null and (g.expires_at is null or g.expires_at > ${now}) and (p.id is not null or o.id is not null)
    order by g.created_at, g.id`.execute(query(tx));
  return rows;
}

/** Whether the subject is this person, or a group the person is in. */
export async function isMember(tx: Tx, tenant: TenantId, subject: string, person: string): Promise<boolean> {
  if (subject === person) return true;
  const { rows } = await sql`select 1 from identity_group_members
    where tenant = ${tenant} and group_id = ${subject} and person = ${person}`.execute(query(tx));
  return rows.length > 0;
}

export interface CustomRole {
  readonly name: string;
  readonly actions: readonly string[];
}

export async function customRoles(tx: Tx, tenant: TenantId): Promise<readonly CustomRole[]> {
  const { rows } = await sql<CustomRole>`select name, actions from identity_custom_roles where tenant = ${tenant} order by name`.execute(
    query(tx),
  );
  return rows;
}

/** Puts a grant that ended back as it was; false when it is not there, or did not end. */
export async function reopenGrant(tx: Tx, tenant: TenantId, id: GrantId): Promise<boolean> {
  const { rows } = await sql`update identity_grants set ended_at = null, ended_by = null
    where tenant = ${tenant} and id = ${id} and ended_at is not null returning id`.execute(query(tx));
  return rows.length === 1;
}

/** `undefined` for no grant of that id that holds now. */
export async function readExpireUnused(tx: Tx, tenant: TenantId, id: string): Promise<number | null | undefined> {
  const { rows } = await sql<{ days: number | null }>`select expire_unused_days as days from identity_grants
    where tenant = ${tenant} and id = ${id} and ended_at is null for update`.execute(query(tx));
  return rows[0]?.days;
}

export async function setExpireUnused(tx: Tx, tenant: TenantId, id: string, days: number | null): Promise<void> {
  await sql`update identity_grants set expire_unused_days = ${days} where tenant = ${tenant} and id = ${id}`.execute(query(tx));
}

export const PROPOSAL_STATES = ['open', 'applied', 'undone', 'dismissed', 'gone'] as const;
export type ProposalState = (typeof PROPOSAL_STATES)[number];

export const PROPOSAL_KINDS = [
  'integration_unused',
  'operations_unused',
  'tools_unused',
  'models_unused',
  'key_unused',
  'key_expiring',
  'grant_unused',
  'grant_smaller',
] as const;
export type ProposalKind = (typeof PROPOSAL_KINDS)[number];

export interface ProposalEvidence {
  readonly windowDays: number;
  readonly observedSinceMs: number;
  readonly grantedAtMs: number | null;
  readonly lastUsedAtMs: number | null;
  /** Uses within the window of what would be taken away: none, or it would not be proposed. */
  readonly count: number;
}

export interface ProposalRow {
  readonly id: ProposalId;
  readonly kind: ProposalKind;
  readonly subject: string;
  readonly target: string;
  readonly state: ProposalState;
  readonly remove: readonly string[];
  readonly keep: readonly string[];
  readonly change: { readonly grant: GrantId; readonly from: string; readonly to: string | null } | null;
  readonly evidence: ProposalEvidence;
  readonly firstSeenAt: Date;
  readonly before: JsonObject | null;
  readonly after: JsonObject | null;
  readonly decidedAt: Date | null;
  readonly decidedBy: string | null;
  readonly reason: string | null;
}

const COLUMNS = sql`id, kind, subject, target, state, remove, keep, change, evidence, first_seen_at as "firstSeenAt", before, after,
  decided_at as "decidedAt", decided_by as "decidedBy", reason`;
const MAX_LISTED = 500;

export async function listProposals(tx: Tx, tenant: TenantId, state: ProposalState | null): Promise<readonly ProposalRow[]> {
  const { rows } = await sql<ProposalRow>`select ${COLUMNS} from identity_proposals
    where tenant = ${tenant} and (${state}::text is null or state = ${state}) order by first_seen_at, subject, kind, target limit ${MAX_LISTED}`.execute(
    query(tx),
  );
  return rows;
}

/** Held until the end of the transaction. */
export async function holdProposal(tx: Tx, tenant: TenantId, id: ProposalId): Promise<ProposalRow | null> {
  const { rows } = await sql<ProposalRow>`select ${COLUMNS} from identity_proposals
    where tenant = ${tenant} and id = ${id} for update`.execute(query(tx));
  return rows[0] ?? null;
}

export type Draft = Pick<ProposalRow, 'kind' | 'subject' | 'target' | 'remove' | 'keep' | 'change' | 'evidence'>;

/** New, or what is open already brought up to date. One that was dismissed stays dismissed. */
export async function putProposal(
  tx: Tx,
  tenant: TenantId,
  row: Draft & { readonly id: ProposalId; readonly atMs: number },
): Promise<void> {
  const { id, kind, subject, target, remove, keep, change, evidence, atMs } = row;
  await sql`insert into identity_proposals (tenant, id, kind, subject, target, state, remove, keep, change, evidence, first_seen_at)
    values (${tenant}, ${id}, ${kind}, ${subject}, ${target}, 'open', ${JSON.stringify(remove)}::jsonb, ${JSON.stringify(keep)}::jsonb,
      ${change === null ? null : JSON.stringify(change)}::jsonb, ${JSON.stringify(evidence)}::jsonb, ${new Date(atMs)})
    on conflict (tenant, kind, subject, target) where state in ('open', 'dismissed') do update
      set remove = excluded.remove, keep = excluded.keep, change = excluded.change, evidence = excluded.evidence
      where identity_proposals.state = 'open'`.execute(query(tx));
}

export async function moveProposal(
  tx: Tx,
  tenant: TenantId,
  id: ProposalId,
  move: {
    readonly state: ProposalState;
    readonly at: Date;
    readonly by: string;
    readonly reason?: string | null;
    readonly before?: JsonObject | null;
    readonly after?: JsonObject | null;
  },
): Promise<void> {
  const { state, at, by, reason = null, before = null, after = null } = move;
  await sql`update identity_proposals set state = ${state}, decided_at = ${at}, decided_by = ${by}, reason = ${reason},
      before = coalesce(${before === null ? null : JSON.stringify(before)}::jsonb, before),
      after = coalesce(${after === null ? null : JSON.stringify(after)}::jsonb, after)
    where tenant = ${tenant} and id = ${id}`.execute(query(tx));
}
