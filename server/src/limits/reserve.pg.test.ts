// Reservations under fire: many at once, split, released, across windows and currencies. Nothing ever passes a limit.

import { type FixedClock, fixedClock, seededRandom, type TestDatabase, testDatabase } from '@sallyport/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { isRefusal, newId, type Refusal, type ReservationId, type TenantId } from '#core';
import { migrations as storageMigrations } from '#storage';
import { createLimits, type Limits } from './create-limits.ts';
import { migrations } from './migrations/index.ts';
import type { ReservationKey } from './reserve.ts';

const random = seededRandom();
let database: TestDatabase;
let clock: FixedClock;
let limits: Limits;
let tenant: TenantId;

beforeAll(async () => {
  database = await testDatabase([...storageMigrations, ...migrations], { poolSize: 16 });
});
afterAll(() => database.close());
beforeEach(() => {
  clock = fixedClock(Date.UTC(2030, 0, 1, 12));
  limits = createLimits({ db: database.db, clock, random, config: { requestsPerMinute: 60, tokensPerMinute: 1_000 } });
  tenant = newId('ten', clock, random);
});

const day = (scope: string, limitMinor: bigint, over: Partial<ReservationKey> = {}): ReservationKey => ({
  scope,
  window: 'day',
  limitMinor,
  currency: 'EUR',
  ...over,
});

function reserve(keys: readonly ReservationKey[], amountMinor: bigint | null, currency = 'EUR'): Promise<ReservationId | Refusal> {
  const amount = amountMinor === null ? null : { amountMinor, currency };
  const call = newId('call', clock, random);
  return database.db.inTenant(tenant, (tx) => limits.reserve(tx, { call, tenant, keys, amount, count: 1 }));
}

const settle = (id: ReservationId, state: 'spent' | 'released'): Promise<void> =>
  database.db.inTenant(tenant, (tx) => limits.settle(tx, id, state));

async function spent(scope: string): Promise<[string, string] | null> {
  const rows = await database.admin<{ spent_minor: string; uses: string }>(
    'select sum(spent_minor)::text as spent_minor, sum(uses)::text as uses from limit_window where tenant = $1 and scope = $2',
    [tenant, scope],
  );
  const row = rows[0];
  return row?.spent_minor == null ? null : [row.spent_minor, row.uses];
}

const held = (results: readonly (ReservationId | Refusal)[]): ReservationId[] =>
  results.filter((result) => !isRefusal(result)) as ReservationId[];

