// Passkeys and recovery codes of people, and what a session is now: how it was opened, on which device, bound to which key.

import { grantSystem, tenantTable } from '#storage';

export const migration = {
  id: '0105-identity-passkeys',
  sql: `
create table identity_passkeys (
  tenant text not null,
  id text not null,
  person text not null,
  -- The credential's id as the authenticator made it, base64url: what a sign-in names.
  credential text not null,
  public_key bytea not null,
  rp text not null,
  -- Keyed, over everything above: a row that was written by anybody but a server is no passkey.
  seal bytea not null,
  name text not null,
  transports text[] not null,
  counter bigint not null,
  is_synced boolean not null,
  created_at timestamptz not null,
  used_at timestamptz,
  removed_at timestamptz,
  primary key (tenant, id),
  unique (credential),
  foreign key (tenant, person) references identity_people (tenant, id)
);
create index identity_passkeys_person on identity_passkeys (tenant, person) where removed_at is null;
${tenantTable('identity_passkeys', ['select', 'insert', 'update'])}
${grantSystem('authenticator', 'identity_passkeys', ['select'])}

create table identity_recovery_codes (
  tenant text not null,
  person text not null,
  hash bytea not null,
  created_at timestamptz not null,
  used_at timestamptz,
  primary key (tenant, person, hash),
  unique (hash),
  foreign key (tenant, person) references identity_people (tenant, id)
);
${tenantTable('identity_recovery_codes')}
${grantSystem('authenticator', 'identity_recovery_codes', ['select'])}

alter table identity_sessions add column method text not null default 'link';
alter table identity_sessions add column passkey_at timestamptz;
alter table identity_sessions add column device text;
-- Public key of the browser, a JWK; without it the session is a cookie and nothing more.
alter table identity_sessions add column bound_key text;
alter table identity_sessions add column seen_at timestamptz;
`,
};
