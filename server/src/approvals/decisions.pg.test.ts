// How many people it takes, and who they may be. On a real Postgres.

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { isRefusal } from '#core';
import { type Deciding, MINUTE, openDeciding, outcome } from './test/deciding.ts';

let world: Deciding;
beforeAll(async () => {
  world = await openDeciding();
});
afterAll(() => world.close());
beforeEach(() => world.begin());

describe('four eyes [PROMISE-5]', () => {
  it('take two different people, each with an event; the first yes runs nothing', async () => {
    const [first, second] = [world.join(), world.join()];
    const asked = await world.request();
    expect(asked).toMatchObject({ mode: 'four_eyes', required: 2 });
    expect(await world.yes(first, asked)).toBe('pending');
    expect(outcome(await world.claim(asked.id))).toBe('APPROVALS_NOT_CLAIMABLE');
    expect(await world.due()).not.toContain(asked.id);
    expect(await world.yes(second, asked)).toBe('approved');
    expect((await world.look(asked.id)).decisions).toMatchObject([
      { by: first.person, verdict: 'approved' },
      { by: second.person, verdict: 'approved' },
    ]);
    expect(await world.eventsOf(asked.id)).toEqual(['requested', 'endorsed', 'approved']);
    expect(isRefusal(await world.claim(asked.id))).toBe(false);
  });

  it('are two people still when it runs: who left or may decide no more has said nothing', async () => {
    const [first, second, third] = [world.join(), world.join(), world.join()];
    const asked = await world.request();
    for (const person of [first, second]) await world.yes(person, asked);
    world.leave(second);
    expect(outcome(await world.claim(asked.id))).toBe('APPROVALS_APPROVER_GONE');
    expect(await world.look(asked.id)).toMatchObject({ state: 'failed', code: 'APPROVALS_APPROVER_GONE' });
    expect(await world.eventsOf(asked.id)).toEqual(['requested', 'endorsed', 'approved', 'unproven']);
    // Coming back brings nothing back; the same call is asked for anew.
    world.comeBack(second);
    expect(outcome(await world.claim(asked.id))).toBe('APPROVALS_NOT_CLAIMABLE');
    const again = await world.request();
    for (const person of [first, third]) await world.yes(person, again);
    expect(isRefusal(await world.claim(again.id))).toBe(false);
  });

  it('are asked for again where a yes sends nothing: the step of a workflow does not go on', async () => {
    const [first, second] = [world.join(), world.join()];
    const asked = await world.request({ sealedCall: null });
    for (const person of [first, second]) await world.yes(person, asked);
    expect((await world.look(asked.id)).state).toBe('done');
    expect(await world.approvals.proven(asked.tenant, asked.id)).toMatchObject({ state: 'done' });
    world.leave(first);
    expect(await world.approvals.proven(asked.tenant, asked.id)).toMatchObject({ state: 'failed', code: 'APPROVALS_APPROVER_GONE' });
  });

  it('are not two of the same person, however often and at however many moments', async () => {
    const [first] = [world.join(), world.join()];
    const asked = await world.request();
    const tries = await Promise.all(Array.from({ length: 8 }, () => world.yes(first, asked)));
    expect(tries.filter((result) => result === 'pending')).toHaveLength(1);
    expect(tries.filter((result) => result === 'APPROVALS_SAME_PERSON')).toHaveLength(7);
    expect(await world.approvals.mayApprove(first, await world.look(asked.id))).toBe('APPROVALS_SAME_PERSON');
    expect((await world.look(asked.id)).state).toBe('pending');
  });

  it('given at the same moment are one approval and one execution', async () => {
    const pair = [world.join(), world.join(), world.join()];
    const asked = await world.request();
    const results = await Promise.all(pair.map((person) => world.yes(person, asked)));
    expect(results.toSorted()).toEqual(['APPROVALS_NOT_PENDING', 'approved', 'pending']);
    const claims = await Promise.all(Array.from({ length: 6 }, () => world.claim(asked.id)));
    expect(claims.filter((result) => !isRefusal(result))).toHaveLength(1);
    expect(await world.eventsOf(asked.id)).toEqual(['requested', 'endorsed', 'approved', 'claimed']);
  });

  it('are ended by the no of anyone, also of one who had said yes', async () => {
    const [first, second] = [world.join(), world.join()];
    for (const denier of [first, second]) {
      const asked = await world.request();
      await world.yes(first, asked);
      expect(outcome(await world.approvals.deny(denier, asked.id, 'not like this'))).toBe('denied');
      expect(await world.yes(second, asked)).toBe('APPROVALS_NOT_PENDING');
      expect((await world.look(asked.id)).decisions.map(({ verdict }) => verdict)).toEqual(['approved', 'denied']);
      expect(await world.eventsOf(asked.id)).toEqual(['requested', 'endorsed', 'denied']);
    }
  });

  it('see the digest that is stored, both of them', async () => {
    const [first, second] = [world.join(), world.join()];
    const asked = await world.request();
    await world.yes(first, asked);
    expect(await world.yes(second, { ...asked, digest: 'f'.repeat(64) })).toBe('APPROVALS_DIGEST_MISMATCH');
    expect((await world.look(asked.id)).state).toBe('pending');
  });

  it('are not those of somebody who was removed in between', async () => {
    const [first, second, third] = [world.join(), world.join(), world.join()];
    const asked = await world.request();
    await world.yes(first, asked);
    world.leave(first);
    expect(await world.yes(first, asked)).toBe('APPROVALS_NOT_A_PERSON');
    expect(await world.yes(second, asked)).toBe('pending');
    expect(await world.yes(third, asked)).toBe('approved');
  });

  it('stay needed when everybody else has left: the requirement is never lowered', async () => {
    const [first, second] = [world.join(), world.join()];
    const asked = await world.request();
    world.leave(second);
    expect(await world.yes(first, asked)).toBe('pending');
    expect(await world.yes(first, asked)).toBe('APPROVALS_SAME_PERSON');
    world.clock.advance(24 * 60 * MINUTE + 1);
    expect(await world.yes(second, asked)).not.toBe('approved');
    await world.approvals.sweep();
    expect((await world.look(asked.id)).state).toBe('expired');
  });
});

