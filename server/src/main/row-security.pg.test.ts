// Every table of every migration is walled off by tenant, or stands on a short list with its reason.

import { testDatabase } from '@sallyport/testkit';
import { expect, it } from 'vitest';
import { assertRowSecurity } from '#storage';
import { allMigrations } from './compose/database.ts';

/** The global tree holds hashes of tenants' trees, the last three the names of processes; none holds a tenant's data. */
const WITHOUT_TENANT = [
  'audit_checkpoint',
  'audit_epoch',
  'audit_global',
  'audit_global_leaf',
  'audit_global_node',
  'audit_key',
  'audit_key_end',
  'instances',
  'workflow_executors',
  'workflow_leader',
];

it('forces row security on every tenant table of all rooms [PROMISE-10]', async () => {
  const test = await testDatabase(allMigrations);
  try {
    await assertRowSecurity(test.db, WITHOUT_TENANT);
    await test.admin('create table forgotten (tenant text not null, id text not null, primary key (tenant, id))');
    await expect(assertRowSecurity(test.db, WITHOUT_TENANT)).rejects.toThrow();
  } finally {
    await test.close();
  }
});
