// The rows of alerts: raised, gathered, listed, acknowledged, delivered. None is ever deleted.

import type { Id, JsonObject, PersonId, TenantId, Tx, UnixMs } from '#core';
import { query, sql } from '#storage';
import type { RuleName, Severity } from '../rules.ts';

export type AlertId = Id<'alr'>;

export interface AlertRow {
  readonly id: AlertId;
  readonly rule: RuleName;
  readonly severity: Severity;
  /** Number and type of the event that raised it. */
  readonly seq: number;
  readonly type: string;
  /** Pseudonym of who acted. */
  readonly actor: string;
  readonly subject: string;
  readonly facts: JsonObject;
  readonly occurredAtMs: UnixMs;
  readonly raisedAtMs: UnixMs;
  /** Events it stands for, and the newest of them. */
  readonly times: number;
  readonly lastSeq: number;
  readonly lastAtMs: UnixMs;
  readonly acknowledged: { readonly atMs: UnixMs; readonly by: PersonId; readonly alone: boolean; readonly note: Uint8Array | null } | null;
  readonly deliveredAtMs: UnixMs | null;
  readonly deliveryFault: string | null;
}

interface Sql {
  id: AlertId;
  rule: RuleName;
  severity: Severity;
  seq: bigint;
  type: string;
  actor: string;
  subject: string;
  facts: JsonObject;
  occurred_at: Date;
  raised_at: Date;
  times: number;
  last_seq: bigint;
  last_at: Date;
  acknowledged_at: Date | null;
  acknowledged_by: PersonId | null;
  acknowledged_alone: boolean | null;
  note: Buffer | null;
  delivered_at: Date | null;
  delivery_fault: string | null;
}

const COLUMNS = sql.raw(
  `id, rule, severity, seq, type, actor, subject, facts, occurred_at, raised_at, times, last_seq, last_at, acknowledged_at, acknowledged_by,
   acknowledged_alone, note, delivered_at, delivery_fault`,
);

const rowOf = (row: Sql): AlertRow => ({
  id: row.id,
  rule: row.rule,
  severity: row.severity,
  seq: Number(row.seq),
  type: row.type,
  actor: row.actor,
  subject: row.subject,
  facts: row.facts,
  occurredAtMs: row.occurred_at.getTime(),
  raisedAtMs: row.raised_at.getTime(),
  times: row.times,
  lastSeq: Number(row.last_seq),
  lastAtMs: row.last_at.getTime(),
  acknowledged:
    row.acknowledged_at === null || row.acknowledged_by === null
      ? null
      : { atMs: row.acknowledged_at.getTime(), by: row.acknowledged_by, alone: row.acknowledged_alone === true, note: row.note },
  deliveredAtMs: row.delivered_at?.getTime() ?? null,
  deliveryFault: row.delivery_fault,
});

/** What an alert is when it is raised; what becomes of it is told later. */
export type NewAlert = Pick<
  AlertRow,
  'id' | 'rule' | 'severity' | 'seq' | 'type' | 'actor' | 'subject' | 'facts' | 'occurredAtMs' | 'raisedAtMs'
>;

export async function insertAlert(tx: Tx, tenant: TenantId, alert: NewAlert): Promise<void> {
  const [occurredAt, raisedAt] = [new Date(alert.occurredAtMs), new Date(alert.raisedAtMs)];
  await sql`insert into monitoring_alerts (tenant, id, rule, severity, seq, type, actor, subject, facts, occurred_at, raised_at, last_seq, last_at)
    values (${tenant}, ${alert.id}, ${alert.rule}, ${alert.severity}, ${alert.seq}, ${alert.type}, ${alert.actor}, ${alert.subject},
      ${JSON.stringify(alert.facts)}::jsonb, ${occurredAt}, ${raisedAt}, ${alert.seq}, ${occurredAt})`.execute(query(tx));
}

/** Adds the event to the newest open alert of this rule and actor, and of the same where asked, not older than `sinceMs`; false when there is none. */
export async function gatherAlert(
  tx: Tx,
  tenant: TenantId,
  event: {
    readonly rule: RuleName;
    readonly actor: string;
    readonly sinceMs: UnixMs;
    readonly seq: number;
    readonly atMs: UnixMs;
    readonly same: { readonly subject: string; readonly facts: JsonObject } | null;
  },
): Promise<boolean> {
  const at = new Date(event.atMs);
  const isSame =
    event.same === null ? sql`true` : sql`open.subject = ${event.same.subject} and open.facts = ${JSON.stringify(event.same.facts)}::jsonb`;
  const { rows } = await sql`update monitoring_alerts set times = times + 1, last_seq = ${event.seq}, last_at = greatest(last_at, ${at})
    where tenant = ${tenant} and id = (select id from monitoring_alerts open where open.tenant = ${tenant} and open.rule = ${event.rule}
      and open.actor = ${event.actor} and open.acknowledged_at is null and open.last_at >= ${new Date(event.sinceMs)} and ${isSame}
      order by open.last_at desc limit 1) returning id`.execute(query(tx));
  return rows.length > 0;
}

