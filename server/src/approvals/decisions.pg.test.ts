// How many people it takes, who they may be, and what stands for the second one while there is only one. On a real Postgres.

import { type FixedClock, fixedClock, newTenant, seededRandom, type TestDatabase, testDatabase } from '@sallyport/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type ApprovalId, isRefusal, newId, type PersonPrincipal, type RunId, type TenantId, type WorkloadPrincipal } from '#core';
import { migrations as storageMigrations } from '#storage';
import { type ApprovalRow, type Approvals, approvalsEvents, createApprovals, migrations, type NewApproval } from './index.ts';

const MINUTE = 60_000;
const DELAY = 10 * MINUTE;
const random = seededRandom();
const clock: FixedClock = fixedClock(Date.UTC(2026, 10, 2));
let test: TestDatabase;
let approvals: Approvals;
let tenant: TenantId;
/** Who is there, and who started which run; each test has a tenant of its own. */
let people: PersonPrincipal[] = [];
const starters = new Map<string, string>();

beforeAll(async () => {
  test = await testDatabase([...storageMigrations, ...migrations], { poolSize: 16 });
  approvals = createApprovals({
    db: test.db,
    clock,
    random,
    people: async () => people.map(({ person }) => person),
    starterOf: async (_tx, _tenant, run) => starters.get(run) ?? null,
    solo: { delayMs: DELAY, perDay: '100' },
  });
});
afterAll(() => test.close());
beforeEach(() => {
  tenant = newTenant(random);
  people = [];
});

function join(): PersonPrincipal {
  const person: PersonPrincipal = {
    kind: 'person',
    tenant,
    person: newId('per', clock, random),
    session: newId('ses', clock, random),
    role: people.length === 0 ? 'owner' : 'approver',
  };
  people.push(person);
  return person;
}
const usd = (amountMinor: bigint) => ({ amountMinor, currency: 'USD' });

async function request(change: Partial<NewApproval> = {}): Promise<ApprovalRow> {
  const workload: WorkloadPrincipal = {
    kind: 'workload',
    tenant,
    workload: newId('wkl', clock, random),
    key: newId('key', clock, random),
    workflow: null,
    integrations: new Set(),
  };
  const id = await test.db.inTenant(tenant, (tx) =>
    approvals.request(tx, {
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
    }),
  );
  return look(id);
}
const look = async (id: ApprovalId): Promise<ApprovalRow> => (await approvals.show(tenant, id)) as ApprovalRow;
const yes = async (person: PersonPrincipal, { id, digest }: ApprovalRow) => outcome(await approvals.approve(person, id, digest));
const outcome = (result: ApprovalRow | object): string => (isRefusal(result) ? result.code : (result as ApprovalRow).state);
const claim = (id: ApprovalId) => test.db.inTenant(tenant, (tx) => approvals.claimExecution(tx, tenant, id));
const due = async (): Promise<readonly ApprovalId[]> => (await approvals.sweep()).map(({ approval }) => approval);
async function eventsOf(id: ApprovalId): Promise<string[]> {
  const rows = await test.admin<{ type: string }>('select type from event_inbox where subject = $1 order by sequence', [id]);
  for (const { type } of rows) expect(approvalsEvents.map((event) => event.type)).toContain(type);
  return rows.map((row) => row.type.replace('approvals.call.', ''));
}
function startedBy(person: PersonPrincipal): RunId {
  const run = newId('run', clock, random);
  starters.set(run, person.person);
  return run;
}

