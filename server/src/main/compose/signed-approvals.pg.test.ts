// Decisions that are proven again when their call runs: whoever can write into the database can make none. Real identity, real approvals.

import {
  codeOf,
  type FixedClock,
  fixedClock,
  granted,
  type Signer,
  seededRandom,
  signersOf,
  type TestDatabase,
  testDatabase,
} from '@sallyport/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ApprovalRow, type Approvals, migrations as approvalMigrations, createApprovals, endorsableOf } from '#approvals';
import { type ApprovalId, isRefusal, newId, type PasskeyAssertion, type TenantId } from '#core';
import { createIdentity, type Identity, migrations as identityMigrations } from '#identity';
import { outsideTransaction, query, sql, migrations as storageMigrations } from '#storage';

const DELAY_MS = 600_000;
const random = seededRandom();
let clock: FixedClock;
let database: TestDatabase;
let identity: Identity;
let approvals: Approvals;
beforeAll(async () => {
  clock = fixedClock();
  database = await testDatabase([...storageMigrations, ...identityMigrations, ...approvalMigrations]);
  identity = await createIdentity({ db: database.db, clock, random, pepper: random.bytes(32) });
  approvals = createApprovals({
    db: database.db,
    clock,
    random,
    people: identity.activePeople,
    starterOf: async () => null,
    sealChange: async () => new Uint8Array(),
    sealKey: random.bytes(32),
    signatures: identity.signatures,
    solo: { delayMs: DELAY_MS, perDay: '1000' },
  });
});
afterAll(async () => {
  await identity.close();
  await database.close();
});

const { person, signer } = signersOf(() => identity);

let tenants = 0;
async function people(count: 1 | 2): Promise<{ tenant: TenantId; first: Signer; second: Signer }> {
  tenants += 1;
  const tenant = await identity.createTenant({ name: `shop-${tenants}` });
  const first = await signer(await identity.ownerLink(tenant));
  if (count === 1) return { tenant, first, second: first };
  const added = await identity.addPerson({ tenant, name: 'Ana', actor: person(first).person });
  if (isRefusal(added)) throw new Error(added.code);
  return { tenant, first, second: await signer(added.secret) };
}

async function ask(tenant: TenantId, needsTwo = false): Promise<ApprovalRow> {
  const requestedBy = { kind: 'workload', tenant, workload: newId('wkl', clock, random), key: newId('key', clock, random) } as const;
  const id = await database.db.inTenant(tenant, (tx) =>
    approvals.request(tx, {
      tenant,
      call: newId('call', clock, random),
      requestedBy: { ...requestedBy, workflow: null, integrations: new Set() },
      digest: Buffer.from(random.bytes(32)).toString('hex'),
      sealedSentence: Uint8Array.of(1),
      sealedCall: Uint8Array.of(2),
      sealedContext: null,
      evidence: {},
      expiresAtMs: clock.now() + 86_400_000,
      integration: 'shop',
      operation: 'refunds.create',
      run: null,
      workflow: null,
      amount: { amountMinor: 5_000n, currency: 'USD' },
      needsTwo,
      soloPerDay: null,
    }),
  );
  return show(tenant, id);
}
const show = async (tenant: TenantId, id: ApprovalId): Promise<ApprovalRow> => (await approvals.show(tenant, id)) as ApprovalRow;
const signed = async (by: Signer, row: ApprovalRow): Promise<PasskeyAssertion> =>
  by.device.get(await identity.signOptions(person(by), endorsableOf(row)));
const approve = async (by: Signer, row: ApprovalRow, signature?: PasskeyAssertion) =>
  approvals.approve(person(by), row.id, row.digest, { assertion: signature ?? (await signed(by, row)) });
const claim = (row: ApprovalRow) => database.db.inTenant(row.tenant, (tx) => approvals.claimExecution(tx, row.tenant, row.id));
const change = (text: string, ...values: readonly unknown[]) => database.admin(text, [...values]);

