// Imports of datasets that run: pieces of the file wait here, sealed under a key that only the process that reads them has, until the kinds of
// data of all columns are known. And what was not kept of a dataset: card numbers and their codes.

import { tenantTable } from '#storage';

export const migration = {
  id: '0231-governance-imports',
  sql: `
create table governance_dataset_imports (
  tenant text not null,
  rows_version integer not null,
  dataset text not null,
  phase text not null check (phase in ('reading', 'sealing')),
  row_count integer not null,
  byte_count bigint not null,
  sealed_count integer not null,
  started_at timestamptz not null,
  beat_at timestamptz not null,
  started_by text not null,
  primary key (tenant, rows_version)
);
${tenantTable('governance_dataset_imports', ['select', 'insert', 'update', 'delete'])}
create table governance_dataset_pieces (
  tenant text not null,
  rows_version integer not null,
  piece integer not null,
  sealed bytea not null,
  primary key (tenant, rows_version, piece)
);
${tenantTable('governance_dataset_pieces', ['select', 'insert', 'delete'])}
alter table governance_datasets add column cards_dropped integer not null default 0;
alter table governance_datasets add column codes_dropped integer not null default 0;
`,
};
