// People of one tenant, calls that wait for them, and what became of those. A fresh tenant for every test.

import { type FixedClock, fixedClock, newTenant, seededRandom, type TestDatabase, testDatabase, testPerson } from '@sallyport/testkit';
import {
  type ApprovalId,
  isRefusal,
  newId,
  type PersonPrincipal,
  type RunId,
  refuse,
  type Signatures,
  type TenantId,
  type WorkloadPrincipal,
} from '#core';
import { migrations as storageMigrations } from '#storage';
import { type ApprovalRow, type Approvals, createApprovals, migrations, type NewApproval } from '../index.ts';

export const MINUTE = 60_000;
/** How long a yes of somebody who is alone waits. */
export const DELAY = 10 * MINUTE;

export interface Deciding {
  readonly clock: FixedClock;
  readonly approvals: Approvals;
  begin(): void;
  join(): PersonPrincipal;
  leave(person: PersonPrincipal): void;
  /** May decide again, or from now on. */
  comeBack(person: PersonPrincipal): void;
  /** A run this one started. */
  startedBy(person: string): RunId;
  request(change?: Partial<NewApproval>): Promise<ApprovalRow>;
  look(id: ApprovalId): Promise<ApprovalRow>;
  /** The state after the yes, or the code of the refusal. */
  yes(person: PersonPrincipal, approval: ApprovalRow): Promise<string>;
  claim(id: ApprovalId): Promise<unknown>;
  /** What is ready to run. */
  due(): Promise<readonly ApprovalId[]>;
  /** Its events in order, without their common beginning. */
  eventsOf(id: ApprovalId): Promise<readonly string[]>;
  close(): Promise<void>;
}

/** Nobody has one. */
export const NO_PASSKEYS: Signatures = {
  isAskedOf: () => false,
  check: async () => refuse('IDENTITY_PASSKEY_INVALID', 'There are no passkeys here.'),
  verify: async () => null,
};

export const outcome = (result: unknown): string => (isRefusal(result) ? result.code : (result as ApprovalRow).state);
export const usd = (amountMinor: bigint) => ({ amountMinor, currency: 'USD' });

export async function openDeciding(): Promise<Deciding> {
  const random = seededRandom();
  const clock = fixedClock(Date.UTC(2026, 10, 2));
  const test: TestDatabase = await testDatabase([...storageMigrations, ...migrations], { poolSize: 16 });
  let tenant: TenantId = newTenant(random);
  let people: PersonPrincipal[] = [];
  const starters = new Map<string, string>();
  const approvals = createApprovals({
    db: test.db,
    clock,
    random,
    sealChange: async () => new Uint8Array(),
    sealKey: random.bytes(32),
    signatures: NO_PASSKEYS,
    people: async () => people.map(({ person }) => person),
    starterOf: async (_tx, _tenant, { id }) => starters.get(id) ?? null,
    solo: { delayMs: DELAY, perDay: '100' },
  });
  const look = async (id: ApprovalId): Promise<ApprovalRow> => (await approvals.show(tenant, id)) as ApprovalRow;
  return {
    clock,
    approvals,
    look,
    begin: () => {
      tenant = newTenant(random);
      people = [];
    },
    join: () => {
      const [person, session] = [newId('per', clock, random), newId('ses', clock, random)];
      people.push(testPerson({ tenant, person, session, roles: [people.length === 0 ? 'owner' : 'approver'] }));
      return people.at(-1) as PersonPrincipal;
    },
    leave: (person) => {
      people = people.filter((one) => one !== person);
    },
    comeBack: (person) => {
      people.push(person);
    },
    startedBy: (person) => {
      const run = newId('run', clock, random);
      starters.set(run, person);
      return run;
    },
    request: async (change = {}) => {
      const workload: WorkloadPrincipal = {
        kind: 'workload',
        tenant,
        workload: newId('wkl', clock, random),
        key: newId('key', clock, random),
        workflow: null,
        integrations: new Set(),
      };
      const approval: NewApproval = {
        tenant,
        call: newId('call', clock, random),
        requestedBy: workload,
        digest: Buffer.from(random.bytes(32)).toString('hex'),
        sealedSentence: Uint8Array.of(1),
        sealedCall: Uint8Array.of(2),
        sealedContext: null,
        evidence: {},
        expiresAtMs: clock.now() + 24 * 60 * MINUTE,
        integration: 'shop',
        operation: 'refunds.create',
        run: null,
        workflow: null,
        amount: usd(6_000n),
        needsTwo: true,
        soloPerDay: null,
        ...change,
      };
      return look(await test.db.inTenant(tenant, (tx) => approvals.request(tx, approval)));
    },
    yes: async (person, { id, digest }) => outcome(await approvals.approve(person, id, digest)),
    claim: (id) => test.db.inTenant(tenant, (tx) => approvals.claimExecution(tx, tenant, id)),
    due: async () => (await approvals.sweep()).map(({ approval }) => approval),
    eventsOf: async (id) => {
      const rows = await test.admin<{ type: string }>('select type from event_inbox where subject = $1 order by sequence', [id]);
      return rows.map((row) => row.type.replace('approvals.call.', ''));
    },
    close: () => test.close(),
  };
}
