// Going on from a restored database: each yes signed by a passkey, sealed by this installation and proven again when it opens. Real
// identity and a real gate over a database that says it was put back.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  codeOf,
  type FixedClock,
  fixedClock,
  granted,
  nodeDigest,
  passkeyDevice,
  type Signer,
  seededRandom,
  signersOf,
  type TestDatabase,
  testDatabase,
} from '@sallyport/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { PasskeyAssertion, TenantId } from '#core';
import { createIdentity, type Identity, migrations as identityMigrations, openBundleSigner } from '#identity';
import { readRestore, migrations as storageMigrations } from '#storage';
import { createLogger } from '../logger.ts';
import { createRestoreGate, type RestoreGate } from './gate.ts';

const DELAY_MS = 600_000;
const RESTORE = 'rst_1';
const random = seededRandom();
const folder = mkdtempSync(join(tmpdir(), 'sallyport-confirmation-'));
let clock: FixedClock;
let database: TestDatabase;
let identity: Identity;
let tenant: TenantId;
let first: Signer;
let second: Signer;
let gate: RestoreGate;
let epochs = 0;

const { person, signer } = signersOf(() => identity);
const change = (text: string, ...values: readonly unknown[]) => database.admin(text, [...values]);

async function open(needed: 1 | 2 = 2): Promise<RestoreGate> {
  await change('delete from storage_restore_yes');
  await change('delete from storage_restore');
  await change(
    `insert into storage_restore (id, state, backup, needed, started_at, restored_at, report)
      values ($1, 'pending', 'bak_1', $2, $3, $3, '{}')`,
    ...[RESTORE, needed, new Date(clock.now())],
  );
  clock.advance(1_000);
  await gate?.stop();
  gate = createRestoreGate(
    {
      ...{ database: database.db, clock, random, tenant, digest: nodeDigest, signatures: identity.signatures, soloDelayMs: DELAY_MS },
      signer: openBundleSigner(join(folder, 'key.pem')),
      logger: createLogger('fatal', () => {}),
      beginEpoch: async () => {
        epochs += 1;
      },
    },
    await readRestore(database.db),
  );
  return gate;
}

async function sign(by: Signer): Promise<PasskeyAssertion> {
  return by.device.get((await identity.endorseOptions(person(by), granted(await gate.confirmable(person(by))))) ?? {});
}
const confirm = async (by: Signer, assertion?: PasskeyAssertion) => gate.confirm(person(by), assertion ?? (await sign(by)));
const isOpen = async (): Promise<boolean> => (await readRestore(database.db))?.state === 'confirmed';

beforeAll(async () => {
  clock = fixedClock();
  database = await testDatabase([...storageMigrations, ...identityMigrations]);
  identity = await createIdentity({ db: database.db, clock, random, pepper: random.bytes(32) });
  tenant = await identity.createTenant({ name: 'shop' });
  first = await signer(await identity.ownerLink(tenant));
  const added = granted(await identity.addPerson({ tenant, name: 'Ana', roles: ['owner'], actor: person(first).person }));
  second = await signer(added.secret);
  clock.advance(60_000);
});
beforeEach(() => {
  epochs = 0;
});
afterAll(async () => {
  await gate.stop();
  await identity.close();
  await database.close();
  rmSync(folder, { recursive: true });
});

