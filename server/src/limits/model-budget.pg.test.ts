// The model budget: exact within a process, written soon, read once, and closed when it can not be written.

import { type FixedClock, fixedClock, seededRandom, type TestDatabase, testDatabase } from '@sallyport/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { isRefusal, newId, type Refusal, type TenantId } from '#core';
import { migrations as storageMigrations } from '#storage';
import { migrations } from './migrations/index.ts';
import { type BudgetHold, createModelBudget, type ModelBudget, type ModelBudgetDeps } from './model-budget.ts';

const random = seededRandom();
let database: TestDatabase;
let clock: FixedClock;
let tenant: TenantId;
let reads: number;
let isDown: boolean;
let db: ModelBudgetDeps['db'];

beforeAll(async () => {
  database = await testDatabase([...storageMigrations, ...migrations]);
});
afterAll(() => database.close());
beforeEach(() => {
  clock = fixedClock(Date.UTC(2030, 0, 1, 12));
  tenant = newId('ten', clock, random);
  [reads, isDown] = [0, false];
  // The real database behind a switch, and a count of what reads it.
  db = {
    inTenant: (id, work) => {
      reads += 1;
      return database.db.inTenant(id, work);
    },
    asSystem: (role, work) => (isDown ? Promise.reject(new Error('the database is away')) : database.db.asSystem(role, work)),
  };
});

const open = (): ModelBudget => createModelBudget({ db, clock });
const ask = (budget: ModelBudget, estimateMicros: bigint, limitMicros = 1_000n): Promise<BudgetHold | Refusal> =>
  budget.reserve({ tenant, scope: 'workflow:support', limitMicros, estimateMicros, currency: 'USD' });

async function written(): Promise<string | null> {
  const rows = await database.admin<{ spent: string | null }>(
    'select sum(spent_micros)::text as spent from limit_budget where tenant = $1',
    [tenant],
  );
  return rows[0]?.spent ?? null;
}

describe('the model budget', () => {
  it('never passes its limit on estimates in one process, and reads the database once for a scope and day', async () => {
    const budget = open();
    const results = await Promise.all(Array.from({ length: 50 }, () => ask(budget, 70n)));
    expect(results.filter((result) => !isRefusal(result))).toHaveLength(14);
    expect(results.filter(isRefusal)[0]).toMatchObject({ code: 'LIMITS_BUDGET_EXCEEDED', evidence: { limitOf: 'workflow' } });
    expect(reads).toBe(1);
    await budget.close();
    expect(await written()).toBe('980');
  });

  it('replaces an estimate by the real cost, up or down, once', async () => {
    const budget = open();
    const hold = (await ask(budget, 900n)) as BudgetHold;
    budget.settle(hold, 100n);
    expect(() => budget.settle(hold, 100n)).toThrow();
    const second = (await ask(budget, 900n)) as BudgetHold;
    budget.settle(second, 1_500n);
    expect(await ask(budget, 0n)).toMatchObject({ code: 'LIMITS_BUDGET_EXCEEDED' });
    await budget.close();
    expect(await written()).toBe('1600');
  });

  it('is remembered by the next process, with estimates that nobody settled', async () => {
    const first = open();
    await ask(first, 600n);
    await first.flush();
    const second = open();
    expect(await ask(second, 500n)).toMatchObject({ code: 'LIMITS_BUDGET_EXCEEDED' });
    expect(isRefusal(await ask(second, 400n))).toBe(false);
    await Promise.all([first.close(), second.close()]);
  });

  it('learns at its next write what other processes spent', async () => {
    const [one, two] = [open(), open()];
    await Promise.all([ask(one, 1n), ask(two, 1n)]);
    await ask(one, 900n);
    await one.flush();
    await ask(two, 1n);
    await two.flush();
    expect(await ask(two, 200n)).toMatchObject({ code: 'LIMITS_BUDGET_EXCEEDED' });
    await Promise.all([one.close(), two.close()]);
  });

  it('begins anew each day, and settles a call of yesterday in yesterday', async () => {
    const budget = open();
    const hold = (await ask(budget, 1_000n)) as BudgetHold;
    expect(isRefusal(await ask(budget, 1n))).toBe(true);
    await budget.flush();
    clock.advance(12 * 3_600_000);
    expect(isRefusal(await ask(budget, 1_000n))).toBe(false);
    budget.settle(hold, 0n);
    expect(isRefusal(await ask(budget, 1n))).toBe(true);
    await budget.close();
    const rows = await database.admin('select spent_micros::text as spent from limit_budget where tenant = $1 order by starts_at', [
      tenant,
    ]);
    expect(rows).toEqual([{ spent: '0' }, { spent: '1000' }]);
  });

  it('loses nothing when a write fails, and refuses when it can not write for long', async () => {
    const budget = open();
    await ask(budget, 100n);
    isDown = true;
    await budget.flush();
    expect(isRefusal(await ask(budget, 100n))).toBe(false);
    clock.advance(5_001);
    expect(await ask(budget, 1n)).toMatchObject({ code: 'LIMITS_BUDGET_UNAVAILABLE' });
    isDown = false;
    await budget.flush();
    expect(isRefusal(await ask(budget, 1n))).toBe(false);
    await budget.close();
    expect(await written()).toBe('201');
  });

  it('refuses a negative estimate', async () => {
    expect(await ask(open(), -1n)).toMatchObject({ code: 'LIMITS_AMOUNT_INVALID' });
  });

  it('counts currencies and scopes apart', async () => {
    const budget = open();
    await ask(budget, 1_000n);
    const other = { tenant, scope: 'workflow:support', limitMicros: 1_000n, estimateMicros: 1_000n, currency: 'EUR' };
    expect(isRefusal(await budget.reserve(other))).toBe(false);
    expect(isRefusal(await budget.reserve({ ...other, currency: 'USD', scope: 'workflow:other' }))).toBe(false);
    await budget.close();
  });
});
