// Takes the oldest events out of the inbox, in the sequencer's transaction: they come back if it does not commit.

import type { JsonObject, TenantId, Tx, UnixMs } from '#core';
import { query, sql } from '#storage';

export interface InboxEvent {
  readonly tenant: TenantId;
  readonly id: string;
  readonly type: string;
  readonly occurredAtMs: UnixMs;
  readonly actor: string;
  readonly subject: string;
  readonly public: JsonObject;
  readonly sealed: Buffer | null;
  /** A retry of an event that is in the log already: taken, not appended again. */
  readonly isRepeat: boolean;
}

interface Row {
  tenant: TenantId;
  event_id: string;
  type: string;
  occurred_at_ms: number;
  actor: string;
  subject: string;
  public: JsonObject;
  sealed: Buffer | null;
  is_repeat: boolean;
}

/** A cheap look that locks nothing, for the idle case. By the index: the table itself is full of rows that were taken and not yet vacuumed. */
export async function hasInbox(tx: Tx): Promise<boolean> {
  const { rows } = await sql`select sequence from event_inbox order by sequence limit 1`.execute(query(tx));
  return rows.length > 0;
}

/** At most `maxEvents`, and no more payload bytes than `maxBytes` beyond the first event. */
export async function takeInbox(tx: Tx, limits: { maxEvents: number; maxBytes: number }): Promise<readonly InboxEvent[]> {
  const { rows } = await sql<Row>`
    with oldest as (
      select sequence, coalesce(octet_length(sealed), 0)::bigint as bytes
      from event_inbox order by sequence limit ${limits.maxEvents}
    ), chosen as (
      select sequence, sum(bytes) over (order by sequence) - bytes as bytes_before from oldest
    ), taken as (
      -- One snapshot: the rows up to the last chosen one are exactly the chosen ones, and this way they are found by the index.
      delete from event_inbox where sequence <= (select max(sequence) from chosen where bytes_before <= ${limits.maxBytes})
      returning *
    )
    select taken.tenant, taken.event_id, taken.type, taken.actor, taken.subject,
      floor(extract(epoch from taken.occurred_at) * 1000)::float8 as occurred_at_ms, taken.public, taken.sealed,
      exists (select from audit_log where audit_log.tenant = taken.tenant and audit_log.event_id = taken.event_id) as is_repeat
    from taken order by taken.sequence`.execute(query(tx));
  return rows.map((row) => ({
    tenant: row.tenant,
    id: row.event_id,
    type: row.type,
    occurredAtMs: row.occurred_at_ms,
    actor: row.actor,
    subject: row.subject,
    public: row.public,
    sealed: row.sealed,
    isRepeat: row.is_repeat,
  }));
}
