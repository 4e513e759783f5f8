// Users as an identity provider keeps them here, the tokens it comes with, and when it came last.

import { grantSystem, tenantTable } from '#storage';

export const migration = {
  id: '0111-identity-scim',
  sql: `
create table identity_scim_users (
  tenant text not null,
  -- The id of the person is the id of the user.
  person text not null,
  user_name bytea not null,
  external_id bytea,
  active boolean not null,
  -- Removed by somebody here: the provider can not bring the person back.
  removed_here boolean not null default false,
  version bigint not null,
  created_at timestamptz not null,
  changed_at timestamptz not null,
  primary key (tenant, person),
  unique (tenant, user_name),
  foreign key (tenant, person) references identity_people (tenant, id)
);
create index identity_scim_users_external on identity_scim_users (tenant, external_id);
${tenantTable('identity_scim_users')}

create table identity_scim_tokens (
  tenant text not null,
  lookup text not null,
  hash bytea not null,
  pepper text not null,
  created_at timestamptz not null,
  -- Set when a newer one was made: both work until then.
  expires_at timestamptz,
  used_at timestamptz,
  primary key (tenant, lookup),
  unique (lookup)
);
${tenantTable('identity_scim_tokens')}
${grantSystem('authenticator', 'identity_scim_tokens', 'select')}

create table identity_scim_sync (
  tenant text not null,
  request_at timestamptz not null,
  change_at timestamptz,
  failed_at timestamptz,
  failure text,
  primary key (tenant)
);
${tenantTable('identity_scim_sync')}
`,
};
