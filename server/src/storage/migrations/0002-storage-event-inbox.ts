// The inbox of the event ledger: every room writes here in its own transaction, the sequencer takes rows out.

import { grantSystem, tenantTable } from '../roles.ts';

export const migration = {
  id: '0002-storage-event-inbox',
  sql: `
create table event_inbox (
  tenant text not null,
  event_id text not null,
  -- Order of arrival. Transactions may commit in another order, so a reader takes rows out instead of remembering a position.
  sequence bigint generated always as identity,
  type text not null,
  occurred_at timestamptz not null,
  actor text not null,
  subject text not null,
  public json not null,
  sealed bytea,
  received_at timestamptz not null default clock_timestamp(),
  primary key (tenant, event_id)
);
create index event_inbox_sequence on event_inbox (sequence);
${tenantTable('event_inbox', ['select', 'insert'])}
${grantSystem('writer', 'event_inbox', ['insert'])}
${grantSystem('sequencer', 'event_inbox', ['select', 'delete'])}
${grantSystem('resolver', 'event_inbox', ['select', 'insert'])}
`,
};
