// Runs as a list: newest first, filtered, a page at a time, each with the counts of its phases. No value is opened.

import type { ApprovalId, RunId, TenantId, Tx } from '#core';
import { query, sql } from '#storage';
import type { RunState, RunTrigger } from './runs.ts';

export interface RunFilter {
  readonly workflow: string | null;
  /** `waiting` is a running one of which a phase waits for a person. */
  readonly state: RunState | 'waiting' | null;
  readonly sinceMs: number | null;
  /** Begun before this moment. */
  readonly beforeMs: number | null;
  readonly limit: number;
  /** One run only. */
  readonly run: RunId | null;
}

export interface RunLine {
  readonly id: RunId;
  readonly workflow: string;
  readonly hash: string;
  readonly trigger: RunTrigger;
  readonly state: RunState | 'waiting';
  readonly step: string | null;
  readonly code: string | null;
  readonly startedAtMs: number;
  readonly startedBy: string;
  readonly finishedAtMs: number | null;
  readonly calls: number;
  readonly refused: number;
  readonly waitingFor: ApprovalId | null;
  readonly isSample: boolean;
}

interface Row {
  id: string;
  workflow: string;
  hash: string;
  trigger: string;
  state: string;
  step: string | null;
  code: string | null;
  started_at: Date;
  started_by: string;
  finished_at: Date | null;
  calls: number;
  refused: number;
  waits: boolean;
  waiting_for: string | null;
  waiting_step: string | null;
  is_sample: boolean;
}

/** All runs that began at the moment of the last one belong to the page, so that a page can begin where it ended. */
export async function listRunLines(tx: Tx, tenant: TenantId, filter: RunFilter): Promise<readonly RunLine[]> {
  const { workflow, state, run, limit } = filter;
  const since = filter.sinceMs === null ? null : new Date(filter.sinceMs).toISOString();
  const before = filter.beforeMs === null ? null : new Date(filter.beforeMs).toISOString();
  const { rows } = await sql<Row>`
    select run.id, run.workflow, run.hash, run.trigger, run.state, run.step, run.code, run.started_at, run.started_by, run.finished_at,
      phases.calls, phases.refused, phases.waits, phases.waiting_for, phases.waiting_step, coalesce(named.is_sample, false) as is_sample
    from workflow_runs run
    left join workflows named on named.tenant = run.tenant and named.name = run.workflow
    cross join lateral (
      select count(step.call)::int as calls, (count(*) filter (where step.outcome = 'refused'))::int as refused,
        coalesce(bool_or(step.outcome = 'waiting'), false) as waits,
        max(step.approval) filter (where step.outcome = 'waiting') as waiting_for,
        max(step.step) filter (where step.outcome = 'waiting') as waiting_step
      from workflow_steps step where step.tenant = run.tenant and step.run = run.id) phases
    where run.tenant = ${tenant} and (${run}::text is null or run.id = ${run})
      and (${workflow}::text is null or run.workflow = ${workflow})
      and (${since}::timestamptz is null or run.started_at >= ${since})
      and (${before}::timestamptz is null or run.started_at < ${before})
      and (${state}::text is null or ${state} = case when run.state = 'running' and phases.waits then 'waiting' else run.state end)
    order by run.started_at desc fetch first ${limit} rows with ties`.execute(query(tx));
  return rows.map(toLine);
}

function toLine(row: Row): RunLine {
  const isWaiting = row.state === 'running' && row.waits;
  return {
    id: row.id as RunId,
    workflow: row.workflow,
    hash: row.hash,
    trigger: row.trigger as RunTrigger,
    state: isWaiting ? 'waiting' : (row.state as RunState),
    step: isWaiting ? row.waiting_step : row.step,
    code: row.code,
    startedAtMs: row.started_at.getTime(),
    startedBy: row.started_by,
    finishedAtMs: row.finished_at?.getTime() ?? null,
    calls: row.calls,
    refused: row.refused,
    waitingFor: isWaiting ? (row.waiting_for as ApprovalId | null) : null,
    isSample: row.is_sample,
  };
}
