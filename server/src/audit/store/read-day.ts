// What a window of the sealed ledger says in numbers: calls by the hour, refusals by code, money that moved, and how long runs took.
// Every query walks the window once, by sequence number, and opens no more leaves than it must; each answer is bounded.

import type { TenantId, Tx } from '#core';
import { query, sql } from '#storage';

export interface Window {
  readonly sinceMs: number;
}

/** Events of one kind within one step of time. */
export interface StepCount {
  readonly step: number;
  readonly type: string;
  /** Of a refusal: its code, and what its operation does. */
  readonly code: string | null;
  readonly effect: string | null;
  readonly count: number;
}

/** The part of the log within the window, as a table expression called `day`: by number first, because the log is nearly in the order of time. */
const dayOf = (tenant: TenantId, { sinceMs }: Window) => {
  const since = new Date(sinceMs).toISOString();
  return sql`day as (
    select log.* from audit_log log where log.tenant = ${tenant} and log.occurred_at >= ${since}
      and log.seq > coalesce((select old.seq from audit_log old where old.tenant = ${tenant} and old.occurred_at < ${since}
        order by old.seq desc limit 1), -1)
  )`;
};

/** How a call ends: exactly one event of these. */
const ENDINGS = ['completed', 'refused', 'faulted', 'aborted', 'unresolved'].map((ending) => `enforcement.call.${ending}`);
const REFUSED = 'enforcement.call.refused';
const INTENDED = 'enforcement.call.intended';

const stepOf = ({ sinceMs, stepMs }: Steps) => sql`floor((extract(epoch from day.occurred_at) * 1000 - ${sinceMs}) / ${stepMs})::int`;

export interface Steps extends Window {
  readonly stepMs: number;
}

/** Calls by the step they ended in. Only refusals are opened. */
export async function countEndings(tx: Tx, tenant: TenantId, window: Steps): Promise<readonly StepCount[]> {
  const { rows } = await sql<StepCount>`
    with ${dayOf(tenant, window)}
    select ${stepOf(window)} as step, day.type,
      case when day.type = ${REFUSED} then day.leaf::json -> 'public' ->> 'code' end as code,
      case when day.type = ${REFUSED} then day.leaf::json -> 'public' ->> 'effect' end as effect, count(*)::int as count
    from day where day.type = any(${ENDINGS}::text[]) group by 1, 2, 3, 4`.execute(query(tx));
  return rows;
}

/** Calls that left with values replaced, by the step they left in. In canonical JSON a map that is not empty begins in one way only. */
export async function countReplaced(
  tx: Tx,
  tenant: TenantId,
  window: Steps,
): Promise<readonly { readonly step: number; readonly count: number }[]> {
  const { rows } = await sql<{ step: number; count: number }>`
    with ${dayOf(tenant, window)}
    select ${stepOf(window)} as step, count(*)::int as count
    from day where day.type = ${INTENDED} and strpos(day.leaf, '"tokenised":{"') > 0 group by 1`.execute(query(tx));
  return rows;
}

export interface MoneyTally {
  readonly count: number;
  /** Exact decimal sums. */
  readonly totals: readonly { readonly currency: string; readonly amount: string }[];
}

/** Money that left in the window and that the upstream took: by the amounts the intents name. */
export async function tallyMoney(tx: Tx, tenant: TenantId, window: Window): Promise<MoneyTally> {
  const { rows } = await sql<{ currency: string; amount: string; count: number }>`
    with ${dayOf(tenant, window)}, moved as (
      select day.leaf::json -> 'public' ->> 'amount' as amount from day
      join lateral (select log.type, log.leaf::json -> 'public' as facts from audit_log log where log.tenant = ${tenant}
        and log.subject = day.subject and starts_with(log.type, 'enforcement.') order by log.seq desc limit 1) ending on true
      where day.type = ${INTENDED} and strpos(day.leaf, '"effect":"money"') > 0 and case ending.type
        when 'enforcement.call.completed' then (ending.facts ->> 'status')::int between 200 and 299
        when 'enforcement.effect.resolved' then ending.facts ->> 'outcome' = 'done' else false end
    )
    select split_part(moved.amount, ' ', 2) as currency, sum(split_part(moved.amount, ' ', 1)::numeric)::text as amount,
      count(*)::int as count from moved where moved.amount is not null group by 1 order by 1`.execute(query(tx));
  return {
    count: rows.reduce((total, row) => total + row.count, 0),
    totals: rows.map(({ currency, amount }) => ({ currency, amount })),
  };
}

export interface RunTally {
  readonly done: number;
  readonly stopped: number;
  /** Runs that stated the event, true. */
  readonly stated: number;
  /** Median time from a run's start to its statement; null without one. */
  readonly medianMs: number | null;
}

/** Runs that ended in the window, and those that stated `event` with `fact` true. */
export async function tallyRuns(
  tx: Tx,
  tenant: TenantId,
  window: Window & { readonly event: string; readonly fact: string },
): Promise<RunTally> {
  const { rows } = await sql<{ done: number; stopped: number; stated: number; median: number | null }>`
    with ${dayOf(tenant, window)}, ended as (
      select distinct on (day.subject) day.subject, day.leaf::json -> 'public' ->> 'state' as state from day
      where day.type in ('workflows.run.finished', 'workflows.run.refused') and starts_with(day.subject, 'run_')
      order by day.subject, day.seq desc
    ), stated as (
      select day.subject, max(day.occurred_at) - min(begun.occurred_at) as took from day
      join audit_log begun on begun.tenant = ${tenant} and begun.subject = day.subject and begun.type = 'workflows.run.started'
      where day.type = 'workflows.run.emitted' and day.leaf::json -> 'public' ->> 'event' = ${window.event}
        and day.leaf::json -> 'public' -> 'facts' ->> ${window.fact}::text = 'true'
      group by day.subject
    )
    select (select count(*) from ended where state = 'done')::int as done,
      (select count(*) from ended where state is distinct from 'done')::int as stopped,
      (select count(*) from stated)::int as stated,
      (select (extract(epoch from percentile_cont(0.5) within group (order by took)) * 1000)::float8 from stated) as median`.execute(
    query(tx),
  );
  const row = rows[0];
  if (row === undefined) return { done: 0, stopped: 0, stated: 0, medianMs: null };
  return { done: row.done, stopped: row.stopped, stated: row.stated, medianMs: row.median === null ? null : Math.round(row.median) };
}
