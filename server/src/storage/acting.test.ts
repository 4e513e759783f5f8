// Events of somebody who acts in another tenant carry where they come from, and nobody can say so of himself.

import { describe, expect, it } from 'vitest';
import { fact, type NewEvent } from '#core';
import { actingFor, actingThrough } from './acting.ts';
import { checkAgainst } from './check-event.ts';

const STAFF = 'per_01a205c7-6c11-7d2e-8a4b-91d0f3a6b2c4';
const HOME = 'ten_01a205c7-6c11-7d2e-8a4b-91d0f3a6b2c5';
const check = checkAgainst([{ type: 'shop.order.paid', meaning: 'Paid.', facts: { count: fact.count }, example: { count: 1 } }]);
const event = (actor: string, facts: NewEvent['public'] = { count: 1 }): NewEvent =>
  ({
    id: 'evt_1',
    tenant: 'ten_1',
    type: 'shop.order.paid',
    occurredAtMs: 0,
    actor,
    subject: 'order_1',
    public: facts,
    sealed: null,
  }) as never;
const visitor = { person: STAFF, home: HOME };

describe('an event of somebody from another tenant', () => {
  it('says where they come from, whichever form of their reference the room wrote', () => {
    expect(actingFor(visitor, () => check(event(STAFF)).public)).toEqual({ count: 1, home: HOME });
    expect(actingFor(visitor, () => check(event(`person:${STAFF}`)).public)).toEqual({ count: 1, home: HOME });
  });

  it('says so across what is awaited, and no longer than the work', async () => {
    await actingFor(visitor, async () => {
      await new Promise(setImmediate);
      expect(check(event(STAFF)).public).toHaveProperty('home', HOME);
      expect(actingFor(null, () => check(event(STAFF)).public)).toEqual({ count: 1 });
    });
    expect(check(event(STAFF)).public).toEqual({ count: 1 });
  });

  it('says so of what is read later, and of what is left unread', async () => {
    const said: object[] = [];
    async function* pieces() {
      try {
        yield 1;
        said.push(check(event(STAFF)).public);
        yield 2;
      } finally {
        said.push(check(event(STAFF)).public);
      }
    }
    const reader = actingFor(visitor, () => actingThrough(visitor, pieces()));
    await reader.next();
    await reader.next();
    await reader.return(undefined);
    expect(said).toEqual([
      { count: 1, home: HOME },
      { count: 1, home: HOME },
    ]);
  });

  it('leaves alone what a workload or the system does meanwhile', () => {
    expect(actingFor(visitor, () => check(event('system:approvals')).public)).toEqual({ count: 1 });
  });

  it('can not be claimed by the one who writes it', () => {
    expect(() => check(event(STAFF, { count: 1, home: HOME }))).toThrow(expect.objectContaining({ code: 'STORAGE_EVENT_MALFORMED' }));
  });
});
