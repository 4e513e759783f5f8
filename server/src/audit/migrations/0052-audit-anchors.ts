// Which anchor saw which checkpoint, what witnesses cosigned, and what the last verifications said; beside them the little that changes:
// the last fault of an anchor, the state of the ledger's health, and which process does this work now.
// INVARIANT: what was seen, cosigned and verified is append-only like the ledger itself.

import { grantSystem, tenantTable } from '#storage';

const SEEN = ['audit_anchor_seen', 'audit_cosignature'];
const APPEND_ONLY = [...SEEN, 'audit_verification'];
const CHANGING = ['audit_anchor_state', 'audit_health'];

/** A table of the whole installation: names of anchors, sizes, codes, signed lines. Nothing in it tells about a tenant. */
const globalTable = (table: string): string => `
revoke all on table ${table} from public;
alter table ${table} enable row level security;
alter table ${table} force row level security;`;

const readableTable = (table: string): string => `${globalTable(table)}
create policy readable on ${table} for select to sallyport_app using (true);
grant select on table ${table} to sallyport_app;`;

const appendOnly = (table: string): string => `
create trigger ${table}_append_only before update or delete or truncate on ${table}
  for each statement execute function audit_refuse_change();`;

export const migration = {
  id: '0052-audit-anchors',
  sql: `
create table audit_anchor_seen (
  anchor text not null,
  epoch integer not null,
  size bigint not null,
  kind text not null,
  seen_at timestamptz not null,
  primary key (anchor, epoch, size)
);
create index audit_anchor_seen_checkpoint on audit_anchor_seen (epoch, size);

create table audit_cosignature (
  epoch integer not null,
  size bigint not null,
  -- Name and id of the witness's key; the name in a policy file may change.
  witness text not null,
  line text not null,
  cosigned_at timestamptz not null,
  primary key (epoch, size, witness)
);

create table audit_verification (
  tenant text not null,
  verified_at timestamptz not null,
  ok boolean not null,
  code text not null,
  first_bad bigint,
  events bigint not null,
  primary key (tenant, verified_at)
);

create table audit_anchor_state (
  anchor text primary key,
  kind text not null,
  configured_at timestamptz not null,
  fault text,
  fault_at timestamptz
);

create table audit_health (
  what text primary key,
  state text not null,
  code text,
  since timestamptz not null
);

-- One process at a time shows checkpoints to anchors, verifies and watches. By the database's clock.
create table audit_lease (job text primary key, holder text not null, until timestamptz not null);

${SEEN.map(readableTable).join('\n')}
${CHANGING.map(readableTable).join('\n')}
${globalTable('audit_lease')}
${tenantTable('audit_verification', ['select', 'insert'])}

${SEEN.map((table) => grantSystem('sequencer', table, ['select', 'insert'])).join('\n')}
${CHANGING.map((table) => grantSystem('sequencer', table, ['select', 'insert', 'update'])).join('\n')}
${grantSystem('sequencer', 'audit_lease', ['select', 'insert', 'update'])}
${grantSystem('sequencer', 'audit_verification', ['select', 'insert'])}
${APPEND_ONLY.map(appendOnly).join('\n')}
`,
};
