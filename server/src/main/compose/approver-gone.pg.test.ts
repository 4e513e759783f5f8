// A yes counts while whoever gave it may still give it: asked again when the call runs, of people here and of an agency. Real rooms.

import { type FixedClock, fixedClock, seededRandom, type TestDatabase, testDatabase } from '@sallyport/testkit';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type ApprovalRow, type Approvals, migrations as approvalMigrations, createApprovals } from '#approvals';
import { isRefusal, newId, type PersonId, type PersonPrincipal, type TenantId } from '#core';
import { createIdentity, type Identity, migrations as identityMigrations } from '#identity';
import { migrations as storageMigrations } from '#storage';
import { type Agency, openAgency } from './agency.ts';

const DAY_MS = 24 * 60 * 60_000;
const random = seededRandom();
let clock: FixedClock;
let database: TestDatabase;
let identity: Identity;
let agency: Agency;
let approvals: Approvals;
let client: TenantId;
let home: TenantId;

beforeAll(async () => {
  clock = fixedClock(Date.now());
  database = await testDatabase([...storageMigrations, ...identityMigrations, ...approvalMigrations]);
  identity = await createIdentity({ db: database.db, clock, random, pepper: random.bytes(32) });
  agency = await openAgency({ db: database.db, identity, onFault: (fault) => console.error(fault) });
  approvals = createApprovals({
    ...{ db: database.db, clock, random },
    people: (tx, tenant, on) => agency.peopleWho(tx, tenant, 'approvals.decide', on),
    starterOf: async () => null,
    sealChange: async () => new Uint8Array(),
    sealKey: random.bytes(32),
    signatures: identity.signatures,
    solo: { delayMs: 0, perDay: '1000' },
  });
});
afterAll(async () => {
  await agency.close();
  await identity.close();
  await database.close();
});

let tenants = 0;
beforeEach(async () => {
  tenants += 1;
  client = await identity.createTenant({ name: `client-${tenants}` });
  home = await identity.createTenant({ name: `agency-${tenants}` });
  for (const tenant of [client, home]) await agency.directory.refresh(tenant);
});

async function added(tenant: TenantId, roles: readonly string[]): Promise<PersonPrincipal> {
  const made = await identity.addPerson({ tenant, name: 'Ana Example', roles, actor: 'installation' });
  const opened = isRefusal(made) ? made : await identity.redeem(made.secret);
  if (isRefusal(opened)) throw new Error(opened.code);
  return identity.authenticateSession(opened.token) as PersonPrincipal;
}

async function ask(integration = 'shop'): Promise<ApprovalRow> {
  const requestedBy = {
    kind: 'workload',
    tenant: client,
    workload: newId('wkl', clock, random),
    key: newId('key', clock, random),
  } as const;
  const id = await database.db.inTenant(client, (tx) =>
    approvals.request(tx, {
      ...{ tenant: client, call: newId('call', clock, random), integration, operation: 'refunds.create', evidence: {} },
      requestedBy: { ...requestedBy, workflow: null, integrations: new Set() },
      digest: Buffer.from(random.bytes(32)).toString('hex'),
      ...{ sealedSentence: Uint8Array.of(1), sealedCall: Uint8Array.of(2), sealedContext: null },
      ...{ expiresAtMs: clock.now() + DAY_MS, run: null, workflow: null, amount: null, needsTwo: false, soloPerDay: null },
    }),
  );
  return (await approvals.show(client, id)) as ApprovalRow;
}

const codeOf = (answer: object): string => (isRefusal(answer) ? answer.code : 'ok');
const approve = async (person: PersonPrincipal, { id, digest }: ApprovalRow) => codeOf(await approvals.approve(person, id, digest));
const claim = async ({ id }: ApprovalRow) => codeOf(await database.db.inTenant(client, (tx) => approvals.claimExecution(tx, client, id)));

test.each<[string, (person: PersonId) => Promise<unknown>]>([
  ['left', (person) => identity.removePerson({ tenant: client, person, actor: 'installation' })],
  [
    'lost the role',
    async (person) => {
      for (const { id } of await identity.listGrants(client, person))
        await identity.endGrant({ tenant: client, grant: id, actor: 'installation' });
    },
  ],
  [
    'may decide on something else only',
    async (person) => {
      for (const { id } of await identity.listGrants(client, person))
        await identity.endGrant({ tenant: client, grant: id, actor: 'installation' });
      const narrowed = { tenant: client, subject: person, role: 'approver', scope: { integration: 'mail' }, actor: 'installation' };
      expect(codeOf(await identity.grant(narrowed))).toBe('ok');
    },
  ],
])('a call is not run that somebody approved who since then %s', async (_what, loses) => {
  const approver = await added(client, ['approver']);
  const row = await ask();
  expect(await approve(approver, row)).toBe('ok');
  await loses(approver.person);
  expect(await claim(row)).toBe('APPROVALS_APPROVER_GONE');
  const elsewhere = await ask('mail');
  if (_what === 'may decide on something else only') {
    expect(await approve(approver, elsewhere)).toBe('ok');
    expect(await claim(elsewhere)).toBe('ok');
  }
});

test('a role that ran out by itself counts no more either', async () => {
  const approver = await added(client, []);
  const until = { tenant: client, subject: approver.person, role: 'approver', expiresAtMs: clock.now() + 60_000, actor: 'installation' };
  expect(codeOf(await identity.grant(until))).toBe('ok');
  const row = await ask();
  expect(await approve(approver, row)).toBe('ok');
  clock.advance(61_000);
  expect(await claim(row)).toBe('APPROVALS_APPROVER_GONE');
});

test('staff of an agency count while their delegation lives, and no longer', async () => {
  const staff = await added(home, ['approver']);
  const [owner] = await identity.listPeople(client);
  const offer = await agency.delegations.offer({
    ...{ tenant: client, agency: home, subject: staff.person, role: 'approver', scope: {}, reason: 'Decides for us' },
    ...{ expiresAtMs: Date.now() + DAY_MS, actor: owner?.id as PersonId },
  });
  if (isRefusal(offer)) throw new Error(offer.code);
  expect(agency.isSolo(client)).toBe(true);
  await agency.delegations.accept({ agency: home, client, id: offer.id, actor: staff.person });
  expect(agency.isSolo(client)).toBe(false);
  const visitor = agency.visits.enter(staff, client) as PersonPrincipal;
  const [runs, stops] = [await ask(), await ask()];
  for (const row of [runs, stops]) expect(await approve(visitor, row)).toBe('ok');
  expect(await claim(runs)).toBe('ok');
  await agency.delegations.end({ tenant: client, id: offer.id, actor: owner?.id as PersonId });
  expect(await claim(stops)).toBe('APPROVALS_APPROVER_GONE');
  expect(agency.isSolo(client)).toBe(true);
});

test('an unsigned yes to what is masked, changed in the database to one that sends it as it is, runs nothing', async () => {
  const row = await ask();
  expect(await approve(await added(client, ['approver']), row)).toBe('ok');
  await database.admin('update approval_decisions set sends_as_is = true where approval = $1', [row.id]);
  expect(await claim(row)).toBe('APPROVALS_NOT_PROVEN');
});
