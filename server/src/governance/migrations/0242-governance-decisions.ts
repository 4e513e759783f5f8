// Automated decisions as a tenant declares them, and the opt-out from them.

import { grantSystem, tenantTable } from '#storage';

export const migration = {
  id: '0242-governance-decisions',
  sql: `
create table governance_decisions (
  tenant text not null,
  kind text not null check (kind in ('workflow', 'operation')),
  name text not null,
  -- Whether what is decided is significant for the person: what a declaration of an operation may also deny.
  significant boolean not null,
  -- Towards who opted out: a person decides, or the machine is not used at all.
  mode text not null check (mode in ('wait', 'refuse')),
  decides text not null,
  purpose text not null,
  logic text not null,
  declared_at timestamptz not null,
  declared_by text not null,
  primary key (tenant, kind, name)
);
${tenantTable('governance_decisions', ['select', 'insert', 'update', 'delete'])}
${grantSystem('authenticator', 'governance_decisions', 'select')}
alter table governance_opt_outs drop constraint governance_opt_outs_use_check,
  add constraint governance_opt_outs_use_check check (use in ('ad_sharing', 'sale', 'profiling', 'admt')) not valid;
`,
};
