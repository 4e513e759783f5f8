// Wrapped keys: one per tenant under the key file's key, one per data subject under its tenant's key.

import { grantSystem, tenantTable } from '#storage';

export const migration = {
  id: '0010-vault-keys',
  sql: `
create table vault_tenant_keys (
  tenant text not null,
  version integer not null,
  -- Which key file wraps it. A database whose keys were wrapped by another file is recognised at the start.
  kek text not null,
  wrapped bytea not null,
  created_at timestamptz not null,
  primary key (tenant, version)
);
${tenantTable('vault_tenant_keys', ['select', 'insert'])}
${grantSystem('installer', 'vault_tenant_keys', 'select')}

create table vault_subject_keys (
  tenant text not null,
  id text not null,
  -- A keyed hash of the subject, never the subject.
  subject text not null,
  tenant_key integer not null,
  wrapped bytea not null,
  created_at timestamptz not null,
  primary key (tenant, id),
  unique (tenant, subject)
);
${tenantTable('vault_subject_keys', ['select', 'insert', 'delete'])}
`,
};
