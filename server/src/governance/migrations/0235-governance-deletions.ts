// Deletions elsewhere as calls that a person approves; erasures that look a second time; which shop an integration is; opt-outs that came
// by a signed delivery.

import { tenantTable } from '#storage';

export const migration = {
  id: '0235-governance-deletions',
  sql: `
-- Whom the call names, sealed under a key of the task; both go when the task ends.
alter table governance_tasks add column sealed_person bytea;
-- What became of the call; null when there is none, or when it is still to be asked for.
alter table governance_tasks add column outcome text;
alter table governance_tasks add column code text;
alter table governance_tasks add column approval text;
alter table governance_tasks add column attempts integer not null default 0;
alter table governance_tasks add column next_at timestamptz;
-- What the first look of an erasure took, until the second one closes it.
alter table governance_requests add column erased jsonb;

-- By which workload and key a tenant deletes people elsewhere.
create table governance_deleters (
  tenant text primary key,
  workload text not null,
  key text not null
);
-- Which shop an integration is, as its platform names it.
create table governance_shops (
  tenant text not null,
  integration text not null,
  domain text not null,
  primary key (tenant, integration)
);
-- Deliveries that set or cleared opt-outs, so that none does it twice.
create table governance_opt_out_deliveries (
  tenant text not null,
  integration text not null,
  delivery text not null,
  at timestamptz not null,
  primary key (tenant, integration, delivery)
);
create index governance_opt_out_deliveries_at on governance_opt_out_deliveries (tenant, at);
${tenantTable('governance_deleters')}
${tenantTable('governance_shops')}
${tenantTable('governance_opt_out_deliveries', ['select', 'insert', 'delete'])}
`,
};
