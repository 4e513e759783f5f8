// Tenants, their workloads and the keyed hashes of API keys.

import { grantSystem, tenantTable } from '#storage';

export const migration = {
  id: '0020-identity-workloads',
  sql: `
create table identity_tenants (
  tenant text not null,
  name text not null,
  -- Raised by each change of authority, in the same transaction: whoever follows the changes sees at once that one is missing.
  revision bigint not null,
  created_at timestamptz not null,
  primary key (tenant),
  unique (name)
);
${tenantTable('identity_tenants', ['select', 'insert', 'update'])}
${grantSystem('authenticator', 'identity_tenants', 'select')}

create table identity_workloads (
  tenant text not null,
  id text not null,
  name text not null,
  workflow text,
  integrations text[] not null,
  public_key text,
  created_at timestamptz not null,
  primary key (tenant, id),
  unique (tenant, name)
);
${tenantTable('identity_workloads', ['select', 'insert', 'update'])}
${grantSystem('authenticator', 'identity_workloads', 'select')}

create table identity_keys (
  tenant text not null,
  id text not null,
  workload text not null,
  lookup text not null,
  hash bytea not null,
  pepper text not null,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  revoked_at timestamptz,
  primary key (tenant, id),
  unique (lookup),
  foreign key (tenant, workload) references identity_workloads (tenant, id)
);
${tenantTable('identity_keys', ['select', 'insert', 'update'])}
${grantSystem('authenticator', 'identity_keys', 'select')}
`,
};
