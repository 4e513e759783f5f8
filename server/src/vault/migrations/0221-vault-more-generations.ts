// One key of a subject for each generation, where there was one for each subject.

import type { Migration } from '#storage';

export const migration: Migration = {
  id: '0221-vault-more-generations',
  sql: 'alter table vault_subject_keys drop constraint vault_subject_keys_tenant_subject_key',
};
