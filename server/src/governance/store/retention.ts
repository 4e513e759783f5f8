// Rows of retention rules, of the runs that deleted by them, and of canaries.

import type { RetentionRunId, TenantId, Tx } from '#core';
import { query, sql } from '#storage';

export interface RuleRow {
  readonly dataClass: string | null;
  readonly place: string | null;
  readonly purpose: string | null;
  readonly minutes: number;
  readonly setAt: Date;
  readonly setBy: string;
}

const orNull = (text: string): string | null => (text === '' ? null : text);

export async function listRules(tx: Tx, tenant: TenantId): Promise<readonly RuleRow[]> {
  const { rows } = await sql<{ data_class: string; place: string; purpose: string; minutes: number; set_at: Date; set_by: string }>`
    select data_class, place, purpose, minutes, set_at, set_by from governance_rules
    where tenant = ${tenant} order by data_class, place, purpose`.execute(query(tx));
  return rows.map(({ data_class, place, purpose, minutes, set_at, set_by }) => ({
    dataClass: orNull(data_class),
    place: orNull(place),
    purpose: orNull(purpose),
    minutes,
    setAt: set_at,
    setBy: set_by,
  }));
}

/** `minutes` null takes the rule back; false when there was none. */
export async function putRule(
  tx: Tx,
  tenant: TenantId,
  rule: Omit<RuleRow, 'minutes' | 'setAt'> & { readonly minutes: number | null; readonly at: Date },
): Promise<boolean> {
  const on = query(tx);
  const [dataClass, place, purpose] = [rule.dataClass ?? '', rule.place ?? '', rule.purpose ?? ''];
  if (rule.minutes === null) {
    const { rows } = await sql`delete from governance_rules
      where tenant = ${tenant} and data_class = ${dataClass} and place = ${place} and purpose = ${purpose} returning place`.execute(on);
    return rows.length === 1;
  }
  await sql`insert into governance_rules (tenant, data_class, place, purpose, minutes, set_at, set_by)
    values (${tenant}, ${dataClass}, ${place}, ${purpose}, ${rule.minutes}, ${rule.at}, ${rule.setBy})
    on conflict (tenant, data_class, place, purpose) do update
      set minutes = excluded.minutes, set_at = excluded.set_at, set_by = excluded.set_by`.execute(on);
  return true;
}

export interface SweepRow {
  readonly id: RetentionRunId;
  readonly startedAt: Date;
  readonly finishedAt: Date;
  readonly version: string;
  readonly receipt: unknown;
  readonly event: string;
}

/** Runs that are shown; older ones are told by the log. */
const KEEP_SWEEPS = 200;

export async function insertSweep(tx: Tx, tenant: TenantId, row: SweepRow & { readonly json: string }): Promise<void> {
  const on = query(tx);
  await sql`insert into governance_sweeps (tenant, id, started_at, finished_at, version, receipt, event)
    values (${tenant}, ${row.id}, ${row.startedAt}, ${row.finishedAt}, ${row.version}, ${row.json}::jsonb, ${row.event})`.execute(on);
  await sql`delete from governance_sweeps where tenant = ${tenant} and id in (
    select id from governance_sweeps where tenant = ${tenant} order by finished_at desc, id desc offset ${KEEP_SWEEPS})`.execute(on);
}

export async function listSweeps(tx: Tx, tenant: TenantId, limit: number): Promise<readonly SweepRow[]> {
  const { rows } = await sql<SweepRow>`
    select id, started_at as "startedAt", finished_at as "finishedAt", version, receipt, event from governance_sweeps
    where tenant = ${tenant} order by finished_at desc, id desc limit ${limit}`.execute(query(tx));
  return rows;
}

export interface CanaryRow {
  readonly id: string;
  readonly plantedAt: Date;
}

export async function listCanaries(tx: Tx, tenant: TenantId): Promise<readonly CanaryRow[]> {
  const { rows } = await sql<CanaryRow>`
    select id, planted_at as "plantedAt" from governance_canaries where tenant = ${tenant} order by planted_at`.execute(query(tx));
  return rows;
}

export async function plantCanary(tx: Tx, tenant: TenantId, canary: CanaryRow): Promise<void> {
  await sql`insert into governance_canaries (tenant, id, planted_at) values (${tenant}, ${canary.id}, ${canary.plantedAt})`.execute(
    query(tx),
  );
}

export async function dropCanaries(tx: Tx, tenant: TenantId, ids: readonly string[]): Promise<void> {
  await sql`delete from governance_canaries where tenant = ${tenant} and id = any(${[...ids]}::text[])`.execute(query(tx));
}

/** Marks canaries that should be gone and of which nobody was told; gives when the oldest was planted, null when there is none. */
export async function tellStale(
  tx: Tx,
  tenant: TenantId,
  { beforeMs, atMs }: { readonly beforeMs: number; readonly atMs: number },
): Promise<Date | null> {
  const { rows } = await sql<{ planted: Date }>`
    update governance_canaries set told_at = ${new Date(atMs)}
    where tenant = ${tenant} and planted_at < ${new Date(beforeMs)} and told_at is null returning planted_at as planted`.execute(query(tx));
  return rows.reduce<Date | null>((oldest, { planted }) => (oldest === null || planted < oldest ? planted : oldest), null);
}
