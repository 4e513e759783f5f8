// Alerts, how far the log was considered, and the little that has to be remembered of it to judge the next event.
// No role may delete an alert or change what it says: only its counts, its acknowledgement and its delivery.

import { APP_ROLE, grantSystem, tenantTable } from '#storage';

export const migration = {
  id: '0122-monitoring-alerts',
  sql: `
create table monitoring_cursor (
  tenant text not null primary key,
  next_seq bigint not null check (next_seq >= 0),
  -- When the first event that was considered happened: what is new is told from there on.
  began_at timestamptz not null
);
create table monitoring_alerts (
  tenant text not null,
  id text not null,
  rule text not null,
  severity text not null check (severity in ('notice', 'warning', 'critical')),
  seq bigint not null check (seq >= 0),
  type text not null,
  actor text not null,
  subject text not null,
  facts jsonb not null,
  occurred_at timestamptz not null,
  raised_at timestamptz not null,
  times integer not null default 1 check (times > 0),
  last_seq bigint not null,
  last_at timestamptz not null,
  acknowledged_at timestamptz,
  acknowledged_by text,
  acknowledged_alone boolean,
  note bytea,
  delivered_at timestamptz,
  attempts integer not null default 0,
  next_try_at timestamptz,
  delivery_fault text,
  primary key (tenant, id),
  unique (tenant, seq, rule),
  check ((acknowledged_at is null) = (acknowledged_by is null))
);
create index monitoring_alerts_open on monitoring_alerts (tenant, rule, actor, last_at) where acknowledged_at is null;
create index monitoring_alerts_undelivered on monitoring_alerts (next_try_at) where delivered_at is null;
create table monitoring_first_acts (
  tenant text not null,
  actor text not null,
  type text not null,
  seq bigint not null,
  primary key (tenant, actor, type)
);
create table monitoring_denials (
  tenant text not null,
  actor text not null,
  minute timestamptz not null,
  denied integer not null check (denied > 0),
  primary key (tenant, actor, minute)
);
${tenantTable('monitoring_cursor', ['select', 'insert', 'update'])}
${tenantTable('monitoring_alerts', ['select', 'insert'])}
grant update (times, last_seq, last_at, acknowledged_at, acknowledged_by, acknowledged_alone, note, delivered_at, attempts, next_try_at,
  delivery_fault) on table monitoring_alerts to ${APP_ROLE};
${tenantTable('monitoring_first_acts', ['select', 'insert'])}
${tenantTable('monitoring_denials', ['select', 'insert', 'update', 'delete'])}
${grantSystem('sequencer', 'monitoring_cursor', ['select'])}
${grantSystem('sequencer', 'monitoring_alerts', ['select'])}
`,
};
