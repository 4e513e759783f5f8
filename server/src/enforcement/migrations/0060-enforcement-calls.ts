// Integrations, effects, run provenance and the processes that are alive.

import { grantSystem, tenantTable } from '#storage';

export const migration = {
  id: '0060-enforcement-calls',
  sql: `
create table integrations (
  tenant text not null,
  id text not null,
  name text not null,
  kind text not null check (kind in ('http', 'model')),
  origin text not null,
  path_prefix text not null,
  manifest jsonb,
  credential text,
  settings jsonb not null,
  primary key (tenant, id),
  unique (tenant, name)
);
${tenantTable('integrations')}
${grantSystem('authenticator', 'integrations', ['select'])}

create table effects (
  tenant text not null,
  effect_key text not null,
  call text not null,
  digest text not null,
  state text not null check (state in ('sent', 'done', 'failed', 'unknown')),
  integration text not null,
  operation text not null,
  approval text,
  reservation text,
  instance text not null,
  result bytea,
  created_at timestamptz not null,
  primary key (tenant, effect_key)
);
create index effects_open on effects (instance) where state = 'sent';
create index effects_unknown on effects (tenant, created_at) where state = 'unknown';
${tenantTable('effects')}
${grantSystem('resolver', 'effects', ['select'])}

create table run_results (
  tenant text not null,
  run text not null,
  tool_call_id text not null,
  digest text not null,
  label jsonb not null,
  primary key (tenant, run, tool_call_id, digest)
);
${tenantTable('run_results')}

create table instances (
  instance text primary key,
  seen_at timestamptz not null
);
grant select, insert, update, delete on instances to sallyport_resolver;
`,
};
