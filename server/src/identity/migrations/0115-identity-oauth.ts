// OAuth: clients, what people consented to, codes and refresh tokens as keyed hashes, revoked access tokens, the keys that sign tokens.

import { grantSystem, tenantTable } from '#storage';

export const migration = {
  id: '0115-identity-oauth',
  sql: `
create table identity_clients (
  tenant text not null,
  id text not null,
  -- What the client calls itself: our id, or the address of its metadata document.
  client_id text not null,
  kind text not null check (kind in ('service', 'app')),
  name text not null check (char_length(name) between 1 and 120),
  workload text not null,
  -- Public keys it authenticates with (JWK set), or none for a program that can keep no secret.
  jwks text,
  redirect_uris text[] not null,
  binding text not null check (binding in ('none', 'dpop')),
  -- The most its tokens may carry; none: all its workload may.
  scope text[],
  created_at timestamptz not null,
  created_by text not null,
  ended_at timestamptz,
  primary key (tenant, id),
  foreign key (tenant, workload) references identity_workloads (tenant, id) on delete cascade
);
create unique index identity_clients_live on identity_clients (tenant, client_id) where ended_at is null;
${tenantTable('identity_clients', ['select', 'insert', 'update'])}
${grantSystem('authenticator', 'identity_clients', 'select')}

create table identity_token_families (
  tenant text not null,
  id text not null,
  client text not null,
  person text not null,
  resource text not null,
  scope text[] not null,
  -- Thumbprint of the key its tokens are bound to.
  jkt text,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  ended_at timestamptz,
  end_reason text,
  primary key (tenant, id),
  foreign key (tenant, client) references identity_clients (tenant, id) on delete cascade,
  foreign key (tenant, person) references identity_people (tenant, id)
);
create index identity_token_families_client on identity_token_families (tenant, client);
create index identity_token_families_person on identity_token_families (tenant, person) where ended_at is null;
${tenantTable('identity_token_families', ['select', 'insert', 'update'])}
${grantSystem('authenticator', 'identity_token_families', 'select')}

create table identity_grant_secrets (
  tenant text not null,
  lookup text not null,
  hash bytea not null,
  pepper text not null,
  kind text not null check (kind in ('code', 'refresh')),
  family text not null,
  redirect_uri text,
  challenge text,
  expires_at timestamptz not null,
  used_at timestamptz,
  primary key (tenant, lookup),
  unique (lookup),
  check ((kind = 'code') = (redirect_uri is not null and challenge is not null)),
  foreign key (tenant, family) references identity_token_families (tenant, id) on delete cascade
);
create index identity_grant_secrets_expiry on identity_grant_secrets (expires_at);
${tenantTable('identity_grant_secrets', ['select', 'insert', 'update'])}
${grantSystem('authenticator', 'identity_grant_secrets', ['select', 'delete'])}

create table identity_revoked_tokens (
  tenant text not null,
  id text not null,
  expires_at timestamptz not null,
  primary key (tenant, id)
);
${tenantTable('identity_revoked_tokens', ['select', 'insert'])}
${grantSystem('authenticator', 'identity_revoked_tokens', ['select', 'delete'])}

create table identity_token_keys (
  kid text not null,
  wrapped bytea not null,
  created_at timestamptz not null,
  signs_from timestamptz not null,
  primary key (kid)
);
grant select, insert, delete on table identity_token_keys to sallyport_authenticator;
`,
};
