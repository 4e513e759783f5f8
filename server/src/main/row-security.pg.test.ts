// Every table of every migration is walled off by tenant, or stands on a short list with its reason.

import { testDatabase } from '@sallyport/testkit';
import { expect, it } from 'vitest';
import { assertRowSecurity, tenantTable } from '#storage';
import { allMigrations } from './compose/database.ts';
import { tablesWithoutTenant } from './compose/tables-without-tenant.ts';

const FORGOTTEN = 'create table forgotten (tenant text not null, id text not null, primary key (tenant, id));';
const HOLES: readonly (readonly [string, string])[] = [
  ['public.forgotten has row security switched off', FORGOTTEN],
  [
    'public.forgotten does not force row security on its owner',
    `${FORGOTTEN} ${tenantTable('forgotten')} alter table forgotten no force row level security;`,
  ],
  [
    'public.forgotten has the policy all_in for everybody',
    `${FORGOTTEN} ${tenantTable('forgotten')} create policy all_in on forgotten using (true);`,
  ],
  ['public.forgotten has no tenant column', 'create table forgotten (id text primary key)'],
];

it('forces row security on every tenant table of all rooms [PROMISE-10] [D3]', async () => {
  const test = await testDatabase(allMigrations);
  try {
    await assertRowSecurity(test.db, tablesWithoutTenant);
    // Canaries: a table without walls, one that does not force them, one whose policy lets everybody in, one without a tenant.
    for (const [hole, text] of HOLES) {
      await test.admin(text);
      await expect(assertRowSecurity(test.db, tablesWithoutTenant)).rejects.toThrow(hole);
      await test.admin('drop table forgotten');
    }
    await assertRowSecurity(test.db, tablesWithoutTenant);
  } finally {
    await test.close();
  }
});
