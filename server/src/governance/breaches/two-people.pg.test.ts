// What takes a second person where there is one: closing a breach, approving an assessment. And what nobody can do to the rows. On a real Postgres.

import { createHash } from 'node:crypto';
import { fixedClock, newTenant, seededRandom, type TestDatabase, testDatabase, testPerson } from '@sallyport/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isRefusal, newId, type PersonPrincipal } from '#core';
import { migrations as storageMigrations } from '#storage';
import { createAssessments } from '../assessments/assessments.ts';
import { migrations } from '../migrations/index.ts';
import { createBreaches } from './breaches.ts';

const random = seededRandom();
const clock = fixedClock(Date.UTC(2026, 10, 2));
const tenant = newTenant(random);
const someone = (): PersonPrincipal => testPerson({ tenant, person: newId('per', clock, random) });
const [one, other] = [someone(), someone()];
let isAlone = false;
let test: TestDatabase;
const vault = {
  seal: async (_tx: unknown, { plaintext }: { plaintext: Uint8Array }) => plaintext,
  open: async (_tx: unknown, { sealed }: { sealed: Uint8Array }) => sealed,
};
const common = () => ({
  ...{ db: test.db, clock, random, vault, sealChange: async () => new Uint8Array(1), hasOthers: async () => !isAlone },
});
const breaches = () =>
  createBreaches({
    ...common(),
    index: { catchUp: async () => 0 },
    log: async () => ({ events: [], complete: true }),
    openedTokens: async () => new Map(),
    controller: () => ({ name: '', contact: '' }),
    alertOf: async (_tenant, id) => ({ id, rule: 'mass_export' }),
    namesOf: async () => new Map(),
  });
const codeOf = (result: unknown): string | null => (isRefusal(result) ? result.code : null);

beforeAll(async () => {
  test = await testDatabase([...storageMigrations, ...migrations]);
});
afterAll(() => test?.close());

async function ready(): Promise<Parameters<ReturnType<typeof breaches>['close']>[1]> {
  const opened = await breaches().open(one, { what: 'x', awareAtMs: null, reason: null, alert: null });
  if (isRefusal(opened)) throw new Error(opened.code);
  const { id } = opened;
  await breaches().scope(one, id, { fromMs: 0, toMs: 1, actor: null, integration: null });
  await breaches().note(one, id, { kind: 'contained', text: 'x', risk: null });
  await breaches().note(one, id, { kind: 'risk', text: 'x', risk: 'unlikely' });
  await breaches().tell(one, id, { whom: 'authority', needed: false, text: 'x', atMs: null, delayReason: null });
  return id;
}

describe('a breach', () => {
  it('is closed by somebody else than who opened it, and by them only when there is nobody else', async () => {
    const [first, second] = [await ready(), await ready()];
    expect(codeOf(await breaches().close(one, first, 'x'))).toBe('GOVERNANCE_BREACH_OWN');
    expect(codeOf(await breaches().close(other, first, 'x'))).toBeNull();
    isAlone = true;
    expect(codeOf(await breaches().close(one, second, 'x'))).toBeNull();
    isAlone = false;
    const told = await test.admin<{ alone: boolean }>(
      `select (public ->> 'alone')::boolean as alone from event_inbox where type = 'governance.breach.closed' order by 1`,
    );
    expect(told.map(({ alone }) => alone)).toEqual([false, true]);
  });

  it('has a clock that runs on when a risk that was called unlikely turns out to be one', async () => {
    const id = await ready();
    const shown = async () => {
      const view = await breaches().show(tenant, id);
      return isRefusal(view) ? null : { isRunning: view.isRunning, open: view.open };
    };
    expect(await shown()).toEqual({ isRunning: false, open: [] });
    await breaches().note(one, id, { kind: 'risk', text: 'x', risk: 'high' });
    expect(await shown()).toEqual({ isRunning: true, open: ['authority', 'persons'] });
    clock.advance(25 * 60 * 60_000);
    await breaches().watch([tenant]);
    const due = await test.admin(`select 1 from event_inbox where type = 'governance.breach.due' and subject = $1`, [id]);
    expect(due).toHaveLength(1);
  });

  it('was told late when the clock is set back behind the notification, and not late when one in time is added to', async () => {
    const at = clock.now();
    const open = async () => {
      const opened = await breaches().open(one, { what: 'x', awareAtMs: null, reason: null, alert: null });
      if (isRefusal(opened)) throw new Error(opened.code);
      return opened.id;
    };
    const told = { whom: 'authority', needed: true, text: 'x', atMs: null, delayReason: null } as const;
    const late = async (id: Parameters<ReturnType<typeof breaches>['show']>[1]) => {
      const view = await breaches().show(tenant, id);
      return isRefusal(view) ? null : view.isLate;
    };
    const hidden = await open();
    expect(codeOf(await breaches().tell(one, hidden, told))).toBeNull();
    await breaches().setBack(one, hidden, { awareAtMs: at - 100 * 60 * 60_000, reason: 'a mail of last week' });
    expect(await late(hidden)).toBe(true);
    const draft = await breaches().draft(tenant, hidden);
    expect(isRefusal(draft) ? [] : draft.missing).toContain('33(1)');
    const inTime = await open();
    expect(codeOf(await breaches().tell(one, inTime, told))).toBeNull();
    clock.advance(100 * 60 * 60_000);
    expect(codeOf(await breaches().tell(one, inTime, told))).toBeNull();
    expect(await late(inTime)).toBe(false);
  });

  it('is told of although something fails for another tenant that is looked at before', async () => {
    const opened = await breaches().open(one, { what: 'x', awareAtMs: null, reason: null, alert: null });
    if (isRefusal(opened)) throw new Error(opened.code);
    clock.advance(73 * 60 * 60_000);
    // No tenant: its transaction does not begin.
    await expect(breaches().watch(['' as typeof tenant, tenant])).rejects.toThrow();
    const due = await test.admin(`select 1 from event_inbox where type = 'governance.breach.due' and subject = $1`, [opened.id]);
    expect(due).toHaveLength(1);
  });

  it('is opened once for an alert, and no row of it can be deleted or written over by the server', async () => {
    const open = () => breaches().open(one, { what: 'x', awareAtMs: null, reason: null, alert: 'alr_1' });
    expect(codeOf(await open())).toBeNull();
    expect(codeOf(await open())).toBe('GOVERNANCE_BREACH_ALERT_TAKEN');
    const { query, sql } = await import('#storage');
    for (const statement of [
      sql`delete from governance_breaches`,
      sql`delete from governance_breach_steps`,
      sql`update governance_breach_steps set kind = 'note'`,
      sql`update governance_breaches set opened_by = 'x'`,
      sql`delete from governance_assessments`,
      sql`update governance_assessments set residual_risk = 'low'`,
      sql`delete from governance_assessment_needs`,
    ])
      await expect(test.db.inTenant(tenant, (tx) => statement.execute(query(tx)))).rejects.toThrow();
  });
});