describe('four eyes [PROMISE-5]', () => {
  it('take two different people, each with an event; the first yes runs nothing', async () => {
    const [first, second] = [join(), join()];
    const asked = await request();
    expect(asked).toMatchObject({ mode: 'four_eyes', required: 2 });
    expect(await yes(first, asked)).toBe('pending');
    expect(outcome(await claim(asked.id))).toBe('APPROVALS_NOT_CLAIMABLE');
    expect(await due()).not.toContain(asked.id);
    expect(await yes(second, asked)).toBe('approved');
    expect((await look(asked.id)).decisions).toMatchObject([
      { by: first.person, verdict: 'approved' },
      { by: second.person, verdict: 'approved' },
    ]);
    expect(await eventsOf(asked.id)).toEqual(['requested', 'endorsed', 'approved']);
    expect(isRefusal(await claim(asked.id))).toBe(false);
  });

  it('are not two of the same person, however often and at however many moments', async () => {
    const [first] = [join(), join()];
    const asked = await request();
    const tries = await Promise.all(Array.from({ length: 8 }, () => yes(first, asked)));
    expect(tries.filter((result) => result === 'pending')).toHaveLength(1);
    expect(tries.filter((result) => result === 'APPROVALS_SAME_PERSON')).toHaveLength(7);
    expect(await approvals.mayApprove(first, await look(asked.id))).toBe('APPROVALS_SAME_PERSON');
    expect((await look(asked.id)).state).toBe('pending');
  });

  it('given at the same moment are one approval and one execution', async () => {
    const pair = [join(), join(), join()];
    const asked = await request();
    const results = await Promise.all(pair.map((person) => yes(person, asked)));
    expect(results.toSorted()).toEqual(['APPROVALS_NOT_PENDING', 'approved', 'pending']);
    const claims = await Promise.all(Array.from({ length: 6 }, () => claim(asked.id)));
    expect(claims.filter((result) => !isRefusal(result))).toHaveLength(1);
    expect(await eventsOf(asked.id)).toEqual(['requested', 'endorsed', 'approved', 'claimed']);
  });

  it('are ended by the no of anyone, also of one who had said yes', async () => {
    const [first, second] = [join(), join()];
    for (const denier of [first, second]) {
      const asked = await request();
      await yes(first, asked);
      expect(outcome(await approvals.deny(denier, asked.id, 'not like this'))).toBe('denied');
      expect(await yes(second, asked)).toBe('APPROVALS_NOT_PENDING');
      expect((await look(asked.id)).decisions.map(({ verdict }) => verdict)).toEqual(['approved', 'denied']);
      expect(await eventsOf(asked.id)).toEqual(['requested', 'endorsed', 'denied']);
    }
  });

  it('see the digest that is stored, both of them', async () => {
    const [first, second] = [join(), join()];
    const asked = await request();
    await yes(first, asked);
    expect(await yes(second, { ...asked, digest: 'f'.repeat(64) })).toBe('APPROVALS_DIGEST_MISMATCH');
    expect((await look(asked.id)).state).toBe('pending');
  });

  it('are not those of somebody who was removed in between', async () => {
    const [first, second, third] = [join(), join(), join()];
    const asked = await request();
    await yes(first, asked);
    people = people.filter((person) => person !== first);
    expect(await yes(first, asked)).toBe('APPROVALS_NOT_A_PERSON');
    expect(await yes(second, asked)).toBe('pending');
    expect(await yes(third, asked)).toBe('approved');
  });

  it('stay needed when everybody else has left: the requirement is never lowered', async () => {
    const [first, second] = [join(), join()];
    const asked = await request();
    people = people.filter((person) => person !== second);
    expect(await yes(first, asked)).toBe('pending');
    expect(await yes(first, asked)).toBe('APPROVALS_SAME_PERSON');
    clock.advance(24 * 60 * MINUTE + 1);
    expect(await yes(second, asked)).not.toBe('approved');
    await approvals.sweep();
    expect((await look(asked.id)).state).toBe('expired');
  });
});

