// The clock of Article 33, and what its marks and the draft for the authority say.

import { describe, expect, it } from 'vitest';
import { deadlineOf, marksDue } from './clock.ts';
import { draftHtml, draftOf } from './draft.ts';
import { touchedBy } from './scope.ts';

const HOUR_MS = 60 * 60_000;
const AWARE = Date.UTC(2026, 2, 1, 9);

describe('the clock of a breach', () => {
  it('gives 72 hours from when somebody was aware of it', () => {
    expect(deadlineOf(AWARE)).toMatchObject({ dueAtMs: AWARE + 72 * HOUR_MS, hours: 72 });
  });

  it.each([
    [23.9, []],
    [24, ['24h']],
    [48, ['24h', '48h']],
    [66, ['24h', '48h', '66h']],
    [71.9, ['24h', '48h', '66h']],
    [72, ['24h', '48h', '66h', 'overdue']],
  ] as const)('has after %d hours passed %j', (hours, marks) => {
    expect(marksDue(AWARE, AWARE + hours * HOUR_MS, [])).toEqual(marks);
    expect(marksDue(AWARE, AWARE + hours * HOUR_MS, marks)).toEqual([]);
  });
});

describe('the draft for the authority', () => {
  const known = {
    ...{ controller: { name: 'Example Shop', contact: 'privacy@example.com' }, what: 'A key was found.' },
    ...{ awareAt: '2026-03-02T09:15:20.000Z', dueAt: '2026-03-05T09:15:20.000Z' },
    ...{ isLate: false, delayReason: null, scope: null, contained: [], consequences: null, personsTold: null },
  };

  it('marks every item of Article 33(3) that nobody recorded, and the reason for a delay only when it is late', () => {
    expect(draftOf(known).missing).toEqual(['33(3)(a)', '33(3)(c)', '33(3)(d)']);
    expect(draftOf({ ...known, isLate: true }).missing).toContain('33(1)');
    expect(draftOf({ ...known, isLate: true, delayReason: 'A reason.' }).missing).not.toContain('33(1)');
    expect(draftOf({ ...known, controller: { name: 'Example Shop', contact: '' } }).missing).toContain('33(3)(b)');
    const whole = {
      ...known,
      contained: ['Revoked.'],
      consequences: 'None.',
      scope: { people: 3, classes: { email_address: 3 }, calls: 2 },
    };
    expect(draftOf(whole).missing).toEqual([]);
  });

  it('shows what people wrote as text, and never as markup', () => {
    const draft = draftOf({ ...known, what: '<img src=x onerror=alert(1)>' });
    const page = draftHtml({ ...draft, breach: 'bre_1' } as never);
    expect(page).not.toContain('<img');
    expect(page).toContain('&#60;img');
    expect(page).toContain('MISSING');
  });
});

describe('an event touches somebody’s data', () => {
  const event = (type: string, facts: object, about = 'call_1') =>
    touchedBy({ seq: 1, type, at: '2026-03-01T09:00:00Z', by: 'wkl_1', about, facts: facts as never });

  it.each([
    ['a call that carried data', event('enforcement.call.intended', { run: 'r', workload: 'w', carried: ['email_address'] }), 'sent'],
    ['one of an older version', event('enforcement.call.intended', { run: 'r', tokenised: { EMAIL: 1 } }), 'sent'],
    ['a reply with values put back', event('enforcement.call.completed', { run: 'r', restored: { EMAIL: 1 } }), 'returned'],
    ['a customer’s details', event('enforcement.customer.read', { classes: ['address'] }, 'subject:abc'), 'opened'],
    ['a dataset in the clear', event('governance.dataset.read', { raw: true }, 'dataset:customers'), 'opened'],
    ['opened tokens', event('vault.token.opened', { purpose: 'support', opened: 2 }), 'opened'],
  ])('%s', (_what, touched, how) => expect(touched?.how).toBe(how));

  it.each([
    ['a call that carried none', event('enforcement.call.intended', { run: 'r', carried: [], tokenised: {} })],
    ['a reply with nothing put back', event('enforcement.call.completed', { run: 'r' })],
    ['a dataset read as pseudonyms', event('governance.dataset.read', { raw: false }, 'dataset:customers')],
    ['tokens that could not be opened', event('vault.token.opened', { purpose: 'support', opened: 0 })],
  ])('not: %s', (_what, touched) => expect(touched).toBeNull());
});
