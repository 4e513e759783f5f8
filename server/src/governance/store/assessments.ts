// Rows of assessments, of what was found to need one, and of whether publishing waits for them. None is deleted.

import type { AssessmentId, TenantId, Tx } from '#core';
import { query, sql } from '#storage';

export const RESIDUAL_RISKS = ['low', 'medium', 'high'] as const;
export type ResidualRisk = (typeof RESIDUAL_RISKS)[number];
export type NeedWhy = 'new' | 'changed' | 'review_due';

export interface AssessmentRow {
  readonly id: AssessmentId;
  readonly subject: string;
  readonly version: string;
  readonly revision: number;
  readonly residualRisk: ResidualRisk;
  readonly sealed: Uint8Array;
  readonly reviewAt: Date;
  readonly recordedAt: Date;
  readonly recordedBy: string;
  readonly approvedAt: Date | null;
  readonly approvedBy: string | null;
  readonly alone: boolean | null;
}

const COLUMNS = sql`id, subject, version, revision, residual_risk as "residualRisk", sealed, review_at as "reviewAt",
  recorded_at as "recordedAt", recorded_by as "recordedBy", approved_at as "approvedAt", approved_by as "approvedBy", alone`;

/** The revision it became; one after the other for a subject. */
export async function insertAssessment(
  tx: Tx,
  tenant: TenantId,
  row: Omit<AssessmentRow, 'revision' | 'approvedAt' | 'approvedBy' | 'alone'>,
): Promise<number> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`${tenant} ${row.subject}`}, 241))`.execute(query(tx));
  const { rows } = await sql<{ revision: number }>`
    insert into governance_assessments (tenant, id, subject, version, revision, residual_risk, sealed, review_at, recorded_at, recorded_by)
    select ${tenant}, ${row.id}, ${row.subject}, ${row.version}, coalesce(max(revision), 0) + 1, ${row.residualRisk}, ${Buffer.from(row.sealed)}::bytea,
      ${row.reviewAt}::timestamptz, ${row.recordedAt}::timestamptz, ${row.recordedBy}
    from governance_assessments where tenant = ${tenant} and subject = ${row.subject} returning revision`.execute(query(tx));
  return rows[0]?.revision ?? 0;
}

/** Of every subject, the newest revision first. */
export async function listAssessments(tx: Tx, tenant: TenantId): Promise<readonly AssessmentRow[]> {
  const { rows } = await sql<AssessmentRow>`
    select ${COLUMNS} from governance_assessments where tenant = ${tenant} order by subject, revision desc limit 2000`.execute(query(tx));
  return rows;
}

export async function findAssessment(
  tx: Tx,
  tenant: TenantId,
  id: AssessmentId,
  lock: 'look' | 'hold' = 'look',
): Promise<AssessmentRow | null> {
  const held = lock === 'hold' ? sql`for update` : sql``;
  const { rows } = await sql<AssessmentRow>`
    select ${COLUMNS} from governance_assessments where tenant = ${tenant} and id = ${id} ${held}`.execute(query(tx));
  return rows[0] ?? null;
}

/** The newest approved one of a subject. */
export async function findApproved(tx: Tx, tenant: TenantId, subject: string): Promise<AssessmentRow | null> {
  const { rows } = await sql<AssessmentRow>`
    select ${COLUMNS} from governance_assessments where tenant = ${tenant} and subject = ${subject} and approved_at is not null
    order by revision desc limit 1`.execute(query(tx));
  return rows[0] ?? null;
}

export async function approveAssessment(
  tx: Tx,
  tenant: TenantId,
  { id, by, at, alone }: { readonly id: AssessmentId; readonly by: string; readonly at: Date; readonly alone: boolean },
): Promise<void> {
  await sql`update governance_assessments set approved_at = ${at}, approved_by = ${by}, alone = ${alone}
    where tenant = ${tenant} and id = ${id} and approved_at is null`.execute(query(tx));
}

export interface NeedRow {
  readonly subject: string;
  readonly version: string;
  readonly trigger: string;
  readonly why: NeedWhy;
  readonly assessment: string;
}

/** Those that nobody had found before. */
export async function addNeeds(tx: Tx, tenant: TenantId, needs: readonly NeedRow[], at: Date): Promise<readonly NeedRow[]> {
  if (needs.length === 0) return [];
  const { rows } = await sql<NeedRow>`
    insert into governance_assessment_needs (tenant, subject, version, trigger, why, assessment, first_at)
    select ${tenant}, need.subject, need.version, need.trigger, need.why, need.assessment, ${at}::timestamptz
    from jsonb_to_recordset(${JSON.stringify(needs)}::jsonb) as need (subject text, version text, trigger text, why text, assessment text)
    on conflict do nothing returning subject, version, trigger, why, assessment`.execute(query(tx));
  return rows;
}

/** When each subject's version was first found to need one. */
export async function firstNeeded(tx: Tx, tenant: TenantId): Promise<ReadonlyMap<string, Date>> {
  const { rows } = await sql<{ key: string; first: Date }>`
    select subject || ' ' || version as key, min(first_at) as first from governance_assessment_needs
    where tenant = ${tenant} group by subject, version`.execute(query(tx));
  return new Map(rows.map(({ key, first }) => [key, first]));
}

export async function isBlocking(tx: Tx, tenant: TenantId): Promise<boolean> {
  const { rows } = await sql<{ blocking: boolean }>`
    select blocking from governance_assessment_settings where tenant = ${tenant}`.execute(query(tx));
  return rows[0]?.blocking === true;
}

export async function setBlocking(
  tx: Tx,
  tenant: TenantId,
  { blocking, at, by }: { readonly blocking: boolean; readonly at: Date; readonly by: string },
): Promise<void> {
  await sql`insert into governance_assessment_settings (tenant, blocking, changed_at, changed_by)
    values (${tenant}, ${blocking}, ${at}, ${by})
    on conflict (tenant) do update set blocking = excluded.blocking, changed_at = excluded.changed_at, changed_by = excluded.changed_by`.execute(
    query(tx),
  );
}
