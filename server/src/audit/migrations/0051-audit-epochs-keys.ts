// Epochs of the global tree (a restore begins a new one), and the chain of signing keys. What was there before is epoch 1.

import { grantSystem } from '#storage';

const APPEND_ONLY = ['audit_epoch', 'audit_key', 'audit_key_end'];

export const migration = {
  id: '0051-audit-epochs-keys',
  sql: `
alter table audit_global add column epoch integer not null default 1 check (epoch >= 1);

alter table audit_global_leaf add column epoch integer not null default 1,
  -- The text of a leaf that is no tenant's checkpoint: a tick, or the beginning of an epoch.
  add column said text,
  drop constraint audit_global_leaf_pkey, add primary key (epoch, idx);
alter table audit_global_node add column epoch integer not null default 1,
  drop constraint audit_global_node_pkey, add primary key (epoch, level, idx);
alter table audit_checkpoint add column epoch integer not null default 1,
  drop constraint audit_checkpoint_pkey, add primary key (epoch, size);
alter table audit_head add column epoch integer not null default 1,
  drop constraint audit_head_pkey, add primary key (tenant, epoch, size);
drop index audit_head_place;
create index audit_head_place on audit_head (tenant, epoch, global_idx);
alter table audit_handout add column epoch integer not null default 1,
  drop constraint audit_handout_pkey, add primary key (tenant, epoch, global_size);

-- How an epoch after the first began: a note signed by this ledger whose text is leaf 0 of the epoch.
create table audit_epoch (
  epoch integer primary key check (epoch > 1),
  origin text not null unique,
  record text not null,
  started_at timestamptz not null
);

-- The signing keys in the order in which they followed each other. Each but the first came with a statement signed by it and the one before.
create table audit_key (
  sequence integer primary key check (sequence >= 1),
  verifier_key text not null unique,
  statement text check ((statement is null) = (sequence = 1)),
  added_at timestamptz not null
);
-- Keys that were stopped before the time in which both sign had passed.
create table audit_key_end (sequence integer primary key, ended_at timestamptz not null);

${APPEND_ONLY.map(
  (table) => `
revoke all on table ${table} from public;
alter table ${table} enable row level security;
alter table ${table} force row level security;
create policy readable on ${table} for select to sallyport_app using (true);
grant select on table ${table} to sallyport_app;
create trigger ${table}_append_only before update or delete or truncate on ${table}
  for each statement execute function audit_refuse_change();
${grantSystem('sequencer', table, ['select', 'insert'])}`,
).join('\n')}
${grantSystem('sequencer', 'event_inbox', 'insert')}
`,
};