describe('an approval by somebody with a passkey', () => {
  test('is signed, is proven when the call runs, and says so in the log', async () => {
    const { tenant, first } = await people(1);
    const row = await ask(tenant);
    expect(codeOf(await approve(first, row))).toBe('ok');
    expect(codeOf(await claim(row))).toBe('ok');
    const [event] = await change(`select public from event_inbox where subject = $1 and type = 'approvals.call.approved'`, row.id);
    expect(event).toMatchObject({ public: { digest: row.digest, signed: true } });
  });

  test('is not taken without a signature, nor from the command line', async () => {
    const { tenant, first } = await people(1);
    const row = await ask(tenant);
    expect(codeOf(await approvals.approve(person(first), row.id, row.digest))).toBe('APPROVALS_SIGNATURE_REQUIRED');
    const cli = { token: await identity.createCliCredential({ tenant, label: 'here' }) };
    expect(codeOf(await approvals.approve(person(cli), row.id, row.digest))).toBe('APPROVALS_SIGNATURE_REQUIRED');
    expect((await show(tenant, row.id)).state).toBe('pending');
  });

  test('is not taken without a signature from a session that ended while it was asked', async () => {
    const { tenant, first } = await people(1);
    const row = await ask(tenant);
    const by = person(first);
    await identity.signOut(by);
    expect(codeOf(await approvals.approve(by, row.id, row.digest))).toBe('APPROVALS_SIGNATURE_REQUIRED');
    expect((await show(tenant, row.id)).state).toBe('pending');
  });

  test('is not taken with a signature of another call, another person, or an unverified user', async () => {
    const { tenant, first, second } = await people(2);
    const [row, other] = [await ask(tenant), await ask(tenant)];
    const options = await identity.signOptions(person(first), endorsableOf(row));
    for (const wrong of [await signed(first, other), await signed(second, row), first.device.get(options, { isVerified: false })])
      expect(codeOf(await approve(first, row, wrong))).toBe('IDENTITY_PASSKEY_INVALID');
    expect((await show(tenant, row.id)).state).toBe('pending');
  });

  test('is not taken with a passkey that is being removed at the same moment', async () => {
    const { tenant, first } = await people(1);
    const row = await ask(tenant);
    const [by, assertion] = [person(first), await signed(first, row)];
    const waits = () => change("select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'");
    let said: Promise<unknown> | undefined;
    await database.db.inTenant(tenant, async (tx) => {
      await sql`update identity_passkeys set removed_at = now() where tenant = ${tenant}`.execute(query(tx));
      said = outsideTransaction(() => approvals.approve(by, row.id, row.digest, { assertion }));
      while ((await waits()).length === 0) await new Promise((resolve) => setImmediate(resolve));
    });
    expect(codeOf(await said)).toBe('IDENTITY_PASSKEY_INVALID');
    expect((await show(tenant, row.id)).state).toBe('pending');
  });
});

