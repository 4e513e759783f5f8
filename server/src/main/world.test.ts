import { describe, expect, it } from 'vitest';
import { systemRandom } from './world.ts';

describe('system randomness', () => {
  it('hands out bytes that differ, are not zero and stay what they were', () => {
    const draws = Array.from({ length: 500 }, () => systemRandom.bytes(32));
    const texts = draws.map((bytes) => Buffer.from(bytes).toString('hex'));
    expect(new Set(texts).size).toBe(draws.length);
    expect(texts).not.toContain('00'.repeat(32));
    expect(draws.map((bytes) => Buffer.from(bytes).toString('hex'))).toEqual(texts);
  });

  it('draws as many bytes as asked for, small and large', () => {
    for (const count of [1, 10, 1_024, 1_025, 100_000]) expect(systemRandom.bytes(count).byteLength).toBe(count);
  });
});
