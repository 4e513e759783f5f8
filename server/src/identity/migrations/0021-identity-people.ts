// Owners, their one-time sign-in links and their sessions, as keyed hashes.

import { grantSystem, tenantTable } from '#storage';

export const migration = {
  id: '0021-identity-people',
  sql: `
create table identity_people (
  tenant text not null,
  id text not null,
  role text not null check (role in ('owner')),
  created_at timestamptz not null,
  primary key (tenant, id)
);
${tenantTable('identity_people', ['select', 'insert'])}

create table identity_links (
  tenant text not null,
  lookup text not null,
  hash bytea not null,
  pepper text not null,
  person text not null,
  expires_at timestamptz not null,
  used_at timestamptz,
  primary key (tenant, lookup),
  unique (lookup),
  foreign key (tenant, person) references identity_people (tenant, id)
);
${tenantTable('identity_links')}
${grantSystem('authenticator', 'identity_links', ['select', 'delete'])}

create table identity_sessions (
  tenant text not null,
  id text not null,
  person text not null,
  kind text not null check (kind in ('browser', 'cli')),
  -- Which machine a command line credential is for; a new one replaces it.
  label text not null,
  lookup text not null,
  hash bytea not null,
  pepper text not null,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  ended_at timestamptz,
  primary key (tenant, id),
  unique (lookup),
  foreign key (tenant, person) references identity_people (tenant, id)
);
${tenantTable('identity_sessions', ['select', 'insert', 'update'])}
${grantSystem('authenticator', 'identity_sessions', ['select', 'delete'])}
`,
};