describe('an assessment', () => {
  it('is approved by somebody else than who recorded it, once, and the newest alone', async () => {
    const assessments = createAssessments({
      ...common(),
      digest: { sha256: (text: string | Uint8Array) => createHash('sha256').update(text).digest('hex') } as never,
      facts: async () => ({
        profile: { home: null, controller: '', contact: '' },
        ...{ destinations: [], flows: [], workflows: [] },
        deciders: [{ kind: 'operation', name: 'shop.refunds.create', decides: 'x', version: 'a'.repeat(64) }],
      }),
      workflow: async () => null,
    });
    const content = Object.fromEntries(
      [
        'purpose',
        'necessity',
        'risks',
        'measures',
        'consulted',
        'priorConsultation',
        'benefits',
        'harms',
        'dataKinds',
        'keptFor',
        'recipients',
        'logic',
      ].map((field) => [field, '']),
    ) as never;
    const record = async () => {
      const made = await assessments.record(one, {
        ...{ subject: 'operation:shop.refunds.create', version: null, content, residualRisk: 'low', reviewAtMs: null },
      });
      if (isRefusal(made)) throw new Error(made.code);
      return made.id;
    };
    const [old, id] = [await record(), await record()];
    expect(codeOf(await assessments.approve(one, id))).toBe('GOVERNANCE_ASSESSMENT_OWN');
    expect(codeOf(await assessments.approve(other, old))).toBe('GOVERNANCE_ASSESSMENT_STATE');
    expect(codeOf(await assessments.approve(other, id))).toBeNull();
    expect(codeOf(await assessments.approve(other, id))).toBe('GOVERNANCE_ASSESSMENT_STATE');
    const { subjects } = await assessments.list(tenant);
    expect(subjects).toEqual([
      expect.objectContaining({ state: 'current', approved: expect.objectContaining({ revision: 2, alone: false }) }),
    ]);
  });

  it('holds no more when what it did not look at is found: a workflow that turns out to decide about people', async () => {
    const workflow = { name: 'segments', hash: 'b'.repeat(64), dataUse: ['profiling'], operations: [] } as const;
    let deciders: readonly { kind: 'workflow'; name: string; decides: string; version: string }[] = [];
    const assessments = createAssessments({
      ...common(),
      digest: { sha256: (text: string | Uint8Array) => createHash('sha256').update(text).digest('hex') } as never,
      facts: async () => ({
        profile: { home: null, controller: '', contact: '' },
        ...{ destinations: [], flows: [], workflows: [workflow], deciders },
      }),
      workflow: async () => workflow,
    });
    const made = await assessments.record(one, {
      ...{
        subject: 'workflow:segments',
        version: null,
        content: { priorConsultation: '' } as never,
        residualRisk: 'low',
        reviewAtMs: null,
      },
    });
    if (isRefusal(made)) throw new Error(made.code);
    expect(codeOf(await assessments.approve(other, made.id))).toBeNull();
    await assessments.setBlocking(one, true);
    const gate = async () => test.db.inTenant(tenant, await assessments.publishGate(tenant, workflow));
    expect(codeOf(await gate())).toBeNull();
    deciders = [{ kind: 'workflow', name: 'segments', decides: 'who gets credit', version: 'c'.repeat(64) }];
    expect(codeOf(await gate())).toBe('GOVERNANCE_ASSESSMENT_MISSING');
    const { subjects } = await assessments.list(tenant);
    expect(subjects).toEqual([expect.objectContaining({ subject: 'workflow:segments', state: 'changed' })]);
    const shown = await assessments.show(tenant, made.id);
    expect(isRefusal(shown) ? null : shown.state).toBe('changed');
    const needed = await test.admin(
      `select 1 from event_inbox where type = 'governance.assessment.needed' and subject = 'workflow:segments' and public ->> 'trigger' = 'automated_decision'`,
    );
    expect(needed).toHaveLength(1);
  });
});
