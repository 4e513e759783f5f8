// Binding statements that an effect has used up, kept until they could not be accepted any more anyway.

import { grantSystem, tenantTable } from '#storage';

export const migration = {
  id: '0022-identity-statements',
  sql: `
create table identity_statements (
  tenant text not null,
  statement text not null,
  expires_at timestamptz not null,
  primary key (tenant, statement)
);
create index identity_statements_expiry on identity_statements (expires_at);
${tenantTable('identity_statements', ['select', 'insert'])}
${grantSystem('authenticator', 'identity_statements', ['select', 'delete'])}
`,
};
