// Where personal data goes: counted flows, what a tenant declared about itself and about each destination, and what was found that nobody declared.

import { grantSystem, tenantTable } from '#storage';

export const migration = {
  id: '0200-governance-flows',
  sql: `
create table governance_flows (
  tenant text not null,
  direction text not null check (direction in ('in', 'out')),
  destination text not null,
  host text not null,
  region text not null,
  operation text not null,
  workflow text not null,
  data_class text not null,
  handling text not null,
  count bigint not null check (count > 0),
  first_at timestamptz not null,
  last_at timestamptz not null,
  primary key (tenant, direction, destination, host, region, operation, workflow, data_class, handling)
);
${tenantTable('governance_flows', ['select', 'insert', 'update', 'delete'])}
create table governance_findings (
  tenant text not null,
  kind text not null check (kind in ('new_flow', 'transfer_refused', 'transfer_without_basis')),
  destination text not null,
  region text not null,
  data_class text not null,
  first_at timestamptz not null,
  primary key (tenant, kind, destination, region, data_class)
);
${tenantTable('governance_findings', ['select', 'insert', 'delete'])}
create table governance_profile (
  tenant text primary key,
  home text check (home ~ '^[A-Z]{2}$'),
  controller text not null,
  contact text not null,
  declared_at timestamptz not null,
  declared_by text not null
);
${tenantTable('governance_profile', ['select', 'insert', 'update'])}
${grantSystem('authenticator', 'governance_profile', 'select')}
create table governance_destinations (
  tenant text not null,
  name text not null,
  vendor text not null,
  country text not null check (country ~ '^[A-Z]{2}$'),
  host text not null,
  party text not null,
  legal_basis text not null,
  transfer_basis text not null,
  purpose text not null,
  retention_days integer check (retention_days > 0),
  measures text not null,
  classes text[] not null,
  uses text[] not null,
  opt_out_field text,
  declared_at timestamptz not null,
  declared_by text not null,
  primary key (tenant, name)
);
${tenantTable('governance_destinations', ['select', 'insert', 'update', 'delete'])}
${grantSystem('authenticator', 'governance_destinations', 'select')}
`,
};
