import { describe, expect, it } from 'vitest';
import { questionOf } from './audit.ts';
import { chosenMonth, monthsToChoose, searchOf } from './business.ts';
import { queryOf } from './client.ts';

describe('the question of a figure', () => {
  it('comes to the server through the address of the Audit log as it was told by it', () => {
    const query = {
      type: 'enforcement.call.refused',
      decision: 'deny,fault',
      fact: ['effect:money', 'became:done'],
      tokenised: 'yes',
      from: '2026-11-01T00:00:00.000Z',
      to: '2026-12-01T00:00:00.000Z',
    };
    const asked = new URLSearchParams(queryOf({ ...questionOf(searchOf(query) ?? {}) }));
    expect(asked.getAll('fact')).toEqual(query.fact);
    expect(Object.fromEntries([...asked].filter(([name]) => name !== 'fact'))).toEqual({ ...query, fact: undefined });
  });

  it('is no address when the Audit log does not know all of it', () => {
    expect(searchOf({ type: 'approvals.', region: 'eu' })).toBeNull();
  });
});

describe('the months to choose from', () => {
  const now = new Date('2026-01-31T23:30:00Z');
  it('are the present one of UTC and the eleven before, and one that an address names besides', () => {
    const months = monthsToChoose(now, '2026-01');
    expect([months.length, months[0], months[1], months.at(-1)]).toEqual([12, '2026-01', '2025-12', '2025-02']);
    expect(monthsToChoose(now, '2024-06')).toEqual([...months, '2024-06']);
  });

  it('hold the present one for an address that names none', () => {
    expect(['2025-03', '2025-13', 'x', undefined].map((month) => chosenMonth(month === undefined ? {} : { month }, now))).toEqual([
      '2025-03',
      '2026-01',
      '2026-01',
      '2026-01',
    ]);
  });
});
