// Runs and what each of their steps gave. Inputs and values are sealed; references, states and codes are readable.

import { grantSystem, tenantTable } from '#storage';

export const migration = {
  id: '0081-workflows-runs',
  sql: `
create table workflow_runs (
  tenant text not null,
  id text not null,
  workflow text not null,
  hash text not null,
  state text not null check (state in ('running', 'done', 'stopped', 'refused')),
  step text,
  code text,
  sealed_input bytea not null,
  sealed_customer bytea,
  started_at timestamptz not null,
  started_by text not null,
  finished_at timestamptz,
  primary key (tenant, id)
);
create index workflow_runs_newest on workflow_runs (tenant, started_at desc);
create index workflow_runs_open on workflow_runs (state) where state = 'running';
${tenantTable('workflow_runs', ['select', 'insert', 'update'])}
${grantSystem('resolver', 'workflow_runs', ['select'])}

create table workflow_steps (
  tenant text not null,
  run text not null,
  step text not null,
  phase text not null,
  nth integer not null,
  outcome text not null check (outcome in ('done', 'refused', 'waiting')),
  code text,
  approval text,
  sealed_value bytea,
  recorded_at timestamptz not null,
  primary key (tenant, run, step, phase)
);
${tenantTable('workflow_steps', ['select', 'insert', 'update'])}
`,
};
