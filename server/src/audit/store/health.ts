// The facts by which the ledger's health is judged, and the verdicts and states that are kept.

import type { TenantId, Tx } from '#core';
import { query, sql } from '#storage';
import type { SeenMark } from './anchors.ts';

export interface SealingRow {
  readonly oldestUnsealedAtMs: number | null;
  readonly signed: (SeenMark & { readonly atMs: number }) | null;
}

/** As the system role `sequencer`. */
export async function readSealing(tx: Tx): Promise<SealingRow> {
  const { rows } = await sql<{ oldest: Date | null; epoch: number | null; size: bigint | null; at: Date | null }>`
    select (select received_at from event_inbox order by sequence limit 1) as oldest, newest.epoch, newest.size, newest.signed_at as at
    from (select 1) one left join lateral (select epoch, size, signed_at from audit_checkpoint order by epoch desc, size desc limit 1) newest on true
  `.execute(query(tx));
  const row = rows[0];
  const isSigned = row !== undefined && row.epoch !== null && row.size !== null && row.at !== null;
  return {
    oldestUnsealedAtMs: row?.oldest?.getTime() ?? null,
    signed: isSigned ? { epoch: row.epoch as number, size: Number(row.size), atMs: (row.at as Date).getTime() } : null,
  };
}

/** Events of a tenant that are recorded and not under a signature: in the inbox, or in its tree beyond the newest signed checkpoint. */
export async function countUnsigned(tx: Tx, tenant: TenantId): Promise<number> {
  const { rows } = await sql<{ inbox: bigint; tree: bigint; signed: bigint }>`
    select (select count(*) from event_inbox where tenant = ${tenant}) as inbox,
      (select coalesce(max(size), 0) from audit_tree where tenant = ${tenant}) as tree,
      coalesce((select head.size from (select epoch, size from audit_checkpoint order by epoch desc, size desc limit 1) newest
        join audit_head head on head.tenant = ${tenant} and head.epoch = newest.epoch and head.global_idx < newest.size
        order by head.global_idx desc limit 1), 0) as signed`.execute(query(tx));
  const row = rows[0];
  return row === undefined ? 0 : Number(row.inbox) + Math.max(0, Number(row.tree) - Number(row.signed));
}

export interface AnchorRow {
  readonly name: string;
  readonly kind: string;
  readonly configuredAtMs: number;
  readonly seen: (SeenMark & { readonly atMs: number }) | null;
  readonly fault: { readonly code: string; readonly atMs: number } | null;
  /** When the first checkpoint that it has not seen was signed; null when it saw the newest. */
  readonly behindSinceMs: number | null;
}

interface AnchorSql {
  anchor: string;
  kind: string;
  configured_at: Date;
  fault: string | null;
  fault_at: Date | null;
  epoch: number | null;
  size: bigint | null;
  seen_at: Date | null;
  behind: Date | null;
}

export async function readAnchors(tx: Tx, names: readonly string[]): Promise<readonly AnchorRow[]> {
  const { rows } = await sql<AnchorSql>`
    select state.anchor, state.kind, state.configured_at, state.fault, state.fault_at, last.epoch, last.size, last.seen_at,
      (select signed_at from audit_checkpoint where (epoch, size) > (coalesce(last.epoch, 0), coalesce(last.size, 0))
        and (last.epoch is not null or signed_at >= state.configured_at) order by epoch, size limit 1) as behind
    from audit_anchor_state state left join lateral (select epoch, size, seen_at from audit_anchor_seen seen
      where seen.anchor = state.anchor order by epoch desc, size desc limit 1) last on true
    where state.anchor = any(${names}::text[])`.execute(query(tx));
  return rows.map((row) => ({
    name: row.anchor,
    kind: row.kind,
    configuredAtMs: row.configured_at.getTime(),
    seen: row.epoch === null ? null : { epoch: row.epoch, size: Number(row.size), atMs: (row.seen_at as Date).getTime() },
    fault: row.fault === null ? null : { code: row.fault, atMs: (row.fault_at as Date).getTime() },
    behindSinceMs: row.behind?.getTime() ?? null,
  }));
}

export interface VerificationRow {
  readonly tenant: TenantId;
  /** Null when this tenant was never verified. */
  readonly last: { readonly atMs: number; readonly ok: boolean; readonly code: string } | null;
  /** When the tenant's log began, for one that was never verified. */
  readonly beganAtMs: number;
}

/** Of one tenant, or as the system role `sequencer` of all. */
export async function readVerifications(tx: Tx): Promise<readonly VerificationRow[]> {
  const { rows } = await sql<{ tenant: TenantId; at: Date | null; ok: boolean; code: string; began: Date | null }>`
    select tree.tenant, last.verified_at as at, last.ok, last.code,
      (select occurred_at from audit_log first where first.tenant = tree.tenant and first.seq = 0) as began
    from audit_tree tree left join lateral (select verified_at, ok, code from audit_verification done
      where done.tenant = tree.tenant order by verified_at desc limit 1) last on true
    order by tree.tenant`.execute(query(tx));
  return rows.flatMap((row) =>
    row.began === null && row.at === null
      ? []
      : [
          {
            tenant: row.tenant,
            last: row.at === null ? null : { atMs: row.at.getTime(), ok: row.ok, code: row.code },
            beganAtMs: (row.began ?? (row.at as Date)).getTime(),
          },
        ],
  );
}

export interface VerificationResult {
  readonly tenant: TenantId;
  readonly atMs: number;
  readonly ok: boolean;
  readonly code: string;
  readonly firstBad: number | null;
  readonly events: number;
}

/** In the tenant's transaction. */
export async function insertVerification(tx: Tx, result: VerificationResult): Promise<void> {
  await sql`insert into audit_verification (tenant, verified_at, ok, code, first_bad, events)
    values (${result.tenant}, ${new Date(result.atMs).toISOString()}, ${result.ok}, ${result.code}, ${result.firstBad}, ${result.events})
    on conflict do nothing`.execute(query(tx));
}

export interface KeptState {
  readonly what: string;
  readonly state: string;
  readonly code: string | null;
  readonly sinceMs: number;
}

export async function readStates(tx: Tx): Promise<readonly KeptState[]> {
  const { rows } = await sql<{
    what: string;
    state: string;
    code: string | null;
    since: Date;
  }>`select what, state, code, since from audit_health
    order by what`.execute(query(tx));
  return rows.map((row) => ({ what: row.what, state: row.state, code: row.code, sinceMs: row.since.getTime() }));
}

export async function keepState(tx: Tx, state: KeptState): Promise<void> {
  await sql`insert into audit_health (what, state, code, since)
    values (${state.what}, ${state.state}, ${state.code}, ${new Date(state.sinceMs).toISOString()})
    on conflict (what) do update set state = excluded.state, code = excluded.code, since = excluded.since`.execute(query(tx));
}
