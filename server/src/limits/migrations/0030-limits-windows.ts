// What was spent in each window of time, the reservations that count in it, and the model budgets.

import { grantSystem, tenantTable } from '#storage';

export const migration = {
  id: '0030-limits-windows',
  sql: `
create table limit_window (
  tenant text not null,
  scope text not null,
  period text not null check (period in ('hour', 'day')),
  starts_at timestamptz not null,
  currency text not null,
  spent_minor numeric(38, 0) not null check (spent_minor >= 0),
  uses bigint not null check (uses >= 0),
  primary key (tenant, scope, period, starts_at)
);
create index limit_window_age on limit_window (starts_at);

create table limit_reservation (
  tenant text not null,
  id text not null,
  call text not null,
  state text not null check (state in ('held', 'spent', 'released')),
  amount_minor numeric(38, 0) not null,
  windows jsonb not null,
  held_at timestamptz not null,
  settled_at timestamptz,
  primary key (tenant, id),
  unique (tenant, call)
);

create table limit_budget (
  tenant text not null,
  scope text not null,
  starts_at timestamptz not null,
  currency text not null,
  spent_micros numeric(38, 0) not null,
  primary key (tenant, scope, starts_at, currency)
);

${tenantTable('limit_window', ['select', 'insert', 'update'])}
${tenantTable('limit_reservation', ['select', 'insert', 'update', 'delete'])}
${tenantTable('limit_budget', ['select'])}
${grantSystem('writer', 'limit_budget', ['select', 'insert', 'update'])}
${grantSystem('resolver', 'limit_window', ['select', 'delete'])}
${grantSystem('resolver', 'limit_reservation', ['select', 'delete'])}
${grantSystem('resolver', 'limit_budget', ['select', 'delete'])}
`,
};
