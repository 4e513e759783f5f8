// Rows of runs and of what their steps gave: the journal from which a run goes on after any crash.
// INVARIANT: a phase is written once; whoever comes second reads what the first one wrote.

import type { ApprovalId, RunId, TenantId, Tx } from '#core';
import { query, sql } from '#storage';

export type RunState = 'running' | 'done' | 'stopped' | 'refused';
/** What began a run. */
export type RunTrigger = 'person' | 'webhook';
export type PhaseOutcome = 'done' | 'refused' | 'waiting';

export interface RunRow {
  readonly id: RunId;
  readonly tenant: TenantId;
  readonly workflow: string;
  readonly hash: string;
  readonly state: RunState;
  /** The step at which it stopped. */
  readonly step: string | null;
  readonly code: string | null;
  /** `null` once it was erased. */
  readonly sealedInput: Uint8Array | null;
  readonly sealedCustomer: Uint8Array | null;
  readonly startedAtMs: number;
  /** A person, or `integration:<name>` whose signed delivery began it. */
  readonly startedBy: string;
  readonly trigger: RunTrigger;
  readonly finishedAtMs: number | null;
  readonly isErased: boolean;
}

export const PHASE_KINDS = ['channel', 'call', 'model', 'tool', 'emit', 'approval', 'tool_refused'] as const;
export type PhaseKind = (typeof PHASE_KINDS)[number];

/** What may be told of a phase without opening it: references and names of the signed content. */
export interface PhaseNotes {
  readonly kind: PhaseKind;
  readonly integration: string | null;
  readonly operation: string | null;
  /** The guarded call it made last. */
  readonly call: string | null;
}

export interface PhaseRow extends PhaseNotes {
  readonly step: string;
  readonly phase: string;
  readonly nth: number;
  readonly outcome: PhaseOutcome;
  readonly code: string | null;
  readonly approval: ApprovalId | null;
  readonly sealedValue: Uint8Array | null;
  readonly recordedAtMs: number;
}

interface Tables {
  workflow_runs: {
    tenant: string;
    id: string;
    workflow: string;
    hash: string;
    state: string;
    step: string | null;
    code: string | null;
    sealed_input: Buffer | null;
    erased_at: Date | null;
    sealed_customer: Buffer | null;
    started_at: Date;
    started_by: string;
    trigger: string;
    finished_at: Date | null;
  };
  workflow_steps: {
    tenant: string;
    run: string;
    step: string;
    phase: string;
    nth: number;
    outcome: string;
    code: string | null;
    approval: string | null;
    sealed_value: Buffer | null;
    recorded_at: Date;
    kind: string;
    integration: string | null;
    operation: string | null;
    call: string | null;
  };
}

export async function insertRun(
  tx: Tx,
  run: {
    tenant: TenantId;
    id: RunId;
    workflow: string;
    hash: string;
    sealedInput: Uint8Array;
    by: string;
    trigger: RunTrigger;
    atMs: number;
  },
): Promise<void> {
  await query<Tables>(tx)
    .insertInto('workflow_runs')
    .values({
      tenant: run.tenant,
      id: run.id,
      workflow: run.workflow,
      hash: run.hash,
      state: 'running',
      step: null,
      code: null,
      sealed_input: Buffer.from(run.sealedInput),
      sealed_customer: null,
      started_at: new Date(run.atMs),
      started_by: run.by,
      trigger: run.trigger,
      finished_at: null,
    })
    .execute();
}

export async function findRun(tx: Tx, tenant: TenantId, id: RunId): Promise<RunRow | null> {
  const row = await query<Tables>(tx)
    .selectFrom('workflow_runs')
    .selectAll()
    .where('tenant', '=', tenant)
    .where('id', '=', id)
    .executeTakeFirst();
  return row === undefined ? null : toRun(row);
}

export async function listRuns(tx: Tx, tenant: TenantId, limit: number): Promise<readonly RunRow[]> {
  const rows = await query<Tables>(tx)
    .selectFrom('workflow_runs')
    .selectAll()
    .where('tenant', '=', tenant)
    .orderBy('started_at', 'desc')
    .limit(limit)
    .execute();
  return rows.map(toRun);
}

