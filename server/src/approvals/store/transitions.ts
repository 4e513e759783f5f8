// Every change of state of a stored call: one update guarded by the state it comes from, which tells whether it happened.

import type { ApprovalId, TenantId, Tx, UnixMs } from '#core';
import { query, sql } from '#storage';
import type { FinishedState } from '../states.ts';
import type { Tables } from './approvals.ts';

/** From a state to a decision. The caller holds the row. */
export async function closeApproval(
  tx: Tx,
  closed: {
    tenant: TenantId;
    id: ApprovalId;
    from: 'pending' | 'approved';
    to: 'approved' | 'denied';
    by: string;
    reason: string | null;
    runsAtMs: UnixMs | null;
    expiresAtMs: UnixMs;
    nowMs: UnixMs;
  },
): Promise<boolean> {
  const result = await query<Tables>(tx)
    .updateTable('approvals')
    .set({
      state: closed.to,
      decided_at: new Date(closed.nowMs),
      decided_by: closed.by,
      reason: closed.reason,
      runs_at: closed.runsAtMs === null ? null : new Date(closed.runsAtMs),
      expires_at: new Date(closed.expiresAtMs),
    })
    .where('tenant', '=', closed.tenant)
    .where('id', '=', closed.id)
    .where('state', '=', closed.from)
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

/** For one executor, only while the approval is good (a yes of long ago is none), and not before its delay is over. */
export async function claimApproval(tx: Tx, tenant: TenantId, id: ApprovalId, nowMs: UnixMs): Promise<boolean> {
  const result = await query<Tables>(tx)
    .updateTable('approvals')
    .set((row) => ({ state: 'executing', claimed_at: new Date(nowMs), attempts: row('attempts', '+', 1) }))
    .where('tenant', '=', tenant)
    .where('id', '=', id)
    .where('state', '=', 'approved')
    .where('sealed_call', 'is not', null)
    .where('expires_at', '>', new Date(nowMs))
    .where((where) => where.or([where('runs_at', 'is', null), where('runs_at', '<=', new Date(nowMs))]))
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

/** What sends nothing is done once its yes takes effect. */
export async function completeStep(tx: Tx, tenant: TenantId, id: ApprovalId, nowMs: UnixMs): Promise<boolean> {
  const result = await query<Tables>(tx)
    .updateTable('approvals')
    .set({ state: 'done', finished_at: new Date(nowMs) })
    .where('tenant', '=', tenant)
    .where('id', '=', id)
    .where('state', '=', 'approved')
    .where('sealed_call', 'is', null)
    .where('expires_at', '>', new Date(nowMs))
    .where((where) => where.or([where('runs_at', 'is', null), where('runs_at', '<=', new Date(nowMs))]))
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

/** Whoever runs it is alive. */
export async function renewClaim(tx: Tx, tenant: TenantId, id: ApprovalId, nowMs: UnixMs): Promise<void> {
  await query<Tables>(tx)
    .updateTable('approvals')
    .set({ claimed_at: new Date(nowMs) })
    .where('tenant', '=', tenant)
    .where('id', '=', id)
    .where('state', '=', 'executing')
    .execute();
}

export type StrandedState = 'approved' | 'failed' | 'unknown';

/**
 * Whoever claimed it before `claimedBeforeMs` died. When the approval was used up its call may have been sent, and nobody knows: `unknown`.
 * A request to a model changes nothing there, so it just failed: nobody could ever find out more. Else nothing was sent, and another executor
 * may run it, `maxAttempts` times in all. Null when it was finished meanwhile.
 */
export async function strandApproval(
  tx: Tx,
  stranded: { tenant: TenantId; id: ApprovalId; claimedBeforeMs: UnixMs; maxAttempts: number; lostCode: string; nowMs: UnixMs },
): Promise<StrandedState | null> {
  const { rows } = await sql<{ state: StrandedState }>`
    update approvals set
      state = case when consumed_at is not null and evidence ? 'model' then 'failed' when consumed_at is not null then 'unknown' when attempts < ${stranded.maxAttempts} then 'approved' else 'failed' end,
      code = case when consumed_at is not null or attempts >= ${stranded.maxAttempts} then ${stranded.lostCode} end,
      finished_at = case when consumed_at is not null and evidence ? 'model' then ${new Date(stranded.nowMs)} else finished_at end,
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
  readonly hasCall: boolean;
}

/** Over all tenants, as the resolver: overdue, approved and due but not claimed, and claimed before `claimedBeforeMs`. */
export async function findOpenApprovals(tx: Tx, nowMs: UnixMs, claimedBeforeMs: UnixMs): Promise<readonly OpenApproval[]> {
  const rows = await query<Tables>(tx)
    .selectFrom('approvals')
    .select(['tenant', 'id', 'state', 'expires_at'])
    .select((row) => row('sealed_call', 'is not', null).as('has_call'))
    .where((where) =>
      where.or([
        where.and([where('state', '=', 'pending'), where('expires_at', '<=', new Date(nowMs))]),
        where.and([
          where('state', '=', 'approved'),
          where.or([where('runs_at', 'is', null), where('runs_at', '<=', new Date(nowMs)), where('expires_at', '<=', new Date(nowMs))]),
        ]),
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
    hasCall: Boolean(row.has_call),
  }));
}
