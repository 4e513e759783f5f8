// Rules about how long data is kept, the runs that delete by them, and the canary by which it is seen that they run.

import { tenantTable } from '#storage';

export const migration = {
  id: '0191-governance-retention',
  sql: `
create table governance_rules (
  tenant text not null,
  -- Empty: any kind of data, any place, any purpose.
  data_class text not null,
  place text not null,
  purpose text not null,
  minutes integer not null check (minutes between 1 and 52560000),
  set_at timestamptz not null,
  set_by text not null,
  primary key (tenant, data_class, place, purpose)
);
create table governance_sweeps (
  tenant text not null,
  id text not null,
  started_at timestamptz not null,
  finished_at timestamptz not null,
  version text not null,
  receipt jsonb not null,
  event text not null,
  primary key (tenant, id)
);
create index governance_sweeps_newest on governance_sweeps (tenant, finished_at desc);
-- Planted by each run, deleted by the next one as anything else is.
create table governance_canaries (
  tenant text not null,
  id text not null,
  planted_at timestamptz not null,
  told_at timestamptz,
  primary key (tenant, id)
);
${tenantTable('governance_rules')}
${tenantTable('governance_sweeps', ['select', 'insert', 'delete'])}
${tenantTable('governance_canaries')}
`,
};
