// Stored calls on a real Postgres: who may decide, on what, how often; and what a dead process leaves behind.

import { type FixedClock, fixedClock, newTenant, seededRandom, type TestDatabase, testDatabase, testPerson } from '@sallyport/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type ApprovalId, type Evidence, isRefusal, newId, type PersonPrincipal, type TenantId, type WorkloadPrincipal } from '#core';
import { migrations as storageMigrations } from '#storage';
import { type ApprovalRow, type Approvals, approvalsEvents, createApprovals, migrations } from './index.ts';
import { NO_PASSKEYS } from './test/deciding.ts';

const OTHER = 'b'.repeat(64);
const random = seededRandom();
let clock: FixedClock;
let test: TestDatabase;
let approvals: Approvals;
let tenant: TenantId;
let owner: PersonPrincipal;
let workload: WorkloadPrincipal;
let digest: string;

beforeAll(async () => {
  test = await testDatabase([...storageMigrations, ...migrations], { poolSize: 16 });
  clock = fixedClock(Date.UTC(2026, 10, 1));
  tenant = newTenant(random);
  owner = testPerson({ tenant, person: newId('per', clock, random), session: newId('ses', clock, random) });
  approvals = createApprovals({
    db: test.db,
    clock,
    random,
    sealChange: async () => new Uint8Array(),
    sealKey: random.bytes(32),
    signatures: NO_PASSKEYS,
    people: async (_tx, of) => (of === tenant ? [owner.person] : []),
    starterOf: async () => null,
    solo: { delayMs: 600_000, perDay: '100' },
  });
  workload = {
    kind: 'workload',
    tenant,
    workload: newId('wkl', clock, random),
    key: newId('key', clock, random),
    workflow: null,
    integrations: new Set(),
  };
});
afterAll(() => test.close());
beforeEach(() => {
  digest = Buffer.from(random.bytes(32)).toString('hex');
});

function request(
  lifetimeMs = 60_000,
  requestedBy: WorkloadPrincipal | PersonPrincipal = workload,
  evidence: Evidence = { tier: 'bound' },
): Promise<ApprovalId> {
  return test.db.inTenant(tenant, (tx) =>
    approvals.request(tx, {
      tenant,
      call: newId('call', clock, random),
      requestedBy,
      digest,
      sealedSentence: Uint8Array.of(1),
      sealedCall: Uint8Array.of(2, 3),
      evidence,
      expiresAtMs: clock.now() + lifetimeMs,
      integration: 'shop',
      operation: 'refunds.create',
      sealedContext: null,
      run: null,
      workflow: null,
      amount: null,
      needsTwo: false,
      soloPerDay: null,
    }),
  );
}
const claim = (id: ApprovalId) => test.db.inTenant(tenant, (tx) => approvals.claimExecution(tx, tenant, id));
const consume = (id: ApprovalId, of = digest) => test.db.inTenant(tenant, (tx) => approvals.consume(tx, id, of));
const finish = (id: ApprovalId, outcome: 'done' | 'failed' | 'unknown') =>
  test.db.inTenant(tenant, (tx) => approvals.finish(tx, { tenant, approval: id, outcome, code: null, sealedResult: Uint8Array.of(9) }));
const codeOf = (result: unknown): string => (isRefusal(result) ? result.code : 'none');
const stateOf = async (id: ApprovalId): Promise<string | undefined> => (await approvals.show(tenant, id))?.state;
const sweep = async (): Promise<readonly ApprovalId[]> => (await approvals.sweep()).map((entry) => entry.approval);
async function eventsOf(id: ApprovalId): Promise<string[]> {
  const rows = await test.admin<{ type: string }>('select type from event_inbox where subject = $1 order by sequence', [id]);
  return rows.map((row) => row.type.replace('approvals.call.', ''));
}
async function approved(lifetimeMs = 60_000): Promise<ApprovalId> {
  const id = await request(lifetimeMs);
  expect(codeOf(await approvals.approve(owner, id, digest))).toBe('none');
  return id;
}

