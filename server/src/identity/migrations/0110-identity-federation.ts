// Company logins, the attempts to sign in by them, which account there is which person here, and what is kept of a person's name.

import { grantSystem, tenantTable } from '#storage';

export const migration = {
  id: '0110-identity-federation',
  sql: `
create table identity_providers (
  tenant text not null,
  id text not null,
  name text not null check (name ~ '^[a-z0-9][a-z0-9-]{0,39}$'),
  label text not null check (char_length(label) between 1 and 60),
  issuer text not null,
  client_id text not null,
  auth_method text not null,
  -- Client secret or private key, sealed.
  secret bytea not null,
  public_jwk text,
  mode text not null check (mode in ('invited', 'just_in_time')),
  settings jsonb not null,
  enabled boolean not null,
  created_at timestamptz not null,
  changed_at timestamptz not null,
  tested_at timestamptz,
  test_code text,
  used_at timestamptz,
  primary key (tenant, id),
  unique (tenant, name)
);
${tenantTable('identity_providers')}
${grantSystem('authenticator', 'identity_providers', 'select')}

create table identity_sso_states (
  tenant text not null,
  -- Keyed hashes of the state and of the browser's cookie; nonce and PKCE verifier are derived from both and stand nowhere.
  state bytea not null,
  browser bytea not null,
  provider text not null,
  purpose text not null check (purpose in ('sign_in', 'link', 'step_up')),
  session text,
  return_to text not null,
  origin text not null,
  bound_key text,
  expires_at timestamptz not null,
  used_at timestamptz,
  primary key (tenant, state),
  unique (state)
);
${tenantTable('identity_sso_states')}
${grantSystem('authenticator', 'identity_sso_states', ['select', 'delete'])}

-- Who is who: an account at a provider by the keyed hash of its subject, never by an address.
create table identity_accounts (
  tenant text not null,
  provider text not null,
  subject bytea not null,
  person text not null,
  linked_at timestamptz not null,
  used_at timestamptz,
  primary key (tenant, provider, subject),
  foreign key (tenant, person) references identity_people (tenant, id)
);
create index identity_accounts_person on identity_accounts (tenant, person);
${tenantTable('identity_accounts')}

-- Name and addresses, sealed under the person's own key.
create table identity_profiles (
  tenant text not null,
  person text not null,
  sealed bytea not null,
  changed_at timestamptz not null,
  primary key (tenant, person),
  foreign key (tenant, person) references identity_people (tenant, id)
);
${tenantTable('identity_profiles')}

-- Whose end is the end of an API key: who registered its workload, and who was shown it.
alter table identity_workloads add column owner text;
alter table identity_keys add column made_by text;
`,
};
