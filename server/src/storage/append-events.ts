// Writes events into the inbox, in whatever transaction the caller has open: a tenant's, or a system role's that may insert.
// INVARIANT: an event id is written once; writing it again changes nothing.

import type { NewEvent, Tx } from '#core';
import { runStatement } from './transaction.ts';

const INSERT = `insert into event_inbox (tenant, event_id, type, occurred_at, actor, subject, public, sealed)
select * from unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[], $5::text[], $6::text[], $7::json[], $8::bytea[])
on conflict do nothing`;

/** The one insert for any number of events, as a prepared statement. */
export function insertEvents(events: readonly NewEvent[]): { name: string; text: string; values: unknown[] } {
  return {
    name: 'append_events',
    text: INSERT,
    values: [
      events.map((event) => event.tenant),
      events.map((event) => event.id),
      events.map((event) => event.type),
      events.map((event) => new Date(event.occurredAtMs).toISOString()),
      events.map((event) => event.actor),
      events.map((event) => event.subject),
      events.map((event) => JSON.stringify(event.public)),
      events.map((event) => (event.sealed === null ? null : Buffer.from(event.sealed))),
    ],
  };
}

export async function appendEvents(tx: Tx, events: readonly NewEvent[]): Promise<void> {
  if (events.length === 0) return;
  await runStatement(tx, insertEvents(events));
}
