// Rows of the daily look over everything the installation wrote; they stand with the tenant it began with.

import type { JsonObject, TenantId, Tx } from '#core';
import { query, sql } from '#storage';

export interface SelfScanRow {
  readonly id: string;
  readonly startedAt: Date;
  readonly finishedAt: Date;
  readonly ok: boolean;
  readonly report: JsonObject;
}

/** A year of days. */
const KEPT = 400;

export async function addSelfScan(tx: Tx, tenant: TenantId, one: SelfScanRow): Promise<void> {
  await sql`insert into governance_self_scans (tenant, id, started_at, finished_at, ok, report)
    values (${tenant}, ${one.id}, ${one.startedAt}, ${one.finishedAt}, ${one.ok}, ${JSON.stringify(one.report)}::jsonb)`.execute(query(tx));
  await sql`delete from governance_self_scans where tenant = ${tenant} and id in (
    select id from governance_self_scans where tenant = ${tenant} order by finished_at desc offset ${KEPT})`.execute(query(tx));
}

export async function lastSelfScan(tx: Tx, tenant: TenantId): Promise<SelfScanRow | null> {
  const { rows } = await sql<{ id: string; started_at: Date; finished_at: Date; ok: boolean; report: JsonObject }>`
    select id, started_at, finished_at, ok, report from governance_self_scans where tenant = ${tenant}
    order by finished_at desc, id desc limit 1`.execute(query(tx));
  const row = rows[0];
  return row === undefined ? null : { id: row.id, startedAt: row.started_at, finishedAt: row.finished_at, ok: row.ok, report: row.report };
}
