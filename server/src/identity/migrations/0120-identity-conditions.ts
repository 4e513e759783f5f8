// What a tenant asks of access beside grants, and what people have acknowledged.

import { grantSystem, tenantTable } from '#storage';

export const migration = {
  id: '0120-identity-conditions',
  sql: `
create table identity_conditions (
  tenant text not null primary key,
  settings jsonb not null,
  changed_at timestamptz not null,
  changed_by text not null
);
create table identity_freezes (
  tenant text not null,
  id text not null,
  starts_at timestamptz not null,
  ends_at timestamptz not null check (ends_at > starts_at),
  stops text[] not null,
  reason text not null check (char_length(reason) between 1 and 200),
  made_by text not null,
  made_at timestamptz not null,
  lifted_at timestamptz,
  lifted_by text,
  primary key (tenant, id),
  check ((lifted_at is null) = (lifted_by is null))
);
create table identity_acknowledgements (
  tenant text not null,
  person text not null,
  course text not null,
  recorded_at timestamptz not null,
  expires_at timestamptz not null,
  recorded_by text not null,
  primary key (tenant, person, course)
);
${tenantTable('identity_conditions', ['select', 'insert', 'update'])}
${tenantTable('identity_freezes', ['select', 'insert', 'update'])}
${tenantTable('identity_acknowledgements')}
${grantSystem('authenticator', 'identity_conditions', ['select'])}
${grantSystem('authenticator', 'identity_freezes', ['select'])}
${grantSystem('authenticator', 'identity_acknowledgements', ['select'])}
`,
};
