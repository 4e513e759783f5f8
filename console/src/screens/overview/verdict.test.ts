// The one sentence of the Overview never says that all is well while the log is not.

import { describe, expect, it } from 'vitest';
import type { Overview } from '../../api/types.ts';
import { verdictOf } from './verdict.ts';

const quietDay = {
  calls: { guarded: 9, refused: 0, tokenised: 1, waiting: 0 },
  unresolved: 0,
  integrations: { total: 1, models: 1, shops: 0, operationsToReview: 0 },
  keys: { active: 1, expiringSoon: 0, nextExpiry: null },
  lastVerified: null,
} as unknown as Overview;

describe('the sentence of the Overview', () => {
  it('says that all is in order only when the log is, too', () => {
    expect(verdictOf(quietDay, 'ok')).toMatchObject({ tone: 'good', sentence: expect.stringContaining('All is in order') });
    expect(verdictOf(quietDay, null)).toMatchObject({ tone: 'good', sentence: expect.stringContaining('not known yet') });
    expect(verdictOf(quietDay, 'late')).toMatchObject({ tone: 'warn', act: { to: '/audit' } });
    expect(verdictOf(quietDay, 'failed')).toMatchObject({ tone: 'bad', act: { to: '/audit' } });
  });

  it('does not call a waiting call safe while the log is not in order', () => {
    const waiting = { ...quietDay, calls: { ...quietDay.calls, waiting: 1 } };
    expect(verdictOf(waiting, 'ok').sentence).toMatch(/^Safe: 1 call waits/);
    expect(verdictOf(waiting, 'failed').sentence).toMatch(/^1 call waits/);
  });
});