export interface AlertFilter {
  readonly rule: RuleName | null;
  readonly severity: Severity | null;
  /** Null for both. */
  readonly isOpen: boolean | null;
  /** Pseudonyms of who acted; null for anybody. */
  readonly actors: readonly string[] | null;
  readonly before: { readonly raisedAtMs: UnixMs; readonly id: string } | null;
  readonly limit: number;
}

/** Newest first. */
export async function listAlerts(tx: Tx, tenant: TenantId, filter: AlertFilter): Promise<readonly AlertRow[]> {
  const { rule, severity, isOpen, actors, before, limit } = filter;
  const beforeAt = before === null ? null : new Date(before.raisedAtMs);
  const { rows } = await sql<Sql>`select ${COLUMNS} from monitoring_alerts where tenant = ${tenant}
    and (${rule}::text is null or rule = ${rule}) and (${severity}::text is null or severity = ${severity})
    and (${isOpen}::boolean is null or (acknowledged_at is null) = ${isOpen})
    and (${actors === null} or actor = any(${[...(actors ?? [])]}::text[]))
    and (${beforeAt}::timestamptz is null or (raised_at, id) < (${beforeAt}::timestamptz, ${before?.id ?? ''}))
    order by raised_at desc, id desc limit ${limit}`.execute(query(tx));
  return rows.map(rowOf);
}

/** Open alerts of these rules, newest first. */
export async function listOpenOf(tx: Tx, tenant: TenantId, rules: readonly RuleName[], limit: number): Promise<readonly AlertRow[]> {
  const { rows } = await sql<Sql>`select ${COLUMNS} from monitoring_alerts where tenant = ${tenant}
    and acknowledged_at is null and rule = any(${[...rules]}::text[])
    order by last_at desc, id desc limit ${limit}`.execute(query(tx));
  return rows.map(rowOf);
}

export async function countOpen(tx: Tx, tenant: TenantId): Promise<Readonly<Record<Severity, number>>> {
  const { rows } = await sql<{ severity: Severity; open: bigint }>`select severity, count(*) as open from monitoring_alerts
    where tenant = ${tenant} and acknowledged_at is null group by severity`.execute(query(tx));
  const counts = { notice: 0, warning: 0, critical: 0 };
  for (const row of rows) counts[row.severity] = Number(row.open);
  return counts;
}

/** Holds the row until the end of the transaction, so that two people do not acknowledge it at once. */
export async function holdAlert(tx: Tx, tenant: TenantId, id: AlertId): Promise<AlertRow | null> {
  const { rows } = await sql<Sql>`select ${COLUMNS} from monitoring_alerts where tenant = ${tenant} and id = ${id} for update`.execute(
    query(tx),
  );
  return rows[0] === undefined ? null : rowOf(rows[0]);
}

export async function findAlert(tx: Tx, tenant: TenantId, id: AlertId): Promise<AlertRow | null> {
  const { rows } = await sql<Sql>`select ${COLUMNS} from monitoring_alerts where tenant = ${tenant} and id = ${id}`.execute(query(tx));
  return rows[0] === undefined ? null : rowOf(rows[0]);
}

export async function acknowledgeAlert(
  tx: Tx,
  tenant: TenantId,
  done: { readonly id: AlertId; readonly by: PersonId; readonly alone: boolean; readonly note: Uint8Array | null; readonly atMs: UnixMs },
): Promise<void> {
  await sql`update monitoring_alerts set acknowledged_at = ${new Date(done.atMs)}, acknowledged_by = ${done.by},
    acknowledged_alone = ${done.alone}, note = ${done.note} where tenant = ${tenant} and id = ${done.id} and acknowledged_at is null`.execute(
    query(tx),
  );
}

/** As the system role `watcher`: alerts raised since `sinceMs` whose delivery is due, oldest first. */
export async function listUndelivered(
  tx: Tx,
  { sinceMs, atMs, limit }: { readonly sinceMs: UnixMs; readonly atMs: UnixMs; readonly limit: number },
): Promise<readonly { readonly tenant: TenantId; readonly id: AlertId; readonly attempts: number }[]> {
  const { rows } = await sql<{ tenant: TenantId; id: AlertId; attempts: number }>`
    select tenant, id, attempts from monitoring_alerts where delivered_at is null and raised_at >= ${new Date(sinceMs)}
    and (next_try_at is null or next_try_at <= ${new Date(atMs)})
    order by raised_at limit ${limit}`.execute(query(tx));
  return rows;
}

export async function noteDelivery(
  tx: Tx,
  tenant: TenantId,
  told: { readonly id: AlertId; readonly atMs: UnixMs; readonly fault: string | null; readonly nextTryAtMs: UnixMs | null },
): Promise<void> {
  const { id, fault } = told;
  const deliveredAt = fault === null ? new Date(told.atMs) : null;
  const nextTryAt = told.nextTryAtMs === null ? null : new Date(told.nextTryAtMs);
  await sql`update monitoring_alerts set delivered_at = ${deliveredAt}, attempts = attempts + 1, next_try_at = ${nextTryAt},
    delivery_fault = ${fault} where tenant = ${tenant} and id = ${id} and delivered_at is null`.execute(query(tx));
}
