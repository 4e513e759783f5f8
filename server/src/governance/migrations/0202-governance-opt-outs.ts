// Who opted out of which use of their data: people stand here as keyed references and by no name.

import { tenantTable } from '#storage';

export const migration = {
  id: '0202-governance-opt-outs',
  sql: `
create table governance_opt_outs (
  tenant text not null,
  person text not null,
  use text not null check (use in ('ad_sharing', 'sale', 'profiling')),
  source text not null,
  since timestamptz not null,
  primary key (tenant, person, use)
);
${tenantTable('governance_opt_outs', ['select', 'insert', 'delete'])}
`,
};