describe('a decision [PROMISE-5]', () => {
  it('is never made by an API key', async () => {
    const id = await request();
    expect(codeOf(await approvals.approve(workload, id, digest))).toBe('APPROVALS_NOT_A_PERSON');
    expect(codeOf(await approvals.deny(workload, id, 'x'))).toBe('APPROVALS_NOT_A_PERSON');
    expect(await stateOf(id)).toBe('pending');
  });

  it('is bound to the digest that was shown', async () => {
    const id = await request();
    expect(codeOf(await approvals.approve(owner, id, OTHER))).toBe('APPROVALS_DIGEST_MISMATCH');
    expect(await stateOf(id)).toBe('pending');
  });

  it('is made once: neither a second approval nor a denial after it counts', async () => {
    const id = await approved();
    expect(codeOf(await approvals.approve(owner, id, digest))).toBe('APPROVALS_NOT_PENDING');
    expect(codeOf(await approvals.deny(owner, id, 'late'))).toBe('APPROVALS_NOT_PENDING');
    expect(await stateOf(id)).toBe('approved');
  });

  it('is one of many made at the same moment, with one event', async () => {
    const id = await request();
    const decisions = await Promise.all(
      Array.from({ length: 12 }, (_, at) => (at % 2 === 0 ? approvals.approve(owner, id, digest) : approvals.deny(owner, id, 'no'))),
    );
    expect(decisions.filter((decision) => !isRefusal(decision))).toHaveLength(1);
    const decided = (await eventsOf(id)).filter((type) => type === 'approved' || type === 'denied');
    expect(decided).toEqual([await stateOf(id)]);
  });

  it('says in its event that one owner decided alone, and no word of the reason', async () => {
    const id = await request();
    await approvals.deny(owner, id, 'canary reason about somebody');
    const rows = await test.admin<{ public: { solo: boolean } }>(
      "select public from event_inbox where subject = $1 and type like '%.denied'",
      [id],
    );
    expect(rows[0]?.public.solo).toBe(true);
    expect(JSON.stringify(rows)).not.toContain('canary');
    expect((await approvals.show(tenant, id))?.reason).toBe('canary reason about somebody');
  });
});

describe('the execution of a stored call', () => {
  it('happens once, whoever asks how often', async () => {
    const id = await approved();
    const claims = await Promise.all(Array.from({ length: 8 }, () => claim(id)));
    expect(claims.filter((result) => !isRefusal(result))).toHaveLength(1);
    expect(claims.filter((result) => codeOf(result) === 'APPROVALS_NOT_CLAIMABLE')).toHaveLength(7);
    const uses = await Promise.all(Array.from({ length: 8 }, () => consume(id)));
    expect(uses.filter((result) => result === null)).toHaveLength(1);
  });

  it('can not begin before a person said yes, nor after a no', async () => {
    const waiting = await request();
    expect(codeOf(await claim(waiting))).toBe('APPROVALS_NOT_CLAIMABLE');
    expect(codeOf(await approvals.deny(owner, waiting, 'not asked for'))).toBe('none');
    expect(codeOf(await claim(waiting))).toBe('APPROVALS_NOT_CLAIMABLE');
    expect(codeOf(await consume(waiting))).toBe('APPROVALS_ALREADY_USED');
  });

  it('uses an endorsement only for its own digest', async () => {
    const id = await approved();
    expect(codeOf(await consume(id))).toBe('APPROVALS_ALREADY_USED');
    await claim(id);
    expect(codeOf(await consume(id, OTHER))).toBe('APPROVALS_ALREADY_USED');
    expect(await consume(id)).toBe(null);
  });

  it('gives a use back when its transaction is rolled back', async () => {
    const id = await approved();
    await claim(id);
    const undone = test.db.inTenant(tenant, async (tx) => {
      expect(await approvals.consume(tx, id, digest)).toBe(null);
      throw new Error('the effect could not be committed');
    });
    await expect(undone).rejects.toThrow('could not be committed');
    expect(await consume(id)).toBe(null);
  });

  it('finishes once and leaves an event for every change', async () => {
    const id = await approved();
    await claim(id);
    await finish(id, 'done');
    await finish(id, 'failed');
    expect(await stateOf(id)).toBe('done');
    expect(await eventsOf(id)).toEqual(['requested', 'approved', 'claimed', 'finished']);
  });

  it('may learn later what an unknown outcome was, once', async () => {
    const id = await approved();
    await claim(id);
    await finish(id, 'unknown');
    await finish(id, 'failed');
    await finish(id, 'done');
    expect(await stateOf(id)).toBe('failed');
  });
});

describe('the same call asked for again', () => {
  it('waits once, so that nobody can approve it twice', async () => {
    const ids = await Promise.all(Array.from({ length: 8 }, () => request()));
    expect(new Set(ids).size).toBe(1);
    const id = ids[0] as ApprovalId;
    expect(await eventsOf(id)).toEqual(['requested', ...Array.from({ length: 7 }, () => 'repeated')]);
    await approvals.approve(owner, id, digest);
    expect(await request()).toBe(id);
    await claim(id);
    expect(await request()).toBe(id);
    await finish(id, 'done');
    expect(await request()).not.toBe(id);
  });

  it('is another one for another requester, and after it expired', async () => {
    const id = await request(1_000);
    expect(await request(1_000, { ...workload, workload: newId('wkl', clock, random) })).not.toBe(id);
    clock.advance(1_001);
    expect(await request()).not.toBe(id);
    expect(await stateOf(id)).toBe('expired');
  });
});

