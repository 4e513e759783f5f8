// Whoever was let in no longer stays out of a database that was put back to before: noted outside of it, and ended again.

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type FixedClock,
  fixedClock,
  passkeyDevice,
  seededRandom,
  type TemporaryFolder,
  type TestDatabase,
  temporaryFolder,
  testDatabase,
} from '@sallyport/testkit';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { isRefusal, type PersonId, type PersonPrincipal, type TenantId } from '#core';
import { createIdentity, endAgain, type Identity, migrations as identityMigrations } from '#identity';
import { migrations as storageMigrations } from '#storage';
import { createDepartures, type Departures, readDepartures } from './departures.ts';

const random = seededRandom();
let clock: FixedClock;
let folder: TemporaryFolder;
let database: TestDatabase;
let identity: Identity;
let tenant: TenantId;
let path: string;
let departures: Departures;
const faults: unknown[] = [];

beforeAll(async () => {
  clock = fixedClock(Date.now());
  folder = await temporaryFolder('sallyport-departures-');
  database = await testDatabase([...storageMigrations, ...identityMigrations]);
  identity = await createIdentity({ db: database.db, clock, random, pepper: random.bytes(32) });
});
afterAll(async () => {
  await identity.close();
  await database.close();
  await folder.remove();
});
let names = 0;
beforeEach(async () => {
  names += 1;
  path = join(folder.path, `departures-${names}.ndjson`);
  tenant = await identity.createTenant({ name: `shop-${names}` });
  departures = create();
});
const create = (): Departures => createDepartures({ path, database: database.db, now: clock.now, onFault: (fault) => faults.push(fault) });

async function joined(role: string): Promise<{ id: PersonId; token: string }> {
  const added = await identity.addPerson({ tenant, name: 'Ana Example', roles: [role], actor: 'installation' });
  const opened = isRefusal(added) ? added : await identity.redeem(added.secret);
  if (isRefusal(added) || isRefusal(opened)) throw new Error('nobody came in');
  return { id: added.id, token: opened.token };
}
const mine = async () => (await readDepartures(path)).gone.filter((one) => one.tenant === tenant);
const kinds = async () => (await mine()).map(({ kind }) => kind).sort();
const live = async (table: string, column: string) =>
  (await database.admin<{ id: string }>(`select id from ${table} where tenant = $1 and ${column} is null order by id`, [tenant])).map(
    ({ id }) => id,
  );
/** As a backup of before would bring it back. */
async function putBack(): Promise<void> {
  for (const [table, column] of [
    ['identity_people', 'removed_at'],
    ['identity_keys', 'revoked_at'],
    ['identity_passkeys', 'removed_at'],
    ['identity_grants', 'ended_at'],
  ])
    await database.admin(`update ${table} set ${column} = null where tenant = $1`, [tenant]);
}
const settle = async () =>
  database.db.inTenant(tenant, async (tx) => endAgain(tx, tenant, await mine(), { by: 'system:restore', atMs: clock.now() }));

