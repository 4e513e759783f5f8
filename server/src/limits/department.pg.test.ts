// Budgets of departments: several processes count in the same windows, nothing passes them, and a refusal names whose it is.

import { type FixedClock, fixedClock, seededRandom, type TestDatabase, testDatabase } from '@sallyport/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  type Department,
  type DepartmentLimit,
  isRefusal,
  type Money,
  NO_RULES,
  newId,
  type Refusal,
  type ReservationId,
  type TenantId,
} from '#core';
import { migrations as storageMigrations } from '#storage';
import { createLimits, type Limits } from './create-limits.ts';
import { departmentBudgets, departmentKeys, departmentScope } from './department.ts';
import { migrations } from './migrations/index.ts';
import { listDepartmentUse } from './store/department-use.ts';
import { windowEnd, windowStart } from './windows.ts';

const random = seededRandom();
let database: TestDatabase;
let clock: FixedClock;
let tenant: TenantId;
/** Of two processes: each has its own memory. */
let here: Limits;
let there: Limits;

beforeAll(async () => {
  database = await testDatabase([...storageMigrations, ...migrations], { poolSize: 16 });
});
afterAll(() => database.close());
beforeEach(() => {
  clock = fixedClock(Date.UTC(2030, 0, 31, 12));
  tenant = newId('ten', clock, random);
  const open = () => createLimits({ db: database.db, clock, random, config: { requestsPerMinute: 60, tokensPerMinute: 1_000 } });
  [here, there] = [open(), open()];
});

const limit = (what: DepartmentLimit['what'], most: bigint, over: Partial<DepartmentLimit> = {}): DepartmentLimit => ({
  what,
  per: 'day',
  most,
  currency: what === 'money' || what === 'model_cost' ? 'EUR' : null,
  ...over,
});
const department = (name: string, ...limits: readonly DepartmentLimit[]): Department => ({ name, rules: NO_RULES, limits });
const euros = (amountMinor: bigint, currency = 'EUR'): Money => ({ amountMinor, currency });

async function effect(limits: Limits, departments: readonly Department[], amount: Money | null): Promise<ReservationId | Refusal> {
  const keys = departmentKeys(departments, { amount, movesMoney: amount !== null });
  if (isRefusal(keys)) return keys;
  const call = newId('call', clock, random);
  return database.db.inTenant(tenant, (tx) => limits.reserve(tx, { call, tenant, keys, amount, count: 1 }));
}
async function count(limits: Limits, departments: readonly Department[], tokens: number | null = null) {
  const budgets = departmentBudgets(departments, { tenant, tokens, cost: tokens === null ? null : { micros: 10_000n, currency: 'EUR' } });
  if (isRefusal(budgets)) return budgets;
  const holds = [];
  for (const { request } of budgets) {
    const hold = await limits.budget.reserve(request);
    if (isRefusal(hold)) return hold;
    holds.push(hold);
  }
  return holds;
}
/** Moves the clock of both on to then. */
const at = (atMs: number): void => clock.advance(atMs - clock.now());
const use = async () => {
  const now = clock.now();
  const starts = { hour: windowStart('hour', now), day: windowStart('day', now), month: windowStart('month', now) };
  return new Map((await database.db.inTenant(tenant, (tx) => listDepartmentUse(tx, tenant, starts))).map((one) => [one.scope, one]));
};