describe('reservations of money', () => {
  it('never exceed the limit when 50 are made at once', async () => {
    const results = await Promise.all(Array.from({ length: 50 }, () => reserve([day('customer:1', 1_000n)], 70n)));
    expect(held(results)).toHaveLength(14);
    expect(await spent('customer:1')).toEqual(['980', '14']);
    for (const refusal of results.filter(isRefusal)) expect(refusal.code).toBe('LIMITS_AMOUNT_EXCEEDED');
  });

  it('sum an amount that was split into many small ones', async () => {
    const key = day('customer:1', 10_000n);
    for (let at = 0; at < 10; at += 1) expect(isRefusal(await reserve([key], 999n))).toBe(false);
    expect(await reserve([key], 999n)).toMatchObject({ code: 'LIMITS_AMOUNT_EXCEEDED' });
    expect(isRefusal(await reserve([key], 10n))).toBe(false);
    expect(await reserve([key], 1n)).toMatchObject({
      code: 'LIMITS_AMOUNT_EXCEEDED',
      evidence: { limitOf: 'customer', limit: '100.00 EUR', window: 'day' },
    });
  });

  it('refuse a first amount over the limit, and allow exactly the limit', async () => {
    expect(await reserve([day('a', 100n)], 101n)).toMatchObject({ code: 'LIMITS_AMOUNT_EXCEEDED' });
    expect(isRefusal(await reserve([day('a', 100n)], 100n))).toBe(false);
  });

  it('take all windows or none', async () => {
    const narrow = day('payment_method:9', 50n);
    const wide = [day('customer:1', 1_000n), day('tenant', 1_000n), day('customer:1', 1_000n, { window: 'hour' })];
    expect(isRefusal(await reserve([...wide, narrow], 40n))).toBe(false);
    expect(await reserve([narrow, ...wide], 40n)).toMatchObject({
      code: 'LIMITS_AMOUNT_EXCEEDED',
      evidence: { limitOf: 'payment_method' },
    });
    expect(await spent('tenant')).toEqual(['40', '1']);
    expect(await spent('customer:1')).toEqual(['80', '2']);
    expect(await database.admin('select id from limit_reservation where tenant = $1', [tenant])).toHaveLength(1);
  });

  it('do not deadlock when windows are asked for in every order, and still never exceed', async () => {
    const scopes = ['a', 'b', 'c', 'd', 'e'];
    const results = await Promise.all(
      Array.from({ length: 60 }, () => {
        const keys = scopes.map((scope) => ({ scope, order: random.below(1_000) })).sort((left, right) => left.order - right.order);
        return reserve(
          keys.slice(0, 3).map(({ scope }) => day(scope, 500n)),
          60n,
        );
      }),
    );
    await Promise.all(held(results).map((id, at) => settle(id, at % 2 === 0 ? 'spent' : 'released')));
    for (const scope of scopes) expect(Number((await spent(scope))?.[0] ?? 0)).toBeLessThanOrEqual(500);
    expect(held(results).length).toBeGreaterThan(5);
  });

  it('begin anew in the next window', async () => {
    const key = day('a', 100n);
    const hourly = { ...key, window: 'hour' as const };
    expect(isRefusal(await reserve([hourly], 100n))).toBe(false);
    expect(isRefusal(await reserve([hourly], 1n))).toBe(true);
    clock.advance(3_600_000);
    expect(isRefusal(await reserve([hourly], 100n))).toBe(false);
    expect(isRefusal(await reserve([key], 100n))).toBe(false);
    clock.advance(10 * 3_600_000);
    expect(isRefusal(await reserve([key], 1n))).toBe(true);
    clock.advance(3_600_000);
    expect(isRefusal(await reserve([key], 100n))).toBe(false);
  });

  it('refuse another currency than the limit has, or had in this window', async () => {
    expect(await reserve([day('a', 100n)], 1n, 'USD')).toMatchObject({ code: 'LIMITS_CURRENCY_MISMATCH' });
    expect(await reserve([day('a', 100n), day('b', 100n, { currency: 'USD' })], 1n)).toMatchObject({ code: 'LIMITS_CURRENCY_MISMATCH' });
    expect(isRefusal(await reserve([day('a', 100n)], 90n))).toBe(false);
    expect(await reserve([day('a', 100n, { currency: 'USD' })], 1n, 'USD')).toMatchObject({ code: 'LIMITS_CURRENCY_MISMATCH' });
  });

  it('refuse a negative amount, which would make room', async () => {
    expect(await reserve([day('a', 100n)], -1n)).toMatchObject({ code: 'LIMITS_AMOUNT_INVALID' });
  });

  it('hold the stricter of two limits on one window', async () => {
    expect(await reserve([day('a', 1_000n), day('a', 50n)], 60n)).toMatchObject({ code: 'LIMITS_AMOUNT_EXCEEDED' });
    expect(isRefusal(await reserve([day('a', 1_000n), day('a', 50n)], 50n))).toBe(false);
  });

  it('count uses without money', async () => {
    const key = day('workload:1:send', 0n, { limitCount: 3 });
    const results = await Promise.all(Array.from({ length: 10 }, () => reserve([key], null)));
    expect(held(results)).toHaveLength(3);
    for (const refusal of results.filter(isRefusal))
      expect(refusal).toMatchObject({ code: 'LIMITS_COUNT_EXCEEDED', evidence: { limit: 3 } });
  });

  it('hold amounts beyond any float', async () => {
    const huge = 9_007_199_254_740_993n;
    expect(isRefusal(await reserve([day('a', huge)], huge))).toBe(false);
    expect(await reserve([day('a', huge)], 1n)).toMatchObject({ code: 'LIMITS_AMOUNT_EXCEEDED' });
    expect((await spent('a'))?.[0]).toBe(huge.toString());
  });

  it('name no customer in a refusal', async () => {
    const refusal = await reserve([day('customer:shop:somebody-4711', 1n)], 2n);
    expect(JSON.stringify(refusal)).not.toContain('4711');
  });

  it('vanish with the transaction of their caller', async () => {
    const call = newId('call', clock, random);
    const failing = database.db.inTenant(tenant, async (tx) => {
      await limits.reserve(tx, { call, tenant, keys: [day('a', 100n)], amount: { amountMinor: 60n, currency: 'EUR' }, count: 1 });
      throw new Error('the caller failed');
    });
    await expect(failing).rejects.toThrow('the caller failed');
    expect(await spent('a')).toBeNull();
  });
});