describe('whoever can write into the database', () => {
  const STATE = "update approvals set state = 'approved', decided_at = now(), decided_by = $2 where id = $1";
  const YES = `insert into approval_decisions (tenant, approval, person, verdict, decided_at) values ($1, $2, $3, 'approved', now())`;

  test('approves nothing by changing the state of a call, with or without a row for the yes', async () => {
    const { tenant, first } = await people(1);
    const row = await ask(tenant);
    await change(STATE, row.id, person(first).person);
    expect(codeOf(await claim(row))).toBe('APPROVALS_NOT_PROVEN');
    const again = await ask(tenant);
    await change(STATE, again.id, person(first).person);
    await change(YES, tenant, again.id, person(first).person);
    expect(codeOf(await claim(again))).toBe('APPROVALS_NOT_PROVEN');
    expect(await show(tenant, again.id)).toMatchObject({ state: 'failed', code: 'APPROVALS_NOT_PROVEN' });
    expect(await change(`select 1 from event_inbox where subject = $1 and type = 'approvals.call.unproven'`, again.id)).toHaveLength(1);
  });

  test('moves no yes from one call to another', async () => {
    const { tenant, first } = await people(1);
    const [harmless, wanted] = [await ask(tenant), await ask(tenant)];
    await approve(first, harmless);
    await change(STATE, wanted.id, person(first).person);
    await change('update approval_decisions set approval = $2 where approval = $1', harmless.id, wanted.id);
    expect(codeOf(await claim(wanted))).toBe('APPROVALS_NOT_PROVEN');
  });

  test('makes of a yes to what is masked no yes to what is sent as it is, whether it is signed or not', async () => {
    const { tenant, first } = await people(1);
    const [masked, asIs] = [await ask(tenant), await ask(tenant)];
    const forAsIs = async (row: ApprovalRow): Promise<PasskeyAssertion> =>
      first.device.get(await identity.signOptions(person(first), endorsableOf(row, 'as_is')));
    const say = (row: ApprovalRow, assertion: PasskeyAssertion) =>
      approvals.approve(person(first), row.id, row.digest, { assertion, sendsAsIs: true });
    expect(codeOf(await say(asIs, await signed(first, asIs)))).toBe('IDENTITY_PASSKEY_INVALID');
    expect(codeOf(await say(asIs, await forAsIs(asIs)))).toBe('ok');
    expect(await claim(asIs)).toMatchObject({ sendsAsIs: true });
    await approve(first, masked);
    await change('update approval_decisions set sends_as_is = true where approval = $1', masked.id);
    expect(codeOf(await claim(masked))).toBe('APPROVALS_NOT_PROVEN');
  });

  test.each([
    ['the digest', "digest = repeat('a', 64)"],
    ['the stored call', `sealed_call = '\\x09'`],
    ['the operation', "operation = 'refunds.all'"],
    ['the amount', 'amount_minor = 1'],
  ])('changes %s of an approved call for nothing', async (_what, set) => {
    const { tenant, first } = await people(1);
    const row = await ask(tenant);
    await approve(first, row);
    await change(`update approvals set ${set} where id = $1`, row.id);
    expect(codeOf(await claim(row))).toBe('APPROVALS_NOT_PROVEN');
  });

  test('does not make one person out of two', async () => {
    const { tenant, first } = await people(2);
    const row = await ask(tenant, true);
    expect(row.required).toBe(2);
    await change("update approvals set required = 1, mode = 'one' where id = $1", row.id);
    await approve(first, row);
    expect(codeOf(await claim(row))).toBe('APPROVALS_NOT_PROVEN');
  });

  test('does not shorten the wait of somebody who is alone, nor take away a signature', async () => {
    const { tenant, first } = await people(1);
    const row = await ask(tenant, true);
    await approve(first, row);
    await change("update approvals set runs_at = now() - interval '1 year' where id = $1", row.id);
    expect(codeOf(await claim(row))).toBe('APPROVALS_NOT_PROVEN');
    const other = await ask(tenant);
    await approve(first, other);
    await change('update approval_decisions set signature = null where approval = $1', other.id);
    expect(codeOf(await claim(other))).toBe('APPROVALS_NOT_PROVEN');
    const honest = await ask(tenant, true);
    await approve(first, honest);
    clock.advance(DELAY_MS);
    expect(codeOf(await claim(honest))).toBe('ok');
  });

  test('lets no step of a workflow go on', async () => {
    const { tenant, first } = await people(1);
    const row = await ask(tenant);
    await change("update approvals set sealed_call = null, state = 'done', decided_by = $2 where id = $1", row.id, person(first).person);
    expect(await approvals.proven(tenant, row.id)).toMatchObject({ state: 'failed', code: 'APPROVALS_NOT_PROVEN' });
  });
});

test('a passkey that is removed takes with it the approvals that have not run', async () => {
  const { tenant, first } = await people(1);
  const row = await ask(tenant);
  await approve(first, row);
  granted(await identity.resetPerson(person(first), person(first).person));
  expect(codeOf(await claim(row))).toBe('APPROVALS_NOT_PROVEN');
});
