// Finds the payloads that were sealed under one key, so that those of an erased subject can be removed together.

import type { Migration } from '#storage';

export const migration: Migration = {
  id: '0057-audit-payload-keys',
  sql: 'select 1',
  steps: [
    {
      kind: 'index',
      name: 'audit_payload_key',
      sql: 'create index concurrently audit_payload_key on audit_payload (tenant, substring(payload from 1 for 17))',
    },
  ],
};