describe('settling', () => {
  it('gives back what was released, to the window it was counted in, and keeps what was spent', async () => {
    const key = day('a', 100n);
    const [first, second] = held([await reserve([key], 60n), await reserve([key], 40n)]);
    clock.advance(24 * 3_600_000);
    expect(isRefusal(await reserve([key], 100n))).toBe(false);
    await settle(first as ReservationId, 'released');
    await settle(second as ReservationId, 'spent');
    const rows = await database.admin<{ spent_minor: string }>(
      'select spent_minor from limit_window where tenant = $1 order by starts_at',
      [tenant],
    );
    expect(rows.map((row) => row.spent_minor)).toEqual(['40', '100']);
  });

  it('happens once, however often and however concurrently it is asked for', async () => {
    const id = (await reserve([day('a', 100n)], 60n)) as ReservationId;
    await Promise.all(Array.from({ length: 8 }, () => settle(id, 'released')));
    expect(await spent('a')).toEqual(['0', '0']);
    await expect(settle(id, 'spent')).rejects.toMatchObject({ code: 'LIMITS_ALREADY_SETTLED' });
    const other = (await reserve([day('a', 100n)], 60n)) as ReservationId;
    await settle(other, 'spent');
    await expect(settle(other, 'released')).rejects.toMatchObject({ code: 'LIMITS_ALREADY_SETTLED' });
    expect(await spent('a')).toEqual(['60', '1']);
  });

  it('refuses what is not there, and what is of another tenant', async () => {
    await expect(settle(newId('rsv', clock, random), 'spent')).rejects.toMatchObject({ code: 'LIMITS_RESERVATION_UNKNOWN' });
    const id = (await reserve([day('a', 100n)], 60n)) as ReservationId;
    const stranger = newId('ten', clock, random);
    const foreign = database.db.inTenant(stranger, (tx) => limits.settle(tx, id, 'released'));
    await expect(foreign).rejects.toMatchObject({ code: 'LIMITS_RESERVATION_UNKNOWN' });
    expect(await spent('a')).toEqual(['60', '1']);
  });

  it('is still owed after old windows were forgotten', async () => {
    const id = (await reserve([day('a', 100n)], 60n)) as ReservationId;
    const done = (await reserve([day('a', 100n)], 10n)) as ReservationId;
    await settle(done, 'spent');
    clock.advance(40 * 24 * 3_600_000);
    await limits.prune(clock.now() - 24 * 3_600_000);
    expect(await spent('a')).toBeNull();
    expect(await database.admin('select id from limit_reservation where tenant = $1', [tenant])).toEqual([{ id }]);
    await settle(id, 'released');
  });
});
