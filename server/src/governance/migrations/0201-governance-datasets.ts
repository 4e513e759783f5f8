// Datasets as assets: what each is and where it came from, its rows sealed under the keys of the people they are about, who may read which part,
// and for how long somebody may read it in the clear.

import { tenantTable } from '#storage';

export const migration = {
  id: '0201-governance-datasets',
  sql: `
create table governance_datasets (
  tenant text not null,
  name text not null,
  version integer not null check (version > 0),
  rows_version integer not null,
  hash text not null,
  format text not null,
  columns jsonb not null,
  subject_column text,
  row_count integer not null,
  byte_count bigint not null,
  source text not null,
  licence text not null,
  purpose text not null,
  imported_at timestamptz not null,
  imported_by text not null,
  primary key (tenant, name)
);
${tenantTable('governance_datasets', ['select', 'insert', 'update', 'delete'])}
create table governance_dataset_versions (
  tenant text not null,
  dataset text not null,
  version integer not null,
  hash text not null,
  row_count integer not null,
  byte_count bigint not null,
  source text not null,
  licence text not null,
  purpose text not null,
  imported_at timestamptz not null,
  imported_by text not null,
  primary key (tenant, dataset, version)
);
${tenantTable('governance_dataset_versions', ['select', 'insert', 'delete'])}
create table governance_dataset_rows (
  tenant text not null,
  dataset text not null,
  version integer not null,
  row_number integer not null,
  subject text,
  sealed bytea not null,
  primary key (tenant, dataset, version, row_number)
);
create index governance_dataset_rows_subject on governance_dataset_rows (tenant, subject);
${tenantTable('governance_dataset_rows', ['select', 'insert', 'delete'])}
create table governance_dataset_grants (
  tenant text not null,
  id text not null,
  dataset text not null,
  subject text not null,
  columns text[],
  filter bytea,
  made_at timestamptz not null,
  made_by text not null,
  primary key (tenant, id)
);
${tenantTable('governance_dataset_grants', ['select', 'insert', 'delete'])}
create table governance_dataset_raw (
  tenant text not null,
  id text not null,
  dataset text not null,
  person text not null,
  reason bytea not null,
  opened_at timestamptz not null,
  expires_at timestamptz not null,
  ended_at timestamptz,
  check (expires_at <= opened_at + interval '60 minutes'),
  primary key (tenant, id)
);
${tenantTable('governance_dataset_raw', ['select', 'insert', 'update'])}
`,
};
