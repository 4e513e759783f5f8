// Planted values: what was planted where, sealed; how often each was seen protected; where one was found that must not be there; and the
// daily look for them and for credentials over everything the installation wrote.

import { grantSystem, tenantTable } from '#storage';

export const migration = {
  id: '0245-governance-planted',
  sql: `
create table governance_planted (
  tenant text not null,
  id text not null,
  kind text not null check (kind in ('person', 'credential')),
  place_kind text not null check (place_kind in ('integration', 'workflow', 'dataset', 'other')),
  place_name text not null check (length(place_name) between 1 and 200),
  customer text check (length(customer) <= 200),
  known_at text[] not null,
  on_leak text not null check (on_leak in ('refuse', 'tell')),
  stale_days integer not null check (stale_days between 1 and 365),
  -- Null once it was retired: what is no longer watched for is no longer kept.
  sealed bytea,
  planted_at timestamptz not null,
  planted_by text not null,
  retired_at timestamptz,
  stale_told_at timestamptz,
  primary key (tenant, id),
  check ((sealed is null) = (retired_at is not null))
);
create table governance_planted_sightings (
  tenant text not null,
  canary text not null,
  what text not null check (what in ('protected', 'home', 'clear')),
  at_place text not null,
  count bigint not null check (count > 0),
  last_at timestamptz not null,
  primary key (tenant, canary, what, at_place)
);
create table governance_planted_findings (
  tenant text not null,
  canary text not null,
  value text not null,
  kind text not null check (kind in ('left', 'came_back', 'other_tenant', 'at_rest', 'reported')),
  way text not null,
  at_place text not null,
  refused boolean not null,
  count bigint not null check (count > 0),
  first_at timestamptz not null,
  last_at timestamptz not null,
  closed_at timestamptz,
  closed_by text,
  primary key (tenant, canary, value, kind, way, at_place)
);
create table governance_self_scans (
  tenant text not null,
  id text not null,
  started_at timestamptz not null,
  finished_at timestamptz not null,
  ok boolean not null,
  report jsonb not null,
  primary key (tenant, id)
);
create index governance_self_scans_newest on governance_self_scans (tenant, finished_at desc);
${tenantTable('governance_planted', ['select', 'insert', 'update'])}
${grantSystem('authenticator', 'governance_planted', 'select')}
${tenantTable('governance_planted_sightings', ['select', 'insert', 'update'])}
${tenantTable('governance_planted_findings', ['select', 'insert', 'update'])}
${tenantTable('governance_self_scans', ['select', 'insert', 'delete'])}
`,
};
