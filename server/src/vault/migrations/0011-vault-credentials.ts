// Credentials of integrations: where each may be used, and its sealed value.

import { tenantTable } from '#storage';

export const migration = {
  id: '0011-vault-credentials',
  sql: `
create table vault_credentials (
  tenant text not null,
  id text not null,
  name text not null,
  origin text not null,
  methods text[] not null,
  path_prefix text not null,
  header text not null,
  prefix text not null,
  sealed bytea not null,
  changed_at timestamptz not null,
  primary key (tenant, id),
  unique (tenant, name)
);
${tenantTable('vault_credentials')}
`,
};
