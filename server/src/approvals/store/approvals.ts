// The rows of stored calls. Every change of state is one update guarded by the state it comes from; it tells whether it happened.

import type { ApprovalId, Evidence, TenantId, Tx, UnixMs } from '#core';
import { query, sql } from '#storage';
import type { ApprovalState, FinishedState } from '../states.ts';

export interface ApprovalRow {
  readonly tenant: TenantId;
  readonly id: ApprovalId;
  readonly call: string;
  readonly workload: string;
  readonly integration: string;
  readonly operation: string;
  readonly digest: string;
  readonly sealedSentence: Uint8Array;
  readonly sealedCall: Uint8Array;
  readonly sealedResult: Uint8Array | null;
  readonly evidence: Evidence;
  readonly state: ApprovalState;
  readonly requestedAtMs: UnixMs;
  readonly expiresAtMs: UnixMs;
  readonly decidedAtMs: UnixMs | null;
  readonly decidedBy: string | null;
  readonly reason: string | null;
  readonly code: string | null;
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
  sealed_call: Buffer;
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
}

interface Tables {
  approvals: Row;
}

/** False when the same requester already has an approval waiting for the same call. */
export async function insertApproval(
  tx: Tx,
  row: Omit<ApprovalRow, 'state' | 'sealedResult' | 'decidedAtMs' | 'decidedBy' | 'reason' | 'code'>,
): Promise<boolean> {
  const { rows } = await sql`
    insert into approvals (tenant, id, call, workload, integration, operation, digest, sealed_sentence, sealed_call, evidence, state,
      requested_at, expires_at)
    values (${row.tenant}, ${row.id}, ${row.call}, ${row.workload}, ${row.integration}, ${row.operation}, ${row.digest},
      ${Buffer.from(row.sealedSentence)}, ${Buffer.from(row.sealedCall)}, ${JSON.stringify(row.evidence)}::jsonb, 'pending',
      ${new Date(row.requestedAtMs)}, ${new Date(row.expiresAtMs)})
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
  return row === undefined ? null : toApproval(row);
}

export async function findApproval(tx: Tx, tenant: TenantId, id: ApprovalId): Promise<ApprovalRow | null> {
  const row = await query<Tables>(tx)
    .selectFrom('approvals')
    .selectAll()
    .where('tenant', '=', tenant)
    .where('id', '=', id)
    .executeTakeFirst();
  return row === undefined ? null : toApproval(row);
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
  return rows.map(toApproval);
}

/** `pending` to a decision, unless it has expired meanwhile. */
export async function decideApproval(
  tx: Tx,
  decision: {
    tenant: TenantId;
    id: ApprovalId;
    state: 'approved' | 'denied';
    digest: string | null;
    by: string;
    reason: string | null;
    nowMs: UnixMs;
  },
): Promise<boolean> {
  const result = await query<Tables>(tx)
    .updateTable('approvals')
    .set({ state: decision.state, decided_at: new Date(decision.nowMs), decided_by: decision.by, reason: decision.reason })
    .where('tenant', '=', decision.tenant)
    .where('id', '=', decision.id)
    .where('state', '=', 'pending')
    .where('expires_at', '>', new Date(decision.nowMs))
    .$if(decision.digest !== null, (builder) => builder.where('digest', '=', decision.digest as string))
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

/** For one executor, and only while the approval is good: a yes of long ago is none. */
export async function claimApproval(tx: Tx, tenant: TenantId, id: ApprovalId, nowMs: UnixMs): Promise<boolean> {
  const result = await query<Tables>(tx)
    .updateTable('approvals')
    .set((row) => ({ state: 'executing', claimed_at: new Date(nowMs), attempts: row('attempts', '+', 1) }))
    .where('tenant', '=', tenant)
    .where('id', '=', id)
    .where('state', '=', 'approved')
    .where('expires_at', '>', new Date(nowMs))
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

export type StrandedState = 'approved' | 'failed' | 'unknown';

/**
 * Whoever claimed it before `claimedBeforeMs` died. When the approval was used up its call may have been sent, and nobody knows: `unknown`.
 * Else nothing was sent, and another executor may run it, `maxAttempts` times in all. Null when it was finished meanwhile.
 */
export async function strandApproval(
  tx: Tx,
  stranded: { tenant: TenantId; id: ApprovalId; claimedBeforeMs: UnixMs; maxAttempts: number; lostCode: string },
): Promise<StrandedState | null> {
  const { rows } = await sql<{ state: StrandedState }>`
    update approvals set
      state = case when consumed_at is not null then 'unknown' when attempts < ${stranded.maxAttempts} then 'approved' else 'failed' end,
      code = case when consumed_at is not null or attempts >= ${stranded.maxAttempts} then ${stranded.lostCode} end,
      claimed_at = case when consumed_at is not null or attempts >= ${stranded.maxAttempts} then claimed_at end
    where tenant = ${stranded.tenant} and id = ${stranded.id} and state = 'executing' and claimed_at < ${new Date(stranded.claimedBeforeMs)}
    returning state`.execute(query<Tables>(tx));
  return rows[0]?.state ?? null;
}

export async function consumeApproval(tx: Tx, id: ApprovalId, digest: string, nowMs: UnixMs): Promise<boolean> {
  const result = await query<Tables>(tx)
    .updateTable('approvals')
    .set({ consumed_at: new Date(nowMs) })
    .where('id', '=', id)
    .where('digest', '=', digest)
    .where('state', '=', 'executing')
    .where('consumed_at', 'is', null)
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

/** A known outcome once. An unknown one may still be followed by the answer, or the person, that knows. */
export async function finishApproval(
  tx: Tx,
  finished: { tenant: TenantId; id: ApprovalId; state: FinishedState; code: string | null; sealedResult: Uint8Array | null; nowMs: UnixMs },
): Promise<boolean> {
  const result = await query<Tables>(tx)
    .updateTable('approvals')
    .set({
      state: finished.state,
      code: finished.code,
      sealed_result: finished.sealedResult === null ? null : Buffer.from(finished.sealedResult),
      // An unknown outcome is not the end: it is finished by the answer or the person who knows.
      finished_at: finished.state === 'unknown' ? null : new Date(finished.nowMs),
    })
    .where('tenant', '=', finished.tenant)
    .where('id', '=', finished.id)
    .where('state', 'in', ['executing', 'unknown'])
    .where('finished_at', 'is', null)
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

/** What nobody decided on, or nobody ran, in time. */
export async function expireApproval(tx: Tx, tenant: TenantId, id: ApprovalId, nowMs: UnixMs): Promise<boolean> {
  const result = await query<Tables>(tx)
    .updateTable('approvals')
    .set({ state: 'expired' })
    .where('tenant', '=', tenant)
    .where('id', '=', id)
    .where('state', 'in', ['pending', 'approved'])
    .where('expires_at', '<=', new Date(nowMs))
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

export interface OpenApproval {
  readonly tenant: TenantId;
  readonly approval: ApprovalId;
  readonly state: 'pending' | 'approved' | 'executing';
  readonly isOverdue: boolean;
}

/** Over all tenants, as the resolver: overdue, approved and not claimed, and claimed before `claimedBeforeMs`. */
export async function findOpenApprovals(tx: Tx, nowMs: UnixMs, claimedBeforeMs: UnixMs): Promise<readonly OpenApproval[]> {
  const rows = await query<Tables>(tx)
    .selectFrom('approvals')
    .select(['tenant', 'id', 'state', 'expires_at'])
    .where((where) =>
      where.or([
        where.and([where('state', '=', 'pending'), where('expires_at', '<=', new Date(nowMs))]),
        where('state', '=', 'approved'),
        where.and([where('state', '=', 'executing'), where('claimed_at', '<', new Date(claimedBeforeMs))]),
      ]),
    )
    .orderBy('requested_at')
    .limit(500)
    .execute();
  return rows.map((row) => ({
    tenant: row.tenant as TenantId,
    approval: row.id as ApprovalId,
    state: row.state as OpenApproval['state'],
    isOverdue: row.expires_at.getTime() <= nowMs,
  }));
}

function toApproval(row: Row): ApprovalRow {
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
  };
}
