import { type FixedClock, fixedClock, newTenant, seededRandom, type TestDatabase, testDatabase } from '@sallyport/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApprovalId, isRefusal, newId, type PersonPrincipal, type TenantId, type WorkloadPrincipal } from '#core';
import { migrations as storageMigrations } from '#storage';
import { type ApprovalRow, type Approvals, createApprovals, migrations } from './index.ts';

const DIGEST = 'a'.repeat(64);
const OTHER = 'b'.repeat(64);
const random = seededRandom();
let clock: FixedClock;
let test: TestDatabase;
let approvals: Approvals;
let tenant: TenantId;
let owner: PersonPrincipal;
let workload: WorkloadPrincipal;

beforeAll(async () => {
  test = await testDatabase([...storageMigrations, ...migrations]);
  clock = fixedClock(Date.UTC(2026, 10, 1));
  approvals = createApprovals({ db: test.db, clock, random });
  tenant = newTenant(random);
  owner = { kind: 'person', tenant, person: newId('per', clock, random), session: newId('ses', clock, random), role: 'owner' };
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

function request(lifetimeMs = 60_000): Promise<ApprovalId> {
  return test.db.inTenant(tenant, (tx) =>
    approvals.request(tx, {
      tenant,
      call: newId('call', clock, random),
      requestedBy: workload,
      digest: DIGEST,
      sealedSentence: Uint8Array.of(1),
      sealedCall: Uint8Array.of(2, 3),
      evidence: { tier: 'bound' },
      expiresAtMs: clock.now() + lifetimeMs,
      integration: 'shop',
      operation: 'refunds.create',
    }),
  );
}
const claim = (id: ApprovalId) => test.db.inTenant(tenant, (tx) => approvals.claimExecution(tx, tenant, id));
const consume = (id: ApprovalId, digest = DIGEST) => test.db.inTenant(tenant, (tx) => approvals.consume(tx, id, digest));
const codeOf = (result: unknown): string => (isRefusal(result) ? result.code : 'none');
const stateOf = async (id: ApprovalId): Promise<string | undefined> => (await approvals.show(tenant, id))?.state;
async function approved(): Promise<ApprovalId> {
  const id = await request();
  expect(codeOf(await approvals.approve(owner, id, DIGEST))).toBe('none');
  return id;
}

describe('stored calls [PROMISE-5]', () => {
  it('runs an approved call once, whoever asks how often', async () => {
    const id = await approved();
    const claims = await Promise.all(Array.from({ length: 8 }, () => claim(id)));
    expect(claims.filter((result) => !isRefusal(result))).toHaveLength(1);
    expect(claims.filter((result) => codeOf(result) === 'APPROVALS_NOT_CLAIMABLE')).toHaveLength(7);
    const uses = await Promise.all(Array.from({ length: 8 }, () => consume(id)));
    expect(uses.filter((result) => result === null)).toHaveLength(1);
  });

  it('never lets an API key decide', async () => {
    const id = await request();
    expect(codeOf(await approvals.approve(workload, id, DIGEST))).toBe('APPROVALS_NOT_A_PERSON');
    expect(codeOf(await approvals.deny(workload, id, 'x'))).toBe('APPROVALS_NOT_A_PERSON');
    expect(await stateOf(id)).toBe('pending');
  });

  it('refuses an approval of something else than what is stored', async () => {
    const id = await request();
    expect(codeOf(await approvals.approve(owner, id, OTHER))).toBe('APPROVALS_DIGEST_MISMATCH');
    expect(await stateOf(id)).toBe('pending');
  });

  it('decides once: neither a second approval nor a denial after it counts', async () => {
    const id = await approved();
    expect(codeOf(await approvals.approve(owner, id, DIGEST))).toBe('APPROVALS_NOT_PENDING');
    expect(codeOf(await approvals.deny(owner, id, 'late'))).toBe('APPROVALS_NOT_PENDING');
    expect(await stateOf(id)).toBe('approved');
  });

  it('can not be run before a person said yes, nor after a no', async () => {
    const waiting = await request();
    expect(codeOf(await claim(waiting))).toBe('APPROVALS_NOT_CLAIMABLE');
    expect(codeOf(await approvals.deny(owner, waiting, 'not asked for'))).toBe('none');
    expect(codeOf(await claim(waiting))).toBe('APPROVALS_NOT_CLAIMABLE');
    expect(codeOf(await consume(waiting))).toBe('APPROVALS_ALREADY_USED');
  });

  it('uses an endorsement only for its own digest', async () => {
    const id = await approved();
    await claim(id);
    expect(codeOf(await consume(id, OTHER))).toBe('APPROVALS_ALREADY_USED');
    expect(await consume(id)).toBe(null);
  });

  it('gives a use back when its transaction is rolled back', async () => {
    const id = await approved();
    await claim(id);
    const undone = test.db.inTenant(tenant, async (tx) => {
      expect(await approvals.consume(tx, id, DIGEST)).toBe(null);
      throw new Error('the effect could not be committed');
    });
    await expect(undone).rejects.toThrow('could not be committed');
    expect(await consume(id)).toBe(null);
  });

  it('expires what nobody decided, and refuses to approve it then', async () => {
    const id = await request(1_000);
    clock.advance(1_001);
    expect(codeOf(await approvals.approve(owner, id, DIGEST))).toBe('APPROVALS_NOT_PENDING');
    await approvals.sweep();
    expect(await stateOf(id)).toBe('expired');
  });

  it('names approved calls that nobody ran, and frees those whose process died', async () => {
    const id = await approved();
    expect((await approvals.sweep()).map((entry) => entry.approval)).toContain(id);
    await claim(id);
    expect((await approvals.sweep()).map((entry) => entry.approval)).not.toContain(id);
    clock.advance(121_000);
    await approvals.sweep();
    expect(await stateOf(id)).toBe('approved');
  });

  it('shows a call to the workload that asked and to the owner, and to nobody else', async () => {
    const id = await request();
    const stranger: WorkloadPrincipal = { ...workload, workload: newId('wkl', clock, random) };
    const foreign: PersonPrincipal = { ...owner, tenant: newTenant(random) };
    expect(((await approvals.visibleTo(workload, id)) as ApprovalRow).id).toBe(id);
    expect(((await approvals.visibleTo(owner, id)) as ApprovalRow).id).toBe(id);
    expect(codeOf(await approvals.visibleTo(stranger, id))).toBe('APPROVALS_UNKNOWN');
    expect(codeOf(await approvals.visibleTo(foreign, id))).toBe('APPROVALS_UNKNOWN');
    expect(codeOf(await approvals.approve(foreign, id, DIGEST))).toBe('APPROVALS_UNKNOWN');
  });

  it('finishes once and leaves an event for every change', async () => {
    const id = await approved();
    await claim(id);
    const finish = (outcome: 'done' | 'failed') =>
      test.db.inTenant(tenant, (tx) => approvals.finish(tx, { tenant, approval: id, outcome, code: null, sealedResult: Uint8Array.of(9) }));
    await finish('done');
    await finish('failed');
    expect(await stateOf(id)).toBe('done');
    const events = await test.admin<{ type: string }>('select type from event_inbox where subject = $1 order by 1', [id]);
    expect(events.map((event) => event.type)).toEqual(['approvals.call.approved', 'approvals.call.finished', 'approvals.call.requested']);
  });
});