describe('[M7] the budget of a department', () => {
  it('is not passed by effects of two processes at once, in money or in number', async () => {
    const finance = department('finance', limit('money', 1_000n), limit('effects', 12n));
    const asked = Array.from({ length: 40 }, (_, nth) => effect(nth % 2 === 0 ? here : there, [finance], euros(70n)));
    const results = await Promise.all(asked);
    expect(results.filter((one) => !isRefusal(one))).toHaveLength(12);
    for (const refusal of results.filter(isRefusal))
      expect(refusal).toMatchObject({
        code: 'LIMITS_DEPARTMENT_EXCEEDED',
        evidence: { workspace: 'finance', what: 'effects', limit: '12' },
      });
    const dear = department('finance', limit('money', 1_000n));
    expect(await effect(there, [dear], euros(161n))).toMatchObject({ evidence: { what: 'money', limit: '10.00 EUR', window: 'day' } });
    expect(isRefusal(await effect(there, [dear], euros(160n)))).toBe(false);
  });

  it('lets no money move whose amount nobody can tell, where money is limited', () => {
    const unknown = { amount: null, movesMoney: true };
    expect(departmentKeys([department('finance', limit('money', 1_000n))], unknown)).toMatchObject({
      code: 'LIMITS_DEPARTMENT_CURRENCY',
      evidence: { workspace: 'finance', what: 'money', currency: 'none' },
    });
    expect(departmentKeys([department('finance', limit('effects', 2n))], unknown)).toHaveLength(1);
    expect(departmentKeys([department('finance', limit('money', 1_000n))], { amount: null, movesMoney: false })).toEqual([]);
  });

  it('counts money of any currency as an effect, and refuses one it has no limit for', async () => {
    const finance = department('finance', limit('effects', 2n), limit('money', 1_000n));
    expect(await effect(here, [finance], euros(100n, 'USD'))).toMatchObject({
      code: 'LIMITS_DEPARTMENT_CURRENCY',
      evidence: { workspace: 'finance', currency: 'USD' },
    });
    const both = department('finance', ...finance.limits, limit('money', 500n, { currency: 'USD' }));
    const first = await effect(here, [both], euros(100n, 'USD'));
    expect(isRefusal(await effect(here, [both], null))).toBe(false);
    expect(await effect(here, [both], euros(1n))).toMatchObject({ evidence: { what: 'effects' } });
    // What did not happen is given back, in number and in money.
    await database.db.inTenant(tenant, (tx) => here.settle(tx, first as ReservationId, 'released'));
    expect(isRefusal(await effect(here, [both], euros(500n, 'USD')))).toBe(false);
  });

  it('holds in every department of a call, and what one refuses is counted in none', async () => {
    const departments = [department('finance', limit('money', 100n)), department('marketing', limit('money', 1_000n))];
    expect(isRefusal(await effect(here, departments, euros(90n)))).toBe(false);
    expect(await effect(here, departments, euros(90n))).toMatchObject({ evidence: { workspace: 'finance' } });
    const used = await use();
    expect(departments.map((one) => used.get(departmentScope(one.name, one.limits[0] as DepartmentLimit))?.spent)).toEqual([90n, 90n]);
  });

  it('begins anew with its window: a month on the first', async () => {
    const finance = department('finance', limit('money', 100n, { per: 'month' }), limit('effects', 1n));
    expect(isRefusal(await effect(here, [finance], euros(80n)))).toBe(false);
    at(Date.UTC(2030, 0, 31, 23, 59));
    expect(await effect(here, [department('finance', limit('money', 100n, { per: 'month' }))], euros(80n))).toMatchObject({
      evidence: { what: 'money', window: 'month' },
    });
    at(Date.UTC(2030, 1, 1));
    expect(isRefusal(await effect(here, [finance], euros(80n)))).toBe(false);
    expect([windowStart('month', clock.now()), windowEnd('month', clock.now())]).toEqual([Date.UTC(2030, 1, 1), Date.UTC(2030, 2, 1)]);
    // A month is still counted when days of that age are long forgotten.
    at(Date.UTC(2030, 1, 27));
    await here.prune(Date.UTC(2030, 1, 20));
    expect([...(await use()).keys()]).toEqual(['department:/finance/money/EUR/month']);
  });

  it('counts calls, tokens and cost of models over processes, once each has written what it counted', async () => {
    const it_ = department('it', limit('calls', 3n, { per: 'hour' }), limit('tokens', 250n), limit('model_cost', 3n));
    expect(isRefusal(await count(here, [it_], 100))).toBe(false);
    await here.budget.flush();
    expect(isRefusal(await count(there, [it_], 100))).toBe(false);
    expect(await count(there, [it_], 100)).toMatchObject({
      code: 'LIMITS_DEPARTMENT_EXCEEDED',
      evidence: { workspace: 'it', what: 'tokens', limit: '250', window: 'day' },
    });
    expect(await count(there, [it_])).toMatchObject({ evidence: { what: 'calls', limit: '3', window: 'hour' } });
    expect(await count(there, [department('it', limit('model_cost', 2n))], 1)).toMatchObject({ evidence: { limit: '0.02 EUR' } });
    await there.budget.flush();
    expect((await use()).get('department:/it/calls/hour')).toMatchObject({ spent: 3n });
  });

  it('lets no model be called whose cost it can not count', () => {
    const limits = [department('it', limit('model_cost', 100n))];
    for (const cost of [null, { micros: 1n, currency: 'USD' }])
      expect(departmentBudgets(limits, { tenant, tokens: 10, cost })).toMatchObject({ code: 'LIMITS_DEPARTMENT_CURRENCY' });
    expect(departmentBudgets(limits, { tenant, tokens: null, cost: null })).toEqual([]);
  });

  it('is not forgotten with an integration of the same name', async () => {
    const shop = department('shop', limit('effects', 1n));
    expect(isRefusal(await effect(here, [shop], null))).toBe(false);
    await database.db.inTenant(tenant, (tx) => here.forget(tx, tenant, ['shop', '', 'department', 'effects']));
    expect(isRefusal(await effect(here, [shop], null))).toBe(true);
  });
});
