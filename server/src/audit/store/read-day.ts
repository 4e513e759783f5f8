// What a window of the sealed ledger says in numbers: calls by the hour, refusals by code, money that moved, and how long runs took.
// Every query walks back from the newest event and ends at the first one before the window; each answer is bounded.

import type { TenantId, Tx } from '#core';
import { query, sql } from '#storage';

export interface Window {
  readonly sinceMs: number;
}

/** Calls that ended within one step of time. */
export interface StepTally {
  readonly atMs: number;
  readonly subjects: number;
  readonly refused: number;
  readonly tokenised: number;
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

/** The newest event of each call of the window. What a person was asked about is not refused. */
const newestCalls = (askedCode: string) => sql`newest as (
  select distinct on (day.subject) day.subject, day.occurred_at, day.type, day.leaf::json -> 'public' ->> 'code' as code,
    day.type = 'enforcement.call.refused' and (day.leaf::json -> 'public' ->> 'code') is distinct from ${askedCode} as refused,
    day.leaf::json -> 'public' ->> 'effect' as effect,
    case day.type when 'enforcement.call.completed' then (day.leaf::json -> 'public' ->> 'status')::int between 200 and 299
      when 'enforcement.effect.resolved' then day.leaf::json -> 'public' ->> 'outcome' = 'done' else false end as happened
  from day where starts_with(day.subject, 'call_') and starts_with(day.type, 'enforcement.') order by day.subject, day.seq desc
)`;

/** Steps without a call are left out. */
export async function tallySteps(
  tx: Tx,
  tenant: TenantId,
  window: Window & { readonly stepMs: number; readonly askedCode: string },
): Promise<readonly StepTally[]> {
  const { sinceMs, stepMs, askedCode } = window;
  const { rows } = await sql<{ step: number; subjects: number; refused: number; tokenised: number }>`
    with ${dayOf(tenant, window)}, ${newestCalls(askedCode)}, replaced as (
      select distinct day.subject from day
      where starts_with(day.subject, 'call_') and coalesce(day.leaf::json -> 'public' ->> 'tokenised', '{}') <> '{}'
    )
    select floor((extract(epoch from newest.occurred_at) * 1000 - ${sinceMs}) / ${stepMs})::int as step, count(*)::int as subjects,
      (count(*) filter (where newest.refused))::int as refused, count(replaced.subject)::int as tokenised
    from newest left join replaced on replaced.subject = newest.subject group by 1 order by 1`.execute(query(tx));
  return rows.map(({ step, ...counts }) => ({ atMs: sinceMs + step * stepMs, ...counts }));
}

export async function tallyRefusals(
  tx: Tx,
  tenant: TenantId,
  window: Window & { readonly askedCode: string; readonly limit: number },
): Promise<readonly { readonly code: string; readonly count: number }[]> {
  const { rows } = await sql<{ code: string; count: number }>`
    with ${dayOf(tenant, window)}, ${newestCalls(window.askedCode)}
    select coalesce(newest.code, '') as code, count(*)::int as count from newest where newest.refused
    group by 1 order by 2 desc, 1 limit ${window.limit}`.execute(query(tx));
  return rows;
}

export interface MoneyTally {
  readonly count: number;
  /** Exact decimal sums. */
  readonly totals: readonly { readonly currency: string; readonly amount: string }[];
  readonly refused: number;
}

/** Calls whose operation moves money: what the upstream accepted, by the amounts their intents name, and how many were refused. */
export async function tallyMoney(tx: Tx, tenant: TenantId, window: Window & { readonly askedCode: string }): Promise<MoneyTally> {
  const { rows } = await sql<{ currency: string | null; amount: string | null; count: number }>`
    with ${dayOf(tenant, window)}, ${newestCalls(window.askedCode)}, moved as (
      select intent.leaf::json -> 'public' ->> 'amount' as amount from newest
      join lateral (select log.leaf from audit_log log where log.tenant = ${tenant} and log.subject = newest.subject
        and log.type = 'enforcement.call.intended' order by log.seq desc limit 1) intent on true
      where intent.leaf::json -> 'public' ->> 'effect' = 'money' and newest.happened
    )
    select split_part(moved.amount, ' ', 2) as currency, sum(split_part(moved.amount, ' ', 1)::numeric)::text as amount,
      count(*)::int as count from moved group by 1
    union all select null, null, (select count(*) from newest where newest.refused and newest.effect = 'money')::int`.execute(query(tx));
  const moved = rows.filter((row) => row.currency !== null);
  return {
    count: moved.reduce((total, row) => total + row.count, 0),
    totals: moved.map((row) => ({ currency: row.currency ?? '', amount: row.amount ?? '0' })),
    refused: rows.find((row) => row.currency === null)?.count ?? 0,
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
