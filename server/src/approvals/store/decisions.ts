// Who decided what about a stored call, and how much somebody who is alone has approved of late.

import type { ApprovalId, TenantId, Tx, UnixMs } from '#core';
import { query, sql } from '#storage';
import type { Decision } from '../requirement.ts';

interface Signed {
  signature: string | null;
  runs_at: Date | null;
  seal: Buffer | null;
  sends_as_is: boolean | null;
}

interface Tables {
  approval_decisions: { tenant: string; approval: string; person: string; verdict: string; decided_at: Date; nth: bigint } & Signed;
}

export async function readDecisions(tx: Tx, tenant: TenantId, ids: readonly string[]): Promise<ReadonlyMap<string, readonly Decision[]>> {
  const decisions = new Map<string, Decision[]>(ids.map((id) => [id, []]));
  if (ids.length === 0) return decisions;
  const rows = await query<Tables>(tx)
    .selectFrom('approval_decisions')
    .selectAll()
    .where('tenant', '=', tenant)
    .where('approval', 'in', ids)
    .orderBy('nth')
    .execute();
  for (const row of rows) {
    decisions.get(row.approval)?.push({
      by: row.person,
      verdict: row.verdict as Decision['verdict'],
      atMs: row.decided_at.getTime(),
      signature: row.signature,
      runsAtMs: row.runs_at?.getTime() ?? null,
      seal: row.seal,
      sendsAsIs: row.sends_as_is === true,
    });
  }
  return decisions;
}

export async function insertDecision(tx: Tx, tenant: TenantId, id: ApprovalId, decision: Decision): Promise<void> {
  const { by, verdict, atMs, signature, runsAtMs, seal, sendsAsIs } = decision;
  const runsAt = runsAtMs === null ? null : new Date(runsAtMs);
  await sql`
    insert into approval_decisions (tenant, approval, person, verdict, decided_at, signature, runs_at, seal, sends_as_is)
    values (${tenant}, ${id}, ${by}, ${verdict}, ${new Date(atMs)}, ${signature}, ${runsAt}, ${seal === null ? null : Buffer.from(seal)},
      ${sendsAsIs ? true : null})`.execute(query(tx));
}

/** One decision of somebody who is alone at a time: two at the same moment must not both fit under the cap. Held until the commit. */
export async function holdSolo(tx: Tx, tenant: TenantId): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`approvals.solo ${tenant}`}, 0))`.execute(query(tx));
}

/** Minor units that somebody who is alone approved since then and that were not called off, refused or given back. */
export async function soloSpent(tx: Tx, tenant: TenantId, currency: string, sinceMs: UnixMs): Promise<bigint> {
  const { rows } = await sql<{ spent: string }>`
    select coalesce(sum(amount_minor), 0)::text as spent from approvals
    where tenant = ${tenant} and mode = 'solo' and currency = ${currency} and decided_at > ${new Date(sinceMs)}
      and state in ('approved', 'executing', 'done', 'unknown')`.execute(query(tx));
  return BigInt(rows[0]?.spent ?? '0');
}
