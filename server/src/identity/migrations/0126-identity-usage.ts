// What was used of what was granted, by day; what was taken away from a workload as unused; and when grants end that nobody uses.

import { grantSystem, tenantTable } from '#storage';

export const migration = {
  id: '0126-identity-usage',
  sql: `
create table identity_usage (
  tenant text not null,
  -- A person or a workload.
  subject text not null,
  kind text not null check (kind in ('action', 'integration', 'operation', 'model', 'key', 'tool_offered', 'tool_called')),
  name text not null check (char_length(name) between 1 and 200),
  day date not null,
  count bigint not null,
  last_at timestamptz not null,
  primary key (tenant, subject, kind, name, day)
);
create index identity_usage_day on identity_usage (day);
${tenantTable('identity_usage', ['select', 'insert', 'update'])}
${grantSystem('authenticator', 'identity_usage', ['select', 'delete'])}

create table identity_least_settings (
  tenant text not null,
  window_days integer not null check (window_days between 1 and 90),
  auto_apply boolean not null,
  grace_days integer not null check (grace_days between 1 and 90),
  -- Before it nobody counted, so nothing can be said to be unused since earlier.
  observed_since timestamptz not null,
  primary key (tenant)
);
${tenantTable('identity_least_settings', ['select', 'insert', 'update'])}
${grantSystem('authenticator', 'identity_least_settings', 'select')}

-- Row security is forced on the owner of a table too; nobody can look in between, it is one transaction.
alter table identity_tenants no force row level security;
alter table identity_least_settings no force row level security;
insert into identity_least_settings (tenant, window_days, auto_apply, grace_days, observed_since)
  select tenant, 30, false, 14, now() from identity_tenants;
alter table identity_tenants force row level security;
alter table identity_least_settings force row level security;

-- What is not offered or let through any more although its integration is: names by kind.
alter table identity_workloads add column removed jsonb not null default '{}';
-- Since when each integration is reached; one that is not named, since the workload exists.
alter table identity_workloads add column reached_since jsonb not null default '{}';
-- Counts changes that somebody made by hand: what was taken away as unused before such a change is not given back by itself.
alter table identity_workloads add column reach_revision integer not null default 0;
alter table identity_grants add column expire_unused_days integer;
`,
};