test('people, keys, passkeys and grants that ended are noted, and end again in a database of before', async () => {
  const leaver = await joined('operator');
  const stays = await joined('operator');
  const person = (): PersonPrincipal => identity.authenticateSession(leaver.token) as PersonPrincipal;
  const options = await identity.passkeys.enrolOptions(person());
  if (isRefusal(options)) throw new Error(options.code);
  await identity.passkeys.enrol(person(), { ...passkeyDevice().create(options), name: 'Key' });
  const workload = await identity.createWorkload({ tenant, name: 'agent', workflow: null, integrations: ['shop'] });
  const expiresAtMs = clock.now() + 86_400_000;
  const theirs = await identity.createKey({ tenant, workload, expiresAtMs, actor: leaver.id });
  const kept = await identity.createKey({ tenant, workload, expiresAtMs });
  await departures.note();
  expect(await mine()).toEqual([]);
  await identity.removePerson({ tenant, person: leaver.id, actor: 'installation' });
  await departures.note();
  expect(await kinds()).toEqual(['grant', 'key', 'passkey', 'person']);
  // Nothing that names anybody.
  expect(await readFile(path, 'utf8')).not.toContain('Ana');
  expect(await departures.note()).toBe(0);

  await putBack();
  expect(await live('identity_people', 'removed_at')).toContain(leaver.id);
  expect(await settle()).toMatchObject({ people: [leaver.id], keys: [theirs.id], kept: [] });
  expect(await live('identity_people', 'removed_at')).not.toContain(leaver.id);
  expect(await live('identity_people', 'removed_at')).toContain(stays.id);
  expect(await live('identity_keys', 'revoked_at')).toEqual([kept.id]);
  expect(await live('identity_passkeys', 'removed_at')).toEqual([]);
  const [grant] = (await identity.listGrants(tenant, stays.id)).filter(({ endedAt }) => endedAt === null);
  expect(grant).toBeDefined();
  expect((await identity.listGrants(tenant, leaver.id)).filter(({ endedAt }) => endedAt === null)).toEqual([]);
});

test('a role that was taken away is taken away again, and the tenant keeps an owner', async () => {
  const admin = await joined('admin');
  const [grant] = await identity.listGrants(tenant, admin.id);
  await identity.endGrant({ tenant, grant: grant?.id as never, actor: 'installation' });
  // Ownership moved to somebody whom the backup does not know.
  const [first] = await identity.listPeople(tenant);
  const [owning] = await identity.listGrants(tenant, first?.id);
  const next = await joined('auditor');
  await identity.grant({ tenant, subject: next.id, role: 'owner', actor: 'installation' });
  await identity.endGrant({ tenant, grant: owning?.id as never, actor: 'installation' });
  await departures.note();
  await putBack();
  await database.admin('update identity_grants set ended_at = now() where tenant = $1 and subject = $2', [tenant, next.id]);
  expect(await settle()).toMatchObject({ grants: 1, kept: [owning?.id] });
  const held = await identity.listGrants(tenant);
  expect(held.filter(({ endedAt }) => endedAt === null).map(({ subject, role }) => [subject, role])).toEqual([[first?.id, 'owner']]);
});

test('whoever came back is not ended again; a cut line spoils no other; another server notes the rest', async () => {
  const one = await joined('operator');
  const two = await joined('operator');
  await identity.removePerson({ tenant, person: one.id, actor: 'installation' });
  await departures.note();
  await database.admin('update identity_people set removed_at = null where tenant = $1 and id = $2', [tenant, one.id]);
  await departures.note();
  expect((await mine()).map(({ id }) => id)).not.toContain(one.id);
  await writeFile(path, `${await readFile(path, 'utf8')}{"v":1,"ten`);
  await identity.removePerson({ tenant, person: two.id, actor: 'installation' });
  const other = create();
  await other.note();
  expect((await mine()).map(({ id }) => id)).toContain(two.id);
  expect((await readDepartures(path)).unreadable).toBe(1);
});

test('a server that finds an older database forgets nobody who left', async () => {
  const leaver = await joined('operator');
  await identity.removePerson({ tenant, person: leaver.id, actor: 'installation' });
  await departures.note();
  await putBack();
  const started = create();
  await started.note();
  await started.note();
  expect((await mine()).map(({ id }) => id)).toContain(leaver.id);
  expect(await settle()).toMatchObject({ people: [leaver.id] });
  // Whoever comes back after that did come back.
  await started.note();
  await database.admin('update identity_people set removed_at = null where tenant = $1 and id = $2', [tenant, leaver.id]);
  await started.note();
  expect((await mine()).map(({ id }) => id)).not.toContain(leaver.id);
});

test('is noted a moment after the change, without anybody asking', async () => {
  departures.start(identity.onChange);
  const leaver = await joined('operator');
  await identity.removePerson({ tenant, person: leaver.id, actor: 'installation' });
  await departures.stop();
  expect((await mine()).map(({ id }) => id)).toContain(leaver.id);
  expect(faults).toEqual([]);
});
