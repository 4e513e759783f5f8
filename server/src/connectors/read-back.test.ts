import { describe, expect, test } from 'vitest';
import type { JsonValue } from '#core';
import { judgeReadBack, planReadBack } from './read-back.ts';
import { exampleManifest } from './test/example.ts';

const KEY = 'f00d';

describe('a question about a lost effect', () => {
  test('is the declared read with our key as its argument', () => {
    const plan = planReadBack(exampleManifest(), 'refunds.create', KEY);
    expect(plan?.read.operation.name).toBe('refunds.find_by_key');
    expect(plan?.read.args).toEqual({ key: KEY });
    expect(planReadBack(exampleManifest(), 'orders.get', KEY)).toBeNull();
  });

  test.each<[string, number, JsonValue | undefined, number, string]>([
    ['something stands where it must', 200, { refunds: [{ id: 'r1' }] }, 0, 'done'],
    ['nothing stands there yet', 200, { refunds: [] }, 10, 'open'],
    ['nothing stands there after the time', 200, { refunds: [] }, 120, 'not_done'],
    ['the shop says no', 200, { refunds: [{ id: null }] }, 120, 'not_done'],
    ['the key is not known yet', 404, undefined, 10, 'open'],
    ['the key is not known after the time', 404, undefined, 120, 'not_done'],
    ['the shop fails', 500, { refunds: [{ id: 'r1' }] }, 999, 'open'],
    ['the shop refuses us', 403, undefined, 999, 'open'],
    ['the reply is no JSON', 200, undefined, 999, 'open'],
  ])('%s', (_name, status, body, ageS, expected) => {
    const readBack = { operation: 'x', argument: 'key', found: 'refunds[].id', absentAfterS: 120 };
    expect(judgeReadBack(readBack, { status, body }, ageS)).toBe(expected);
  });

  test('is never answered with "not done" where the manifest gives no time, and by any 200 where it names no field', () => {
    const readBack = { operation: 'x', argument: 'key', found: null, absentAfterS: null };
    expect(judgeReadBack(readBack, { status: 404, body: undefined }, 1e9)).toBe('open');
    expect(judgeReadBack(readBack, { status: 200, body: {} }, 0)).toBe('done');
  });
});