describe('whoever asked', () => {
  it('does not count while there are enough others, and is told so', async () => {
    const [asker, second, third] = [join(), join(), join()];
    const asked = await request({ run: startedBy(asker) });
    expect(asked).toMatchObject({ askedBy: asker.person, askerCounts: false });
    expect(await yes(asker, asked)).toBe('APPROVALS_ASKER');
    expect(await approvals.mayApprove(asker, asked)).toBe('APPROVALS_ASKER');
    expect(await yes(second, asked)).toBe('pending');
    expect(await yes(third, asked)).toBe('approved');
  });

  it('may not say the one yes it takes below the limit either, when somebody else can', async () => {
    const [asker, second] = [join(), join()];
    const asked = await request({ run: startedBy(asker), needsTwo: false });
    expect(asked).toMatchObject({ mode: 'one', required: 1 });
    expect(await yes(asker, asked)).toBe('APPROVALS_ASKER');
    expect(await yes(second, asked)).toBe('approved');
  });

  it('is one of the two when there are only two, and may always say no', async () => {
    const [asker, second] = [join(), join()];
    const asked = await request({ run: startedBy(asker) });
    expect(await yes(asker, asked)).toBe('pending');
    expect(await yes(second, asked)).toBe('approved');
    join();
    const other = await request({ run: startedBy(asker) });
    expect(outcome(await approvals.deny(asker, other.id, 'my mistake'))).toBe('denied');
  });

  it('decides alone when alone, and does not matter when it was no person or nobody who is here', async () => {
    const only = join();
    expect(await yes(only, await request({ run: startedBy(only), needsTwo: false }))).toBe('approved');
    const run = newId('run', clock, random);
    starters.set(run, 'integration:shop');
    join();
    expect(await request({ run, needsTwo: false })).toMatchObject({ askedBy: null, askerCounts: true });
  });
});

describe('somebody who is alone', () => {
  it('approves above the limit with a delay: nothing can run it earlier, then it runs once', async () => {
    const only = join();
    const asked = await request();
    expect(asked).toMatchObject({ mode: 'solo', required: 1, runsAtMs: null });
    expect(await yes(only, asked)).toBe('approved');
    const runsAtMs = clock.now() + DELAY;
    expect(await look(asked.id)).toMatchObject({ state: 'approved', runsAtMs });
    expect(await eventsOf(asked.id)).toEqual(['requested', 'approved', 'delayed']);
    clock.advance(DELAY - 1);
    expect(outcome(await claim(asked.id))).toBe('APPROVALS_NOT_CLAIMABLE');
    expect(await due()).not.toContain(asked.id);
    clock.advance(1);
    expect(await due()).toContain(asked.id);
    const claims = await Promise.all([claim(asked.id), claim(asked.id)]);
    expect(claims.filter((result) => !isRefusal(result))).toHaveLength(1);
  });

  it('can call it off until then, and not afterwards', async () => {
    const only = join();
    const [early, late] = [await request({ amount: usd(1_000n) }), await request({ amount: usd(1_000n) })];
    expect(outcome(await approvals.cancel(only, early.id, 'too soon'))).toBe('APPROVALS_NOT_CANCELLABLE');
    for (const asked of [early, late]) await yes(only, asked);
    expect(outcome(await approvals.cancel(only, early.id, 'looked again'))).toBe('denied');
    clock.advance(DELAY);
    expect(outcome(await claim(early.id))).toBe('APPROVALS_NOT_CLAIMABLE');
    expect(outcome(await approvals.cancel(only, late.id, 'too late'))).toBe('APPROVALS_NOT_CANCELLABLE');
    expect(isRefusal(await claim(late.id))).toBe(false);
    expect(await eventsOf(early.id)).toEqual(['requested', 'approved', 'delayed', 'cancelled']);
    expect((await look(early.id)).decisions.map(({ verdict }) => verdict)).toEqual(['approved', 'cancelled']);
  });

  it('stays under a cap a day in each currency, also with many at the same moment; what was called off is given back', async () => {
    const only = join();
    const asked = await Promise.all(Array.from({ length: 6 }, () => request({ amount: usd(4_000n) })));
    const results = await Promise.all(asked.map((one) => yes(only, one)));
    expect(results.filter((result) => result === 'approved')).toHaveLength(2);
    expect(results.filter((result) => result === 'APPROVALS_SOLO_CAP')).toHaveLength(4);
    const left = asked[results.indexOf('APPROVALS_SOLO_CAP')] as ApprovalRow;
    expect(await look(left.id)).toMatchObject({ state: 'pending', decisions: [] });
    expect(await approvals.mayApprove(only, left)).toBe('APPROVALS_SOLO_CAP');
    expect(await eventsOf(left.id)).toEqual(['requested', 'capped']);
    expect(await yes(only, await request({ amount: { amountMinor: 4_000n, currency: 'EUR' } }))).toBe('approved');
    await approvals.cancel(only, (asked[results.indexOf('approved')] as ApprovalRow).id, 'no');
    expect(await yes(only, left)).toBe('approved');
    expect(await yes(only, await request({ amount: usd(10_001n) }))).toBe('APPROVALS_SOLO_CAP');
    clock.advance(24 * 60 * MINUTE);
    expect(await yes(only, await request({ amount: usd(10_000n) }))).toBe('approved');
  });

  it('has the cap of the integration where it states one in that currency', async () => {
    const only = join();
    const small = await request({ amount: usd(600n), soloPerDay: usd(500n) });
    expect(await yes(only, small)).toBe('APPROVALS_SOLO_CAP');
    const other = await request({ amount: usd(600n), soloPerDay: { amountMinor: 500n, currency: 'EUR' } });
    expect(await yes(only, other)).toBe('approved');
  });

  it('has no cap where no money moves, but the delay', async () => {
    const only = join();
    expect(await yes(only, await request({ amount: null }))).toBe('approved');
  });

  it('is not too late because the delay is longer than the call would have waited', async () => {
    const only = join();
    const asked = await request({ expiresAtMs: clock.now() + MINUTE, amount: usd(100n) });
    await yes(only, asked);
    clock.advance(DELAY);
    expect(isRefusal(await claim(asked.id))).toBe(false);
  });

  it('is alone no more once a second person is there: from then on it takes two', async () => {
    const only = join();
    const before = await request({ amount: usd(100n) });
    const second = join();
    const after = await request({ amount: usd(100n) });
    expect([before.mode, after.mode]).toEqual(['solo', 'four_eyes']);
    expect(await yes(only, after)).toBe('pending');
    expect(await yes(second, after)).toBe('approved');
  });

  it('decides at once below the limit', async () => {
    const asked = await request({ needsTwo: false });
    const only = join();
    expect(await yes(only, asked)).toBe('approved');
    expect(await look(asked.id)).toMatchObject({ mode: 'one', runsAtMs: null });
    expect(isRefusal(await claim(asked.id))).toBe(false);
  });
});