/** The first one to say whose case it is decides. */
export async function setCustomer(tx: Tx, tenant: TenantId, id: RunId, sealedCustomer: Uint8Array): Promise<void> {
  await query<Tables>(tx)
    .updateTable('workflow_runs')
    .set({ sealed_customer: Buffer.from(sealedCustomer) })
    .where('tenant', '=', tenant)
    .where('id', '=', id)
    .where('sealed_customer', 'is', null)
    .execute();
}

/** False when the run had ended before. */
export async function finishRun(
  tx: Tx,
  finished: { tenant: TenantId; id: RunId; state: Exclude<RunState, 'running'>; step: string | null; code: string | null; atMs: number },
): Promise<boolean> {
  const result = await query<Tables>(tx)
    .updateTable('workflow_runs')
    .set({ state: finished.state, step: finished.step, code: finished.code, finished_at: new Date(finished.atMs) })
    .where('tenant', '=', finished.tenant)
    .where('id', '=', finished.id)
    .where('state', '=', 'running')
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

export async function readJournal(tx: Tx, tenant: TenantId, run: RunId): Promise<readonly PhaseRow[]> {
  const rows = await query<Tables>(tx)
    .selectFrom('workflow_steps')
    .selectAll()
    .where('tenant', '=', tenant)
    .where('run', '=', run)
    .orderBy('nth')
    .execute();
  return rows.map((row) => ({
    step: row.step,
    phase: row.phase,
    nth: row.nth,
    outcome: row.outcome as PhaseOutcome,
    code: row.code,
    approval: row.approval as ApprovalId | null,
    sealedValue: row.sealed_value,
    recordedAtMs: row.recorded_at.getTime(),
    kind: row.kind as PhaseKind,
    integration: row.integration,
    operation: row.operation,
    call: row.call,
  }));
}

/** Writes a phase, or ends one that waited; false when it had ended before. */
export async function recordPhase(
  tx: Tx,
  entry: {
    tenant: TenantId;
    run: RunId;
    step: string;
    phase: string;
    nth: number;
    outcome: PhaseOutcome;
    code: string | null;
    approval: ApprovalId | null;
    sealedValue: Uint8Array;
    notes: PhaseNotes;
    atMs: number;
  },
): Promise<boolean> {
  const value = Buffer.from(entry.sealedValue);
  const { kind, integration, operation, call } = entry.notes;
  const written = await sql`
    insert into workflow_steps (tenant, run, step, phase, nth, outcome, code, approval, sealed_value, recorded_at, kind,
      integration, operation, call)
    values (${entry.tenant}, ${entry.run}, ${entry.step}, ${entry.phase}, ${entry.nth}, ${entry.outcome}, ${entry.code}, ${entry.approval},
      ${value}, ${new Date(entry.atMs)}, ${kind}, ${integration}, ${operation}, ${call})
    on conflict (tenant, run, step, phase) do update set outcome = excluded.outcome, code = excluded.code,
      approval = coalesce(excluded.approval, workflow_steps.approval), sealed_value = excluded.sealed_value, recorded_at = excluded.recorded_at,
      call = coalesce(excluded.call, workflow_steps.call)
    where workflow_steps.outcome = 'waiting' returning phase`.execute(query<Tables>(tx));
  return written.rows.length === 1;
}

function toRun(row: Tables['workflow_runs']): RunRow {
  return {
    id: row.id as RunId,
    tenant: row.tenant as TenantId,
    workflow: row.workflow,
    hash: row.hash,
    state: row.state as RunState,
    step: row.step,
    code: row.code,
    sealedInput: row.sealed_input,
    isErased: row.erased_at !== null,
    sealedCustomer: row.sealed_customer,
    startedAtMs: row.started_at.getTime(),
    startedBy: row.started_by,
    trigger: row.trigger as RunTrigger,
    finishedAtMs: row.finished_at?.getTime() ?? null,
  };
}