describe('a yes to a restored database', () => {
  test('is signed by whoever has a passkey, says so in the log, and two of them open it once', async () => {
    await open();
    const refused = await gate.confirm(person(first));
    expect(refused).toMatchObject({ code: 'MAIN_RESTORE_SIGNATURE_REQUIRED', evidence: { open: '/settings/backups' } });
    expect(granted(await confirm(first)).state).toBe('pending');
    expect(codeOf(await gate.confirmable(person(first)))).toBe('MAIN_RESTORE_SAME_PERSON');
    const state = granted(await confirm(second));
    expect([state.state, state.yes.map(({ endorsed }) => typeof endorsed?.passkey), epochs]).toEqual([
      'confirmed',
      ['string', 'string'],
      1,
    ]);
    const events = await change("select public from event_inbox where type = 'storage.restore.confirmed' order by public->>'yes'");
    expect(events).toMatchObject([{ public: { yes: 1, signed: true } }, { public: { yes: 2, signed: true } }]);
  });

  test('is not taken with a signature of another restore, another person, or of what was found differently', async () => {
    await open();
    const other = await sign(second);
    await change("update storage_restore set id = 'rst_2' where id = $1", RESTORE);
    const elsewhere = await sign(first);
    await change("update storage_restore set id = $1, backup = 'bak_2' where id = 'rst_2'", RESTORE);
    const otherBackup = await sign(first);
    await change("update storage_restore set backup = 'bak_1', witnessed = 'another checkpoint' where id = $1", RESTORE);
    const otherFinding = await sign(first);
    await change('update storage_restore set witnessed = null where id = $1', RESTORE);
    for (const wrong of [other, elsewhere, otherBackup, otherFinding])
      expect(codeOf(await confirm(first, wrong))).toBe('IDENTITY_PASSKEY_INVALID');
    expect((await gate.state())?.yes).toEqual([]);
  });
});

describe('whoever can write into the database', () => {
  const forge = (by: Signer) =>
    change('insert into storage_restore_yes (restore, person, at) values ($1, $2, $3)', RESTORE, person(by).person, new Date(clock.now()));

  test('says yes for nobody, and keeps nobody from saying it', async () => {
    await open();
    await forge(second);
    expect((await gate.state())?.yes).toEqual([]);
    expect(granted(await confirm(first)).state).toBe('pending');
    expect(await isOpen()).toBe(false);
    expect(granted(await confirm(second)).state).toBe('confirmed');
  });

  test.each([
    ['the person', 'update storage_restore_yes set person = $1'],
    ['the signature', 'update storage_restore_yes set signature = null, passkey = null where $1 <> $$$$'],
    ['how many it takes', 'update storage_restore set needed = 1, runs_at = restored_at where $1 <> $$$$'],
    ['when it was put back', "update storage_restore set restored_at = restored_at + interval '1 hour' where $1 <> $$$$"],
  ])('changes %s and the yes that was given counts no more', async (_what, statement) => {
    await open();
    await confirm(first);
    await change(statement, person(second).person);
    expect((await gate.state())?.yes).toEqual([]);
    expect([granted(await confirm(second)).state, await isOpen(), epochs]).toEqual(['pending', false, 0]);
  });

  test('does not shorten the wait of somebody who is alone', async () => {
    await open(1);
    expect(granted(await confirm(first)).state).toBe('pending');
    await change("update storage_restore set runs_at = restored_at - interval '1 day'");
    expect((await gate.state())?.yes).toEqual([]);
    await open(1);
    await confirm(first);
    clock.advance(DELAY_MS);
    expect((await gate.state())?.yes).toHaveLength(1);
  });
});

test('a passkey that is removed before it opens takes its yes with it, and a person without one is taken at their word', async () => {
  await open();
  await confirm(second);
  const link = granted(await identity.resetPerson(person(first), person(second).person));
  expect((await gate.state())?.yes).toEqual([]);
  expect(granted(await confirm(first)).state).toBe('pending');
  const back = { token: granted(await identity.redeem(link.secret)).token, device: passkeyDevice() };
  const state = granted(await gate.confirm(person(back)));
  expect([state.state, state.yes.filter(({ endorsed }) => endorsed?.signature === null).length]).toEqual(['confirmed', 1]);
  const events = await change("select public from event_inbox where type = 'storage.restore.confirmed' and public->>'signed' = 'false'");
  expect(events).toMatchObject([{ public: { yes: 2, passkey: null } }]);
});
