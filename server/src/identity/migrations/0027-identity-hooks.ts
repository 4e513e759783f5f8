// Secrets under which integrations sign what they deliver, sealed by the vault; at most one older secret is still good.

import { grantSystem, tenantTable } from '#storage';

export const migration = {
  id: '0027-identity-hooks',
  sql: `
create table identity_hooks (
  tenant text not null,
  integration text not null,
  secret bytea not null,
  previous bytea,
  previous_until timestamptz,
  created_at timestamptz not null,
  rotated_at timestamptz,
  primary key (tenant, integration),
  check ((previous is null) = (previous_until is null))
);
${tenantTable('identity_hooks')}
${grantSystem('authenticator', 'identity_hooks', 'select')}
`,
};
