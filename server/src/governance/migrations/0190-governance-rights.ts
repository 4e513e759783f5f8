// Where the data of people is, by keyed hashes; what they asked for; holds; and what was deleted, as it is proved.

import { APP_ROLE, tenantTable } from '#storage';

export const migration = {
  id: '0190-governance-rights',
  sql: `
-- What was looked at in each place, and the state it was in then.
create table governance_items (
  tenant text not null,
  place text not null,
  ref text not null,
  mark text not null,
  purpose text not null,
  classes text[] not null,
  at timestamptz not null,
  -- When its purpose ended; null while it is in use.
  ended_at timestamptz,
  primary key (tenant, place, ref)
);
create index governance_items_ended on governance_items (tenant, place, ended_at) where ended_at is not null;

create table governance_subjects (
  tenant text not null,
  kind text not null check (kind in ('customer', 'email', 'phone', 'run')),
  -- A keyed hash of the normalised value, never the value.
  blind text not null,
  place text not null,
  ref text not null,
  -- The keyed hash of whose it is, as an erasure names them; empty when nobody said.
  owner text not null,
  -- A record about the owner says so; free text that mentions somebody does not.
  is_record boolean not null,
  primary key (tenant, kind, blind, place, ref, owner)
);
create index governance_subjects_item on governance_subjects (tenant, place, ref);
create index governance_subjects_owner on governance_subjects (tenant, owner) where owner <> '';

create table governance_requests (
  tenant text not null,
  id text not null,
  kind text not null check (kind in ('export', 'erase', 'shop')),
  state text not null check (state in ('received', 'verified', 'done', 'refused')),
  source text not null,
  -- Whom it is about, sealed under a key of the request; both go when the person was erased.
  sealed_subject bytea,
  subject text,
  received_at timestamptz not null,
  received_by text not null,
  due_at timestamptz not null,
  verified_at timestamptz,
  verified_by text,
  verified_how text,
  closed_at timestamptz,
  closed_by text,
  reason text,
  -- What was done, as its event has the digest of it.
  receipt jsonb,
  receipt_event text,
  primary key (tenant, id)
);
create unique index governance_requests_source on governance_requests (tenant, source) where source like 'hook:%';
create index governance_requests_due on governance_requests (tenant, due_at) where state in ('received', 'verified');

create table governance_tasks (
  tenant text not null,
  id text not null,
  request text not null,
  vendor text not null,
  classes text[] not null,
  operation text,
  state text not null check (state in ('open', 'done')),
  due_at timestamptz not null,
  closed_at timestamptz,
  closed_by text,
  note text,
  primary key (tenant, id),
  unique (tenant, request, vendor)
);

create table governance_holds (
  tenant text not null,
  id text not null,
  -- The keyed hash of a person, or null for everything of a place or a purpose.
  subject text,
  place text,
  purpose text,
  sealed_reason bytea not null,
  placed_at timestamptz not null,
  placed_by text not null,
  until timestamptz,
  released_at timestamptz,
  released_by text,
  primary key (tenant, id)
);
${tenantTable('governance_items')}
${tenantTable('governance_subjects')}
${tenantTable('governance_requests', ['select', 'insert', 'update'])}
${tenantTable('governance_tasks', ['select', 'insert', 'update'])}
${tenantTable('governance_holds', ['select', 'insert'])}
grant update (released_at, released_by) on governance_holds to ${APP_ROLE};
`,
};
