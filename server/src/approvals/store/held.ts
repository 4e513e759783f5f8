// What stored calls hold, for those who must find it, show it to the person it is about, or delete it.

import type { TenantId, Tx } from '#core';
import { query, sql } from '#storage';

/** Stored calls that changed since: a reference, and a mark that changes with what it stands for. */
export async function changedApprovals(
  tx: Tx,
  tenant: TenantId,
  sinceMs: number,
): Promise<readonly { readonly ref: string; readonly mark: string }[]> {
  const since = new Date(sinceMs);
  const { rows } = await sql<{ ref: string; mark: string }>`
    select id as ref, concat_ws(':', state, sealed_result is null) as mark from approvals
    where tenant = ${tenant} and (requested_at >= ${since} or decided_at >= ${since} or finished_at >= ${since}
      or state in ('pending', 'approved', 'executing'))`.execute(query(tx));
  return rows;
}

/** Puts something that no key opens in place of what they say; who decided what, and when, stays. */
export async function tombstoneApprovals(tx: Tx, tenant: TenantId, ids: readonly string[], tombstone: Uint8Array): Promise<number> {
  const stone = Buffer.from(tombstone);
  const { rows } = await sql`
    update approvals set sealed_sentence = ${stone},
      sealed_call = case when sealed_call is null then null else ${stone}::bytea end,
      sealed_context = case when sealed_context is null then null else ${stone}::bytea end,
      sealed_result = case when sealed_result is null then null else ${stone}::bytea end
    where tenant = ${tenant} and id = any(${[...ids]}::text[]) returning id`.execute(query(tx));
  return rows.length;
}
