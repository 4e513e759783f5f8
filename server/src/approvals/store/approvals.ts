// The rows of stored calls: written once with their requirement, read with the decisions made about them.

import type { ApprovalId, Evidence, Money, PersonId, RunId, TenantId, Tx, UnixMs } from '#core';
import { query, sql } from '#storage';
import type { Decision, Requirement } from '../requirement.ts';
import type { ApprovalState } from '../states.ts';
import { readDecisions } from './decisions.ts';

export interface ApprovalRow extends Requirement {
  readonly tenant: TenantId;
  readonly id: ApprovalId;
  readonly call: string;
  readonly workload: string;
  readonly integration: string;
  readonly operation: string;
  readonly digest: string;
  readonly sealedSentence: Uint8Array;
  /** `null`: nothing is sent after the yes. */
  readonly sealedCall: Uint8Array | null;
  readonly sealedContext: Uint8Array | null;
  readonly sealedResult: Uint8Array | null;
  readonly evidence: Evidence;
  readonly state: ApprovalState;
  readonly requestedAtMs: UnixMs;
  readonly expiresAtMs: UnixMs;
  readonly decidedAtMs: UnixMs | null;
  readonly decidedBy: string | null;
  readonly reason: string | null;
  readonly code: string | null;
  readonly run: RunId | null;
  readonly workflow: string | null;
  /** What would be paid; `null` when no money moves. */
  readonly amount: Money | null;
  /** The most somebody who is alone may approve of this currency in a day. */
  readonly soloCap: Money | null;
  /** When a yes of somebody who is alone takes effect. */
  readonly runsAtMs: UnixMs | null;
  /** Proves what was asked; null of one asked before there were seals. */
  readonly seal: Uint8Array | null;
  readonly decisions: readonly Decision[];
}

interface Row {
  tenant: string;
  id: string;
  call: string;
  workload: string;
  integration: string;
  operation: string;
  digest: string;
  sealed_sentence: Buffer;
  sealed_call: Buffer | null;
  sealed_result: Buffer | null;
  evidence: unknown;
  state: string;
  requested_at: Date;
  expires_at: Date;
  decided_at: Date | null;
  decided_by: string | null;
  reason: string | null;
  claimed_at: Date | null;
  attempts: number;
  consumed_at: Date | null;
  finished_at: Date | null;
  code: string | null;
  run: string | null;
  workflow: string | null;
  mode: string;
  required: number;
  asked_by: string | null;
  asker_counts: boolean;
  amount_minor: bigint | null;
  currency: string | null;
  solo_cap_minor: bigint | null;
  runs_at: Date | null;
  sealed_context: Buffer | null;
  seal: Buffer | null;
}

export interface Tables {
  approvals: Row;
}

/** False when the same requester already has an approval waiting for the same call. */
export async function insertApproval(
  tx: Tx,
  row: Omit<ApprovalRow, 'state' | 'sealedResult' | 'decidedAtMs' | 'decidedBy' | 'reason' | 'code' | 'runsAtMs' | 'decisions'>,
): Promise<boolean> {
  const { rows } = await sql`
    insert into approvals (tenant, id, call, workload, integration, operation, digest, sealed_sentence, sealed_call, evidence, state,
      requested_at, expires_at, run, workflow, mode, required, asked_by, asker_counts, amount_minor, currency, solo_cap_minor, sealed_context, seal)
    values (${row.tenant}, ${row.id}, ${row.call}, ${row.workload}, ${row.integration}, ${row.operation}, ${row.digest},
      ${Buffer.from(row.sealedSentence)}, ${bytes(row.sealedCall)}, ${JSON.stringify(row.evidence)}::jsonb, 'pending',
      ${new Date(row.requestedAtMs)}, ${new Date(row.expiresAtMs)}, ${row.run}, ${row.workflow}, ${row.mode}, ${row.required},
      ${row.askedBy}, ${row.askerCounts}, ${row.amount?.amountMinor ?? null}, ${row.amount?.currency ?? null},
      ${row.soloCap?.amountMinor ?? null}, ${bytes(row.sealedContext)}, ${bytes(row.seal)})
    on conflict (tenant, workload, digest) where state in ('pending', 'approved', 'executing') do nothing
    returning id`.execute(query<Tables>(tx));
  return rows.length > 0;
}

