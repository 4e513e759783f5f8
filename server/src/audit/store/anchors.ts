// What anchors saw and how they fail, and which process does the work that only one may do.

import type { Tx } from '#core';
import { query, sql } from '#storage';

export interface StoredCheckpoint {
  readonly epoch: number;
  readonly size: number;
  readonly note: string;
  readonly signedAtMs: number;
}

export interface SeenMark {
  readonly epoch: number;
  readonly size: number;
}

interface CheckpointRow {
  epoch: number;
  size: bigint;
  note: string;
  signed_at: Date;
}

const toCheckpoint = (row: CheckpointRow): StoredCheckpoint => ({
  epoch: row.epoch,
  size: Number(row.size),
  note: row.note,
  signedAtMs: row.signed_at.getTime(),
});

/** The newest signed checkpoint of the newest epoch that has one. */
export async function newestCheckpoint(tx: Tx): Promise<StoredCheckpoint | null> {
  const { rows } = await sql<CheckpointRow>`select epoch, size, note, signed_at from audit_checkpoint
    order by epoch desc, size desc limit 1`.execute(query(tx));
  return rows[0] === undefined ? null : toCheckpoint(rows[0]);
}

export async function readCheckpoint(tx: Tx, { epoch, size }: SeenMark): Promise<StoredCheckpoint | null> {
  const { rows } = await sql<CheckpointRow>`select epoch, size, note, signed_at from audit_checkpoint
    where epoch = ${epoch} and size = ${size}`.execute(query(tx));
  return rows[0] === undefined ? null : toCheckpoint(rows[0]);
}

/** Says that an anchor is set up; when it is new, from when on it counts. */
export async function declareAnchor(tx: Tx, anchor: { name: string; kind: string; atMs: number }): Promise<void> {
  await sql`insert into audit_anchor_state (anchor, kind, configured_at)
    values (${anchor.name}, ${anchor.kind}, ${new Date(anchor.atMs).toISOString()}) on conflict (anchor) do nothing`.execute(query(tx));
}

/** `code` null: it works again. */
export async function noteFault(tx: Tx, fault: { anchor: string; code: string | null; atMs: number }): Promise<void> {
  const at = fault.code === null ? null : new Date(fault.atMs).toISOString();
  await sql`update audit_anchor_state set fault = ${fault.code}, fault_at = ${at}
    where anchor = ${fault.anchor} and (fault is distinct from ${fault.code} or fault is not null)`.execute(query(tx));
}

export async function insertSeen(tx: Tx, seen: SeenMark & { anchor: string; kind: string; atMs: number }): Promise<void> {
  await sql`insert into audit_anchor_seen (anchor, epoch, size, kind, seen_at)
    values (${seen.anchor}, ${seen.epoch}, ${seen.size}, ${seen.kind}, ${new Date(seen.atMs).toISOString()}) on conflict do nothing`.execute(
    query(tx),
  );
}

/** The newest checkpoint an anchor saw. */
export async function lastSeen(tx: Tx, anchor: string): Promise<SeenMark | null> {
  const { rows } = await sql<{ epoch: number; size: bigint }>`select epoch, size from audit_anchor_seen
    where anchor = ${anchor} order by epoch desc, size desc limit 1`.execute(query(tx));
  return rows[0] === undefined ? null : { epoch: rows[0].epoch, size: Number(rows[0].size) };
}

export interface AnchorSight {
  readonly name: string;
  readonly kind: string;
  readonly atMs: number;
}

/** Who saw a checkpoint of this epoch that is at least as large: each anchor with the earliest one it saw. */
export async function anchorsCovering(tx: Tx, { epoch, size }: SeenMark): Promise<readonly AnchorSight[]> {
  const { rows } = await sql<{ anchor: string; kind: string; at: Date }>`select state.anchor, first.kind, first.seen_at as at
    from audit_anchor_state state cross join lateral (
      select kind, seen_at from audit_anchor_seen seen
      where seen.anchor = state.anchor and epoch = ${epoch} and size >= ${size} order by size limit 1) first
    order by first.seen_at, state.anchor`.execute(query(tx));
  return rows.map((row) => ({ name: row.anchor, kind: row.kind, atMs: row.at.getTime() }));
}

/** True when `holder` has the job for the next `forMs`, by the database's clock. */
export async function takeLease(tx: Tx, lease: { job: string; holder: string; forMs: number }): Promise<boolean> {
  const { rows } = await sql`insert into audit_lease (job, holder, until)
    values (${lease.job}, ${lease.holder}, clock_timestamp() + make_interval(secs => ${lease.forMs / 1_000}))
    on conflict (job) do update set holder = excluded.holder, until = excluded.until
      where audit_lease.holder = excluded.holder or audit_lease.until < clock_timestamp()
        -- Further ahead than any holder takes it: the clock was put back since.
        or audit_lease.until > clock_timestamp() + 2 * make_interval(secs => ${lease.forMs / 1_000})
    returning job`.execute(query(tx));
  return rows.length > 0;
}

/** Gives the job back at once. */
export async function endLease(tx: Tx, lease: { job: string; holder: string }): Promise<void> {
  await sql`update audit_lease set until = clock_timestamp() where job = ${lease.job} and holder = ${lease.holder}`.execute(query(tx));
}
