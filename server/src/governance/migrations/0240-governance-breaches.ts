// Breaches of personal data (GDPR Article 33): when somebody became aware, what was found, and every step. Nothing here can be deleted.

import { APP_ROLE, tenantTable } from '#storage';

export const migration = {
  id: '0240-governance-breaches',
  sql: `
create table governance_breaches (
  tenant text not null,
  id text not null,
  -- The alert it was opened for, and that alert's rule.
  alert text,
  rule text,
  sealed_what bytea not null,
  aware_at timestamptz not null,
  opened_at timestamptz not null,
  opened_by text not null,
  -- What was looked for, and what was found, in counts; whom it is about is sealed beside it, as keyed references.
  scope jsonb,
  sealed_people bytea,
  risk text check (risk in ('unlikely', 'risk', 'high')),
  -- Marks of the clock that were told, each once.
  told text[] not null default '{}',
  closed_at timestamptz,
  closed_by text,
  primary key (tenant, id),
  check ((closed_at is null) = (closed_by is null))
);
create unique index governance_breaches_alert on governance_breaches (tenant, alert) where alert is not null;
create index governance_breaches_open on governance_breaches (tenant, aware_at) where closed_at is null;

create table governance_breach_steps (
  tenant text not null,
  breach text not null,
  number integer not null check (number > 0),
  kind text not null,
  at timestamptz not null,
  by text not null,
  facts jsonb not null,
  sealed_text bytea,
  primary key (tenant, breach, number),
  foreign key (tenant, breach) references governance_breaches (tenant, id)
);
${tenantTable('governance_breaches', ['select', 'insert'])}
grant update (aware_at, scope, sealed_people, risk, told, closed_at, closed_by) on governance_breaches to ${APP_ROLE};
${tenantTable('governance_breach_steps', ['select', 'insert'])}
`,
};
