// The sealed ledger: one append-only log and tree for each tenant, one global tree over their checkpoints, and what can be erased beside them.
// INVARIANT: no role of the server may change or remove a sealed row; a trigger refuses it even to the owner of the table.

import { grantSystem, tenantTable } from '#storage';

const APPEND_ONLY = ['audit_log', 'audit_node', 'audit_head', 'audit_global_leaf', 'audit_global_node', 'audit_checkpoint'];

const appendOnly = (table: string): string => `
create trigger ${table}_append_only before update or delete or truncate on ${table}
  for each statement execute function audit_refuse_change();`;

/** A table of the whole installation: hashes and signed texts that tell nothing about a tenant. */
const globalTable = (table: string): string => `
revoke all on table ${table} from public;
alter table ${table} enable row level security;
alter table ${table} force row level security;
create policy readable on ${table} for select to sallyport_app using (true);
grant select on table ${table} to sallyport_app;`;

export const migration = {
  id: '0050-audit-ledger',
  sql: `
create function audit_refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'the ledger is append-only' using errcode = 'SP050';
end $$;

create table audit_log (
  tenant text not null,
  seq bigint not null check (seq >= 0),
  event_id text not null,
  type text not null,
  occurred_at timestamptz not null,
  subject text not null,
  leaf text not null,
  leaf_hash bytea not null check (octet_length(leaf_hash) = 32),
  primary key (tenant, seq),
  unique (tenant, event_id)
);
create index audit_log_subject on audit_log (tenant, subject, seq);

create table audit_payload (
  tenant text not null,
  seq bigint not null,
  salt bytea not null,
  payload bytea not null,
  primary key (tenant, seq)
);

create table audit_actor (
  tenant text not null,
  actor text not null,
  pseudonym text not null,
  primary key (tenant, actor),
  unique (tenant, pseudonym)
);

create table audit_tree (
  tenant text primary key,
  size bigint not null,
  frontier bytea not null
);

-- Perfect subtrees of 256, 65536, ... leaves, so that a proof never rereads the log.
create table audit_node (
  tenant text not null,
  level smallint not null,
  idx bigint not null,
  hash bytea not null,
  primary key (tenant, level, idx)
);

-- The tenant's checkpoints and their places in the global tree.
create table audit_head (
  tenant text not null,
  size bigint not null,
  root bytea not null,
  global_idx bigint not null,
  primary key (tenant, size)
);
create index audit_head_place on audit_head (tenant, global_idx);

-- Signed checkpoints that left in an export: later exports prove that they continue them.
create table audit_handout (
  tenant text not null,
  global_size bigint not null,
  handed_out_at timestamptz not null,
  primary key (tenant, global_size)
);

create table audit_global (
  only_row boolean primary key default true check (only_row),
  origin text not null,
  size bigint not null,
  frontier bytea not null
);
create table audit_global_leaf (idx bigint primary key, hash bytea not null);
create table audit_global_node (level smallint not null, idx bigint not null, hash bytea not null, primary key (level, idx));
create table audit_checkpoint (size bigint primary key, note text not null, signed_at timestamptz not null);

${tenantTable('audit_log', ['select'])}
${tenantTable('audit_payload', ['select', 'delete'])}
${tenantTable('audit_actor', ['select', 'delete'])}
${tenantTable('audit_tree', ['select'])}
${tenantTable('audit_node', ['select'])}
${tenantTable('audit_head', ['select'])}
${tenantTable('audit_handout', ['select', 'insert'])}
${['audit_global', 'audit_global_leaf', 'audit_global_node', 'audit_checkpoint'].map(globalTable).join('\n')}

${grantSystem('sequencer', 'audit_log', ['select', 'insert'])}
${grantSystem('sequencer', 'audit_payload', ['insert'])}
${grantSystem('sequencer', 'audit_actor', ['select', 'insert'])}
${grantSystem('sequencer', 'audit_tree', ['select', 'insert', 'update'])}
${grantSystem('sequencer', 'audit_node', ['insert'])}
${grantSystem('sequencer', 'audit_head', ['insert'])}
${grantSystem('sequencer', 'audit_global', ['select', 'insert', 'update'])}
${grantSystem('sequencer', 'audit_global_leaf', ['select', 'insert'])}
${grantSystem('sequencer', 'audit_global_node', ['select', 'insert'])}
${grantSystem('sequencer', 'audit_checkpoint', ['select', 'insert'])}

${APPEND_ONLY.map(appendOnly).join('\n')}
`,
};