describe('a step of a workflow that waits for people', () => {
  const step = { sealedCall: null, integration: 'workflow', operation: 'approval', amount: null, needsTwo: false } as const;

  it('is done by the yes: nothing is there to send, and no executor gets it', async () => {
    const only = join();
    const asked = await request(step);
    expect(await yes(only, asked)).toBe('done');
    expect(outcome(await claim(asked.id))).toBe('APPROVALS_NOT_CLAIMABLE');
    expect(await eventsOf(asked.id)).toEqual(['requested', 'approved', 'finished']);
  });

  it('takes two people or a delay like everything else', async () => {
    const only = join();
    const alone = await request({ ...step, needsTwo: true });
    expect(await yes(only, alone)).toBe('approved');
    expect(await due()).not.toContain(alone.id);
    clock.advance(DELAY);
    expect(await due()).not.toContain(alone.id);
    expect((await look(alone.id)).state).toBe('done');
    const second = join();
    const both = await request({ ...step, needsTwo: true });
    expect(await yes(only, both)).toBe('pending');
    expect(await yes(second, both)).toBe('done');
    expect(await eventsOf(both.id)).toEqual(['requested', 'endorsed', 'approved', 'finished']);
  });

  it('is over when nobody decides, and when somebody says no', async () => {
    const only = join();
    const [late, denied] = [await request(step), await request(step)];
    expect(outcome(await approvals.deny(only, denied.id, 'no'))).toBe('denied');
    clock.advance(24 * 60 * MINUTE);
    expect(await yes(only, late)).toBe('APPROVALS_NOT_PENDING');
    await approvals.sweep();
    expect((await look(late.id)).state).toBe('expired');
  });
});
