// Versions of workflows with their files, and what belongs to a workflow over all its versions.

import { tenantTable } from '#storage';

export const migration = {
  id: '0080-workflows-registry',
  sql: `
create table workflows (
  tenant text not null,
  name text not null,
  paused boolean not null default false,
  workload text,
  key text,
  key_expires_at timestamptz,
  primary key (tenant, name)
);
${tenantTable('workflows', ['select', 'insert', 'update'])}

create table workflow_versions (
  tenant text not null,
  name text not null,
  hash text not null,
  state text not null check (state in ('draft', 'approved', 'published', 'retired')),
  imported_at timestamptz not null,
  imported_by text not null,
  approved_at timestamptz,
  approved_by text,
  is_solo boolean,
  signature bytea,
  published_at timestamptz,
  primary key (tenant, name, hash)
);
create unique index workflow_versions_published on workflow_versions (tenant, name) where state = 'published';
${tenantTable('workflow_versions', ['select', 'insert', 'update'])}

create table workflow_files (
  tenant text not null,
  name text not null,
  hash text not null,
  path text not null,
  content text not null,
  primary key (tenant, name, hash, path)
);
${tenantTable('workflow_files', ['select', 'insert'])}
`,
};
