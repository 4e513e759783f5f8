// Reads the sealed ledger by run: the calls of callers that run elsewhere and name their run, grouped.
// Bounded by a window of time and by a number of events, so that a list that is looked at all day does not read a whole ledger.

import type { TenantId, Tx } from '#core';
import { query, sql } from '#storage';

export interface LedgerRunQuery {
  readonly subjectPrefix: string;
  readonly typePrefix: string;
  /** The fact `tier` their calls state. */
  readonly tier: string;
  readonly askedCode: string;
  readonly sinceMs: number;
  /** Runs first seen before this moment; null for the newest. */
  readonly beforeMs: number | null;
  readonly limit: number;
  /** One run only. */
  readonly run: string | null;
}

export interface LedgerRun {
  readonly run: string;
  readonly firstMs: number;
  readonly lastMs: number;
  readonly calls: number;
  readonly refused: number;
  readonly workload: string | null;
}

/** Newest events of calls that are looked through. */
const MAX_EVENTS = 20_000;

export async function listLedgerRuns(tx: Tx, tenant: TenantId, filter: LedgerRunQuery): Promise<readonly LedgerRun[]> {
  const since = new Date(filter.sinceMs).toISOString();
  const before = filter.beforeMs === null ? null : new Date(filter.beforeMs).toISOString();
  const { rows } = await sql<{ run: string; first: Date; last: Date; calls: number; refused: number; workload: string | null }>`
    with recent as (
      select log.subject, log.type, log.occurred_at, log.leaf from audit_log log
      where log.tenant = ${tenant} and starts_with(log.subject, ${filter.subjectPrefix}) and starts_with(log.type, ${filter.typePrefix})
        and (${filter.run}::text is null or strpos(log.leaf, ${filter.run}) > 0)
      order by log.seq desc limit ${MAX_EVENTS}
    ), told as (
      select recent.subject, recent.type, recent.occurred_at, recent.leaf::json -> 'public' as facts from recent
      where recent.occurred_at >= ${since} and strpos(recent.leaf, ${`"tier":"${filter.tier}"`}) > 0
    )
    select told.facts ->> 'run' as run, min(told.occurred_at) as first, max(told.occurred_at) as last,
      count(distinct told.subject)::int as calls, max(told.facts ->> 'workload') as workload,
      (count(distinct told.subject) filter (where told.type = 'enforcement.call.refused'
        and (told.facts ->> 'code') is distinct from ${filter.askedCode}))::int as refused
    from told where told.facts ->> 'tier' = ${filter.tier} and told.facts ->> 'run' is not null
      and (${filter.run}::text is null or told.facts ->> 'run' = ${filter.run})
    group by 1 having ${before}::timestamptz is null or min(told.occurred_at) < ${before}
    order by 2 desc fetch first ${filter.limit} rows with ties`.execute(query(tx));
  return rows.map(({ run, first, last, calls, refused, workload }) => ({
    run,
    firstMs: first.getTime(),
    lastMs: last.getTime(),
    calls,
    refused,
    workload,
  }));
}