describe('whoever asked', () => {
  it('does not count while there are enough others, and is told so', async () => {
    const [asker, second, third] = [world.join(), world.join(), world.join()];
    const asked = await world.request({ workflow: 'desk', run: world.startedBy(asker.person) });
    expect(asked).toMatchObject({ askedBy: asker.person, askerCounts: false });
    expect(await world.yes(asker, asked)).toBe('APPROVALS_ASKER');
    expect(await world.approvals.mayApprove(asker, asked)).toBe('APPROVALS_ASKER');
    expect(await world.yes(second, asked)).toBe('pending');
    expect(await world.yes(third, asked)).toBe('approved');
  });

  it('may not say the one yes it takes below the limit either, when somebody else can', async () => {
    const [asker, second] = [world.join(), world.join()];
    const asked = await world.request({ workflow: 'desk', run: world.startedBy(asker.person), needsTwo: false });
    expect(asked).toMatchObject({ mode: 'one', required: 1 });
    expect(await world.yes(asker, asked)).toBe('APPROVALS_ASKER');
    expect(await world.yes(second, asked)).toBe('approved');
  });

  it('may not say it either who could not decide when they asked, and can now', async () => {
    const [asker, second] = [world.join(), world.join()];
    world.leave(asker);
    const asked = await world.request({ workflow: 'desk', run: world.startedBy(asker.person), needsTwo: false });
    expect(asked).toMatchObject({ askedBy: asker.person, askerCounts: false });
    world.comeBack(asker);
    expect(await world.yes(asker, asked)).toBe('APPROVALS_ASKER');
    expect(await world.yes(second, asked)).toBe('approved');
  });

  it('is one of the two when there are only two, and may always say no', async () => {
    const [asker, second] = [world.join(), world.join()];
    const asked = await world.request({ workflow: 'desk', run: world.startedBy(asker.person) });
    expect(await world.yes(asker, asked)).toBe('pending');
    expect(await world.yes(second, asked)).toBe('approved');
    world.join();
    const other = await world.request({ workflow: 'desk', run: world.startedBy(asker.person) });
    expect(outcome(await world.approvals.deny(asker, other.id, 'my mistake'))).toBe('denied');
  });

  it('decides alone when alone, and does not matter when it was no person or nobody who is here', async () => {
    const only = world.join();
    expect(await world.yes(only, await world.request({ workflow: 'desk', run: world.startedBy(only.person), needsTwo: false }))).toBe(
      'approved',
    );
    const run = world.startedBy('integration:shop');
    world.join();
    expect(await world.request({ workflow: 'desk', run, needsTwo: false })).toMatchObject({ askedBy: null, askerCounts: true });
  });
});
