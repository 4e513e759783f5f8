// What stands for the second person while there is only one, and questions of a workflow, after which nothing is sent. On a real Postgres.

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { isRefusal } from '#core';
import { type ApprovalRow, approvalsEvents } from './index.ts';
import { DELAY, type Deciding, MINUTE, openDeciding, outcome, usd } from './test/deciding.ts';

let world: Deciding;
beforeAll(async () => {
  world = await openDeciding();
});
afterAll(() => world.close());
beforeEach(() => world.begin());

describe('somebody who is alone', () => {
  it('approves above the limit with a delay: nothing can run it earlier, then it runs once', async () => {
    const only = world.join();
    const asked = await world.request();
    expect(asked).toMatchObject({ mode: 'solo', required: 1, runsAtMs: null });
    expect(await world.yes(only, asked)).toBe('approved');
    const runsAtMs = world.clock.now() + DELAY;
    expect(await world.look(asked.id)).toMatchObject({ state: 'approved', runsAtMs });
    expect(await world.eventsOf(asked.id)).toEqual(['requested', 'approved', 'delayed']);
    world.clock.advance(DELAY - 1);
    expect(outcome(await world.claim(asked.id))).toBe('APPROVALS_NOT_CLAIMABLE');
    expect(await world.due()).not.toContain(asked.id);
    world.clock.advance(1);
    expect(await world.due()).toContain(asked.id);
    const claims = await Promise.all([world.claim(asked.id), world.claim(asked.id)]);
    expect(claims.filter((result) => !isRefusal(result))).toHaveLength(1);
  });

  it('can call it off until then, and not afterwards', async () => {
    const only = world.join();
    const [early, late] = [await world.request({ amount: usd(1_000n) }), await world.request({ amount: usd(1_000n) })];
    expect(outcome(await world.approvals.cancel(only, early.id, 'too soon'))).toBe('APPROVALS_NOT_CANCELLABLE');
    for (const asked of [early, late]) await world.yes(only, asked);
    expect(outcome(await world.approvals.cancel(only, early.id, 'looked again'))).toBe('denied');
    world.clock.advance(DELAY);
    expect(outcome(await world.claim(early.id))).toBe('APPROVALS_NOT_CLAIMABLE');
    expect(outcome(await world.approvals.cancel(only, late.id, 'too late'))).toBe('APPROVALS_NOT_CANCELLABLE');
    expect(isRefusal(await world.claim(late.id))).toBe(false);
    expect(await world.eventsOf(early.id)).toEqual(['requested', 'approved', 'delayed', 'cancelled']);
    expect((await world.look(early.id)).decisions.map(({ verdict }) => verdict)).toEqual(['approved', 'cancelled']);
  });

  it('stays under a cap a day in each currency, also with many at the same moment; what was called off is given back', async () => {
    const only = world.join();
    const asked = await Promise.all(Array.from({ length: 6 }, () => world.request({ amount: usd(4_000n) })));
    const results = await Promise.all(asked.map((one) => world.yes(only, one)));
    expect(results.filter((result) => result === 'approved')).toHaveLength(2);
    expect(results.filter((result) => result === 'APPROVALS_SOLO_CAP')).toHaveLength(4);
    const left = asked[results.indexOf('APPROVALS_SOLO_CAP')] as ApprovalRow;
    expect(await world.look(left.id)).toMatchObject({ state: 'pending', decisions: [] });
    expect(await world.approvals.mayApprove(only, left)).toBe('APPROVALS_SOLO_CAP');
    expect(await world.eventsOf(left.id)).toEqual(['requested', 'capped']);
    expect(await world.yes(only, await world.request({ amount: { amountMinor: 4_000n, currency: 'EUR' } }))).toBe('approved');
    await world.approvals.cancel(only, (asked[results.indexOf('approved')] as ApprovalRow).id, 'no');
    expect(await world.yes(only, left)).toBe('approved');
    expect(await world.yes(only, await world.request({ amount: usd(10_001n) }))).toBe('APPROVALS_SOLO_CAP');
    world.clock.advance(24 * 60 * MINUTE);
    expect(await world.yes(only, await world.request({ amount: usd(10_000n) }))).toBe('approved');
  });

  it('has the cap of the integration where it states one in that currency', async () => {
    const only = world.join();
    const small = await world.request({ amount: usd(600n), soloPerDay: usd(500n) });
    expect(await world.yes(only, small)).toBe('APPROVALS_SOLO_CAP');
    const other = await world.request({ amount: usd(600n), soloPerDay: { amountMinor: 500n, currency: 'EUR' } });
    expect(await world.yes(only, other)).toBe('approved');
  });

  it('has no cap where no money moves, but the delay', async () => {
    const only = world.join();
    expect(await world.yes(only, await world.request({ amount: null }))).toBe('approved');
  });

  it('is not too late because the delay is longer than the call would have waited', async () => {
    const only = world.join();
    const asked = await world.request({ expiresAtMs: world.clock.now() + MINUTE, amount: usd(100n) });
    await world.yes(only, asked);
    world.clock.advance(DELAY);
    expect(isRefusal(await world.claim(asked.id))).toBe(false);
  });

  it('is alone no more once a second person is there: from then on it takes two', async () => {
    const only = world.join();
    const before = await world.request({ amount: usd(100n) });
    const second = world.join();
    const after = await world.request({ amount: usd(100n) });
    expect([before.mode, after.mode]).toEqual(['solo', 'four_eyes']);
    expect(await world.yes(only, after)).toBe('pending');
    expect(await world.yes(second, after)).toBe('approved');
  });

  it('decides at once below the limit', async () => {
    const asked = await world.request({ needsTwo: false });
    const only = world.join();
    expect(await world.yes(only, asked)).toBe('approved');
    expect(await world.look(asked.id)).toMatchObject({ mode: 'one', runsAtMs: null });
    expect(isRefusal(await world.claim(asked.id))).toBe(false);
  });
});

