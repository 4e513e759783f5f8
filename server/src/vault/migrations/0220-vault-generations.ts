// Generations of subject keys: a tenant whose values are sealed anew gets new keys for its subjects beside the old ones.

import { APP_ROLE, grantSystem, type Migration, tenantTable } from '#storage';

export const migration: Migration = {
  id: '0220-vault-generations',
  sql: `
alter table vault_subject_keys add column generation integer not null default 1;
-- A key is held while values move away from it: its erasure waits, and then takes the new one too.
grant update (generation) on table vault_subject_keys to ${APP_ROLE};

-- Each time the values of a tenant were sealed anew; the highest generation is the one that is sealed under.
create table vault_reencryptions (
  tenant text not null,
  generation integer not null,
  state text not null check (state in ('running', 'done')),
  asked_by text not null,
  sealed bigint not null default 0,
  erased bigint not null default 0,
  started_at timestamptz not null,
  finished_at timestamptz,
  -- Older keys that were destroyed since.
  destroyed integer not null default 0,
  destroyed_at timestamptz,
  primary key (tenant, generation)
);
${tenantTable('vault_reencryptions', ['select', 'insert', 'update'])}
${grantSystem('installer', 'vault_reencryptions', 'select')}

-- What could not be opened, by the place and its row: left as it was, with its keys.
create table vault_reencryption_faults (
  tenant text not null,
  place text not null,
  ref text not null,
  generation integer not null,
  code text not null,
  -- Ids of the keys it is under, as far as they can be seen.
  keys text[] not null,
  primary key (tenant, place, ref)
);
${tenantTable('vault_reencryption_faults')}
${grantSystem('installer', 'vault_reencryption_faults', 'select')}

grant update (sealed) on table vault_known_values to ${APP_ROLE};
`,
  steps: [
    {
      kind: 'index',
      name: 'vault_subject_keys_generation',
      sql: 'create unique index concurrently vault_subject_keys_generation on vault_subject_keys (tenant, subject, generation)',
    },
  ],
};
