// The index of the log by blocks of events: derived, so that it may be dropped and is then made again from the log.

import { grantSystem, tenantTable } from '#storage';

export const migration = {
  id: '0053-audit-search',
  sql: `
create table audit_search (
  tenant text not null,
  version smallint not null,
  block bigint not null check (block >= 0),
  first_at timestamptz not null,
  last_at timestamptz not null,
  types text[] not null,
  filter bytea not null,
  columns bytea not null,
  primary key (tenant, version, block)
);
-- A filter is random bits, which can not be made smaller.
alter table audit_search alter column filter set storage external;

${tenantTable('audit_search', ['select'])}
${grantSystem('sequencer', 'audit_search', ['select', 'insert', 'delete'])}
`,
};
