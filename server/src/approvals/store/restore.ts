// Voids what people had said yes to, or were asked about, before a database was put back: nobody can know what was done since.

import type { ApprovalId, TenantId, Tx } from '#core';
import { query, sql } from '#storage';

export interface VoidedCalls {
  /** Waited for people, or for their time: they never run. */
  readonly expired: readonly ApprovalId[];
  /** Were being run: whether they took effect is for a person to find out. */
  readonly unknown: readonly ApprovalId[];
}

export async function voidOpenApprovals(tx: Tx, tenant: TenantId, { atMs, code }: { atMs: number; code: string }): Promise<VoidedCalls> {
  const at = new Date(atMs);
  const expired = await sql<{
    id: ApprovalId;
  }>`update approvals set state = 'expired', expires_at = least(expires_at, ${at}), code = ${code}
    where tenant = ${tenant} and state in ('pending', 'approved') returning id`.execute(query(tx));
  const unknown = await sql<{ id: ApprovalId }>`update approvals set state = 'unknown', finished_at = ${at}, code = ${code}
    where tenant = ${tenant} and state = 'executing' returning id`.execute(query(tx));
  return { expired: expired.rows.map(({ id }) => id), unknown: unknown.rows.map(({ id }) => id) };
}