describe('time and dead processes', () => {
  it('expire what nobody decided, and then it can not be approved', async () => {
    const id = await request(1_000);
    clock.advance(1_001);
    expect(codeOf(await approvals.approve(owner, id, digest))).toBe('APPROVALS_NOT_PENDING');
    await sweep();
    expect(await stateOf(id)).toBe('expired');
  });

  it('expire a yes that nobody acted on: it is not carried out days later', async () => {
    const id = await approved(1_000);
    clock.advance(1_001);
    expect(codeOf(await claim(id))).toBe('APPROVALS_NOT_CLAIMABLE');
    expect(await sweep()).not.toContain(id);
    expect(await stateOf(id)).toBe('expired');
    expect(await eventsOf(id)).toEqual(['requested', 'approved', 'expired']);
  });

  it('leave an approved call to another executor when nothing was sent', async () => {
    const id = await approved(3_600_000);
    expect(await sweep()).toContain(id);
    await claim(id);
    expect(await sweep()).not.toContain(id);
    clock.advance(121_000);
    await sweep();
    expect(await stateOf(id)).toBe('approved');
    expect(await sweep()).toContain(id);
    expect(codeOf(await claim(id))).toBe('none');
    expect(await consume(id)).toBe(null);
  });

  it('never run a call again that may have been sent: its outcome is unknown until its own executor answers', async () => {
    const id = await approved(3_600_000);
    await claim(id);
    await consume(id);
    clock.advance(121_000);
    await Promise.all([sweep(), sweep()]);
    expect(await stateOf(id)).toBe('unknown');
    expect(codeOf(await claim(id))).toBe('APPROVALS_NOT_CLAIMABLE');
    expect(await sweep()).not.toContain(id);
    expect(await eventsOf(id)).toEqual(['requested', 'approved', 'claimed', 'stranded']);
    await finish(id, 'done');
    await finish(id, 'failed');
    expect(await stateOf(id)).toBe('done');
  });

  it('take nobody for dead who says that they are at it, and give up a request to a model that was lost: nobody could ever say more', async () => {
    const id = await request(3_600_000, workload, { tier: 'plain', model: 'm' });
    await approvals.approve(owner, id, digest);
    await claim(id);
    await consume(id);
    for (let times = 0; times < 3; times += 1) {
      clock.advance(100_000);
      await test.db.inTenant(tenant, (tx) => approvals.renewClaim(tx, tenant, id));
      await sweep();
      expect(await stateOf(id)).toBe('executing');
    }
    clock.advance(121_000);
    await sweep();
    expect(await approvals.show(tenant, id)).toMatchObject({ state: 'failed', code: 'APPROVALS_EXECUTOR_LOST' });
    await test.db.inTenant(tenant, (tx) => approvals.renewClaim(tx, tenant, id));
    await finish(id, 'done');
    expect(await stateOf(id)).toBe('failed');
  });

  it('give up a call whose executors die again and again', async () => {
    const id = await approved(36_000_000);
    for (let attempt = 0; attempt < 3; attempt += 1) {
      expect(codeOf(await claim(id))).toBe('none');
      clock.advance(121_000);
      await sweep();
    }
    expect(await approvals.show(tenant, id)).toMatchObject({ state: 'failed', code: 'APPROVALS_EXECUTOR_LOST' });
    expect((await eventsOf(id)).slice(-1)).toEqual(['stranded']);
  });
});

describe('what is stored', () => {
  it('is shown to the workload that asked and to the owner, and to nobody else', async () => {
    const id = await request();
    const stranger: WorkloadPrincipal = { ...workload, workload: newId('wkl', clock, random) };
    const foreign: PersonPrincipal = { ...owner, tenant: newTenant(random) };
    expect(((await approvals.visibleTo(workload, id)) as ApprovalRow).id).toBe(id);
    expect(((await approvals.visibleTo(owner, id)) as ApprovalRow).id).toBe(id);
    expect(codeOf(await approvals.visibleTo(stranger, id))).toBe('APPROVALS_UNKNOWN');
    expect(codeOf(await approvals.visibleTo(foreign, id))).toBe('APPROVALS_UNKNOWN');
    expect(codeOf(await approvals.approve(foreign, id, digest))).toBe('APPROVALS_UNKNOWN');
  });

  it('leaves only events of the catalogue', async () => {
    const rows = await test.admin<{ type: string }>('select distinct type from event_inbox');
    const known = approvalsEvents.map((event) => event.type);
    expect(rows.map((row) => row.type).filter((type) => !known.includes(type))).toEqual([]);
    expect(rows.length).toBeGreaterThan(7);
  });
});