export async function findWaiting(tx: Tx, call: { tenant: TenantId; workload: string; digest: string }): Promise<ApprovalRow | null> {
  const row = await query<Tables>(tx)
    .selectFrom('approvals')
    .selectAll()
    .where('tenant', '=', call.tenant)
    .where('workload', '=', call.workload)
    .where('digest', '=', call.digest)
    .where('state', 'in', ['pending', 'approved', 'executing'])
    .executeTakeFirst();
  return row === undefined ? null : toApproval(row, []);
}

export async function findApproval(tx: Tx, tenant: TenantId, id: ApprovalId, lock: 'look' | 'hold' = 'look'): Promise<ApprovalRow | null> {
  const row = await query<Tables>(tx)
    .selectFrom('approvals')
    .selectAll()
    .where('tenant', '=', tenant)
    .where('id', '=', id)
    // Held, so that of two decisions made at the same moment the second one sees the first.
    .$if(lock === 'hold', (builder) => builder.forUpdate())
    .executeTakeFirst();
  return row === undefined ? null : toApproval(row, (await readDecisions(tx, tenant, [id])).get(id) ?? []);
}

export async function replaceSeal(tx: Tx, tenant: TenantId, id: ApprovalId, seal: Uint8Array): Promise<void> {
  await sql`update approvals set seal = ${Buffer.from(seal)} where tenant = ${tenant} and id = ${id}`.execute(query(tx));
}

export async function listApprovals(
  tx: Tx,
  tenant: TenantId,
  filter: { state: ApprovalState | null; limit: number },
): Promise<readonly ApprovalRow[]> {
  const rows = await query<Tables>(tx)
    .selectFrom('approvals')
    .selectAll()
    .where('tenant', '=', tenant)
    .$if(filter.state !== null, (builder) => builder.where('state', '=', filter.state as string))
    .orderBy('requested_at', 'desc')
    .limit(filter.limit)
    .execute();
  const decisions = await readDecisions(
    tx,
    tenant,
    rows.map((row) => row.id),
  );
  return rows.map((row) => toApproval(row, decisions.get(row.id) ?? []));
}

const bytes = (value: Uint8Array | null): Buffer | null => (value === null ? null : Buffer.from(value));

function money(amountMinor: bigint | null, currency: string | null): Money | null {
  return amountMinor === null || currency === null ? null : { amountMinor, currency };
}

function toApproval(row: Row, decisions: readonly Decision[]): ApprovalRow {
  return {
    tenant: row.tenant as TenantId,
    id: row.id as ApprovalId,
    call: row.call,
    workload: row.workload,
    integration: row.integration,
    operation: row.operation,
    digest: row.digest,
    sealedSentence: row.sealed_sentence,
    sealedCall: row.sealed_call,
    sealedResult: row.sealed_result,
    evidence: row.evidence as Evidence,
    state: row.state as ApprovalState,
    requestedAtMs: row.requested_at.getTime(),
    expiresAtMs: row.expires_at.getTime(),
    decidedAtMs: row.decided_at?.getTime() ?? null,
    decidedBy: row.decided_by,
    reason: row.reason,
    code: row.code,
    run: row.run as RunId | null,
    workflow: row.workflow,
    mode: row.mode as ApprovalRow['mode'],
    required: row.required as ApprovalRow['required'],
    askedBy: row.asked_by as PersonId | null,
    askerCounts: row.asker_counts,
    amount: money(row.amount_minor, row.currency),
    soloCap: money(row.solo_cap_minor, row.currency),
    runsAtMs: row.runs_at?.getTime() ?? null,
    sealedContext: row.sealed_context,
    seal: row.seal,
    decisions,
  };
}
