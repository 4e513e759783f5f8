// What people could do before there were grants, they can do after: an owner everything, an approver deciding and looking.

import { type TestDatabase, testDatabase } from '@sallyport/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { actionsOf, isOwner, type PersonId, type TenantId } from '#core';
import { migrate, migrations as storageMigrations } from '#storage';
import { migrations } from '../index.ts';
import { effectiveRows } from '../store/effective-rows.ts';
import { toGrant } from './effective.ts';

const tenant = 'ten_018cc251-f400-7000-8000-000000000001' as TenantId;
const person = (n: number): PersonId => `per_018cc251-f400-7000-8000-00000000000${n}` as PersonId;

let base: TestDatabase;
beforeAll(async () => {
  const before = [...storageMigrations, ...migrations.filter(({ id }) => id < '0100')];
  base = await testDatabase(before);
  await base.admin('insert into identity_tenants (tenant, name, revision, created_at) values ($1, $2, 0, now())', [tenant, 'shop']);
  for (const [id, role, removed] of [
    [person(1), 'owner', null],
    [person(2), 'approver', null],
    [person(3), 'approver', '2026-01-01'],
  ])
    await base.admin('insert into identity_people (tenant, id, role, created_at, removed_at) values ($1, $2, $3, now(), $4)', [
      tenant,
      id,
      role,
      removed,
    ]);
  await migrate({ adminUrl: base.adminUrl, migrations: [...storageMigrations, ...migrations] });
});
afterAll(() => base?.close());

const held = (of: PersonId) =>
  base.db.inTenant(tenant, async (tx) => (await effectiveRows(tx, { tenant, person: of, nowMs: Date.now() })).map(toGrant));

test('an owner owns, an approver decides and sees what they saw, and whoever was removed holds nothing', async () => {
  expect(isOwner({ grants: await held(person(1)) })).toBe(true);
  const approver = actionsOf({ grants: await held(person(2)) });
  for (const action of [
    'approvals.decide',
    'workflows.approve',
    'restore.confirm',
    'runs.content',
    'keys.view',
    'events.export',
    'ledger.verify',
  ] as const)
    expect(approver.has(action), action).toBe(true);
  for (const action of ['keys.manage', 'workflows.publish', 'people.manage', 'access.grant'] as const)
    expect(approver.has(action), action).toBe(false);
  expect(await held(person(3))).toEqual([]);
});

test('the walls of the people stand again after it', async () => {
  const [row] = await base.admin<{ forced: boolean }>(
    "select relforcerowsecurity as forced from pg_class where relname = 'identity_people'",
  );
  expect(row?.forced).toBe(true);
  await expect(
    base.admin("insert into identity_people (tenant, id, role, created_at) values ($1, 'per_x', 'boss', now())", [tenant]),
  ).rejects.toThrow();
});
