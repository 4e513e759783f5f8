// What is known of how each person usually comes in, as keyed marks, and the risk of sessions that differ from it.

import { grantSystem, tenantTable } from '#storage';

export const migration = {
  id: '0121-identity-risk',
  sql: `
create table identity_risk_known (
  tenant text not null,
  person text not null,
  kind text not null check (kind in ('device', 'network', 'country')),
  -- Keyed, so that the table tells no address.
  mark text not null,
  first_at timestamptz not null,
  last_at timestamptz not null,
  primary key (tenant, person, kind, mark)
);
create table identity_risk_places (
  tenant text not null,
  person text not null,
  country text not null,
  latitude real,
  longitude real,
  at timestamptz not null,
  primary key (tenant, person)
);
create table identity_risk_sessions (
  tenant text not null,
  session text not null,
  person text not null,
  level text not null check (level in ('none', 'raised', 'high')),
  signals text[] not null,
  raised_at timestamptz not null,
  cleared_at timestamptz,
  cleared_by text,
  primary key (tenant, session)
);
create index identity_risk_sessions_raised on identity_risk_sessions (raised_at) where level <> 'none';
create table identity_risk_counts (
  tenant text not null,
  person text not null,
  kind text not null check (kind in ('denied', 'read')),
  minute timestamptz not null,
  counted integer not null check (counted > 0),
  primary key (tenant, person, kind, minute)
);
${tenantTable('identity_risk_known')}
${tenantTable('identity_risk_places')}
${tenantTable('identity_risk_sessions')}
${tenantTable('identity_risk_counts')}
${grantSystem('authenticator', 'identity_risk_sessions', ['select', 'delete'])}
${grantSystem('authenticator', 'identity_risk_known', ['select', 'delete'])}
${grantSystem('authenticator', 'identity_risk_places', ['select', 'delete'])}
${grantSystem('authenticator', 'identity_risk_counts', ['select', 'delete'])}
`,
};