describe('a step of a workflow that waits for people', () => {
  const step = { sealedCall: null, integration: 'workflow', operation: 'approval', amount: null, needsTwo: false } as const;

  it('is done by the yes: nothing is there to send, and no executor gets it', async () => {
    const only = world.join();
    const asked = await world.request(step);
    expect(await world.yes(only, asked)).toBe('done');
    expect(outcome(await world.claim(asked.id))).toBe('APPROVALS_NOT_CLAIMABLE');
    expect(await world.eventsOf(asked.id)).toEqual(['requested', 'approved', 'finished']);
  });

  it('takes two people or a delay like everything else', async () => {
    const only = world.join();
    const alone = await world.request({ ...step, needsTwo: true });
    expect(await world.yes(only, alone)).toBe('approved');
    expect(await world.due()).not.toContain(alone.id);
    world.clock.advance(DELAY);
    // Its time has come, and still there is nothing to send for an executor that is too eager.
    expect(outcome(await world.claim(alone.id))).toBe('APPROVALS_NOT_CLAIMABLE');
    expect(await world.due()).not.toContain(alone.id);
    expect((await world.look(alone.id)).state).toBe('done');
    const second = world.join();
    const both = await world.request({ ...step, needsTwo: true });
    expect(await world.yes(only, both)).toBe('pending');
    expect(await world.yes(second, both)).toBe('done');
    expect(await world.eventsOf(both.id)).toEqual(['requested', 'endorsed', 'approved', 'finished']);
  });

  it('is over when nobody decides, and when somebody says no', async () => {
    const only = world.join();
    const [late, denied] = [await world.request(step), await world.request(step)];
    expect(outcome(await world.approvals.deny(only, denied.id, 'no'))).toBe('denied');
    world.clock.advance(24 * 60 * MINUTE);
    expect(await world.yes(only, late)).toBe('APPROVALS_NOT_PENDING');
    await world.approvals.sweep();
    expect((await world.look(late.id)).state).toBe('expired');
  });
});

it('every event of a decision is in the catalogue', async () => {
  const known = approvalsEvents.map((event) => event.type.replace('approvals.call.', ''));
  const only = world.join();
  const asked = await world.request({ amount: usd(100n) });
  await world.yes(only, asked);
  await world.approvals.cancel(only, asked.id, 'no');
  expect((await world.eventsOf(asked.id)).filter((type) => !known.includes(type))).toEqual([]);
});
