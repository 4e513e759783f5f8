// Writes events into the inbox, in whatever transaction the caller has open: a tenant's, or a system role's that may insert.
// INVARIANTS: an event id is written once, writing it again changes nothing; and only what passed the catalogue of this database is written,
// because the one insert takes nothing else.

import type { NewEvent, Tx } from '#core';
import type { CheckedEvent } from './check-event.ts';
import { checkOf, type PreparedStatement, runStatement } from './transaction.ts';

// One JSON text for all rows: native code writes it, where arrays of eight columns were escaped character by character.
const INSERT = `insert into event_inbox (tenant, event_id, type, occurred_at, actor, subject, public, sealed)
select tenant, id, type, at, actor, subject, public::json, decode(sealed, 'base64')
from json_to_recordset($1::json) as event(tenant text, id text, type text, at timestamptz, actor text, subject text, public text, sealed text)
on conflict do nothing`;

/** The one insert for any number of events, as a prepared statement. */
export function insertEvents(events: readonly CheckedEvent[]): PreparedStatement {
  return { name: 'append_events', text: INSERT, values: [JSON.stringify(events.map(rowOf))] };
}

function rowOf(event: NewEvent): object {
  return {
    tenant: event.tenant,
    id: event.id,
    type: event.type,
    at: new Date(event.occurredAtMs).toISOString(),
    actor: event.actor,
    subject: event.subject,
    // A text of its own: Postgres keeps it as it stands, while the rows around it are read and may hold no NUL.
    public: JSON.stringify(event.public),
    sealed: event.sealed === null ? null : Buffer.from(event.sealed).toString('base64'),
  };
}

export async function appendEvents(tx: Tx, events: readonly NewEvent[]): Promise<void> {
  if (events.length === 0) return;
  await runStatement(tx, insertEvents(events.map(checkOf(tx))));
}
