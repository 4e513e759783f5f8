import { describe, expect, it } from 'vitest';
import { ENDORSED, type EndorsedPurpose, endorsableText, endorsedIn } from './endorsement.ts';

describe('what a passkey signs', () => {
  it('is the purpose and its lines, each ended, as signatures that are kept were made over', () => {
    expect(endorsableText({ purpose: 'approval', lines: ['ten_1', 'apr_1', 'ab'.repeat(32)] })).toBe(
      `sallyport approval\nten_1\napr_1\n${'ab'.repeat(32)}\n`,
    );
    expect(endorsableText({ purpose: 'workflow approval', lines: ['ten_1', 'reply', 'cd'] })).toBe(
      'sallyport workflow approval\nten_1\nreply\ncd\n',
    );
  });

  it('is another text for every purpose, also over the same lines', () => {
    const texts = (Object.keys(ENDORSED) as EndorsedPurpose[]).map((purpose) =>
      endorsableText({ purpose, lines: ENDORSED[purpose].map(() => 'same') }),
    );
    expect(new Set(texts).size).toBe(Object.keys(ENDORSED).length);
  });

  it('is nothing at all when a line could be read as two, is empty, or one is missing', () => {
    for (const lines of [
      ['ten_1', 'a\nb', 'c'],
      ['ten_1', '', 'c'],
      ['ten_1', 'a b', 'c'],
      ['ten_1', 'a'],
      ['ten_1', 'a', 'b', 'c'],
    ])
      expect(() => endorsableText({ purpose: 'approval', lines })).toThrow('approval');
  });

  it('is kept whole or not at all', () => {
    expect(endorsedIn({ signature: null, passkey: null })).toEqual({ signature: null, passkey: null });
    expect(endorsedIn({ signature: '{}', passkey: 'ab' })).toEqual({ signature: '{}', passkey: 'ab' });
    for (const half of [
      { signature: '{}', passkey: null },
      { signature: null, passkey: 'ab' },
    ])
      expect(endorsedIn(half)).toBeNull();
  });
});
