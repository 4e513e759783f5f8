// Personal values a run has met in structured fields, sealed under their subjects' keys, so that they are masked wherever they come back.

import { tenantTable } from '#storage';

export const migration = {
  id: '0012-vault-known-values',
  sql: `
create table vault_known_values (
  tenant text not null,
  run text not null,
  -- A keyed hash of the values of this row: reading the same record again adds nothing.
  digest text not null,
  amount integer not null,
  sealed bytea not null,
  remembered_at timestamptz not null,
  primary key (tenant, run, digest)
);
${tenantTable('vault_known_values', ['select', 'insert', 'delete'])}
`,
};
