import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatTime, parseTime } from './index.ts';

describe('time', () => {
  it('reads back what it writes', () => {
    fc.assert(
      fc.property(fc.integer({ min: Date.UTC(0, 0, 1), max: Date.UTC(9999, 11, 31) }), (timeMs) => {
        expect(parseTime(formatTime(timeMs))).toBe(timeMs);
      }),
      { numRuns: 1000 },
    );
  });

  it.each([
    ['2024-02-29T12:00:00Z', Date.UTC(2024, 1, 29, 12)],
    ['2024-02-29T12:00:00.5+02:00', Date.UTC(2024, 1, 29, 10, 0, 0, 500)],
    ['2024-12-31T23:59:59.123456789-00:30', Date.UTC(2025, 0, 1, 0, 29, 59, 123)],
  ])('reads %s', (text, timeMs) => {
    expect(parseTime(text)).toBe(timeMs);
  });

  it.each([
    '2023-02-29T00:00:00Z',
    '2023-02-31T00:00:00Z',
    '2023-04-31T00:00:00Z',
    '2023-13-01T00:00:00Z',
    '2023-00-01T00:00:00Z',
    '2023-01-00T00:00:00Z',
    '2023-01-01T24:00:00Z',
    '2023-01-01T23:60:00Z',
    '2023-01-01T00:00:00+24:00',
    '2023-01-01T00:00:00',
    '2023-01-01',
    '2023-01-01T00:00:00Z\n',
    '',
  ])('refuses %j, which is no instant', (text) => {
    expect(parseTime(text)).toBeNull();
  });
});
