// Tokens: random names for values, per purpose. The value stands sealed under the key of the person it is of, and found again by a keyed hash.

import { tenantTable } from '#storage';

export const migration = {
  id: '0230-vault-tokens',
  sql: `
create table vault_token_purposes (
  tenant text not null,
  name text not null,
  classes text[] not null,
  openers text[] not null,
  keep_days integer not null check (keep_days between 1 and 36500),
  -- Every value of the purpose is sealed under this key as well: ending the purpose destroys it.
  key_id text not null,
  declared_at timestamptz not null,
  declared_by text not null,
  ended_at timestamptz,
  primary key (tenant, name)
);
${tenantTable('vault_token_purposes', ['select', 'insert', 'update'])}
create table vault_tokens (
  tenant text not null,
  id text not null check (length(id) = 22),
  purpose text not null,
  data_class text not null,
  -- All 256 bits of a keyed hash of the value; none for values that could be guessed.
  blind bytea check (length(blind) = 32),
  owner text,
  subject_key text,
  -- None: it can not be opened, by anybody.
  sealed bytea,
  stand_in text,
  made_at timestamptz not null,
  ended_at timestamptz,
  primary key (tenant, id),
  check (ended_at is null or (blind is null and owner is null and subject_key is null and sealed is null))
);
create unique index vault_tokens_value on vault_tokens (tenant, purpose, data_class, blind) where blind is not null;
create unique index vault_tokens_stand_in on vault_tokens (tenant, purpose, stand_in) where stand_in is not null;
create index vault_tokens_key on vault_tokens (tenant, subject_key) where subject_key is not null;
create index vault_tokens_owner on vault_tokens (tenant, purpose, owner);
${tenantTable('vault_tokens', ['select', 'insert', 'update', 'delete'])}
create table vault_token_openings (
  tenant text not null,
  id text not null,
  purpose text not null,
  person text not null,
  opened integer not null,
  at timestamptz not null,
  primary key (tenant, id)
);
create index vault_token_openings_person on vault_token_openings (tenant, purpose, person, at);
${tenantTable('vault_token_openings', ['select', 'insert', 'delete'])}
`,
};
