// What departments may use and spend: read strictly, judged as written, and every widening is told.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  breachOf,
  type DepartmentLimit,
  type DepartmentRules,
  departmentFrom,
  EFFECTS,
  LIMIT_WINDOWS,
  LIMITED,
  limitFrom,
  limitsFrom,
  limitToJson,
  loosenedLimits,
  loosenedRules,
  NO_RULES,
  PII_CLASSES,
  rulesFrom,
  rulesToJson,
  type Used,
} from './index.ts';

const part = <T>(values: readonly T[]) => fc.option(fc.subarray([...values]), { nil: null });
const SHOPS = ['shop', 'crm', 'openai'] as const;
const MODELS = ['small', 'large'] as const;
const anyRules = fc.record({
  integrations: part(SHOPS),
  models: part(MODELS),
  effects: part(EFFECTS),
  dataClasses: part(PII_CLASSES),
}) as fc.Arbitrary<DepartmentRules>;
const anyUse: fc.Arbitrary<Used> = fc.record({
  integration: fc.constantFrom(...SHOPS),
  model: fc.constantFrom(null, ...MODELS),
  effect: fc.constantFrom(null, ...EFFECTS),
  dataClasses: fc.subarray([...PII_CLASSES]),
});
const anyLimit: fc.Arbitrary<DepartmentLimit> = fc
  .record({
    what: fc.constantFrom(...LIMITED),
    per: fc.constantFrom(...LIMIT_WINDOWS),
    most: fc.bigInt(0n, 5n),
    currency: fc.constantFrom('EUR', 'USD', 'JPY'),
  })
  .map((limit) => ({ ...limit, currency: limit.what === 'money' || limit.what === 'model_cost' ? limit.currency : null }));
const anyLimits = fc.uniqueArray(anyLimit, { selector: ({ what, per, currency }) => `${what} ${per} ${currency}`, maxLength: 5 });
const runs = { seed: 20261123, numRuns: 2_000 };
const of = (name: string, rules: DepartmentRules) => ({ name, rules });

describe('rules of departments', () => {
  it('refuse what any of them does not name, and say whose and which', () => {
    const marketing = of('marketing', { ...NO_RULES, models: ['small'], effects: ['read'] });
    const finance = of('finance', { ...NO_RULES, dataClasses: [] });
    const use: Used = { integration: 'shop', model: null, effect: 'read', dataClasses: [] };
    expect(breachOf([marketing, finance], use)).toBe(null);
    expect(breachOf([marketing], { ...use, effect: 'money' })).toEqual({ department: 'marketing', rule: 'effect' });
    expect(breachOf([marketing], { ...use, effect: null, model: 'large' })).toEqual({ department: 'marketing', rule: 'model' });
    expect(breachOf([marketing, finance], { ...use, dataClasses: ['contact'] })).toEqual({ department: 'finance', rule: 'data_class' });
    expect(breachOf([of('it', { ...NO_RULES, integrations: [] })], use)).toEqual({ department: 'it', rule: 'integration' });
  });

  it('only take away: one more department never opens what the others refuse', () => {
    fc.assert(
      fc.property(fc.array(anyRules, { maxLength: 3 }), anyRules, anyUse, (rules, more, use) => {
        const departments = rules.map((each, nth) => of(`d${nth}`, each));
        if (breachOf(departments, use) !== null) expect(breachOf([...departments, of('more', more)], use)).not.toBe(null);
      }),
      runs,
    );
  });

  it('are told as loosened whenever something is allowed now that was not', () => {
    fc.assert(
      fc.property(anyRules, anyRules, anyUse, (before, after, use) => {
        const opens = breachOf([of('d', before)], use) !== null && breachOf([of('d', after)], use) === null;
        if (opens) expect(loosenedRules(before, after)).not.toEqual([]);
      }),
      runs,
    );
    expect(loosenedRules(NO_RULES, { ...NO_RULES, models: [] })).toEqual([]);
    expect(loosenedRules({ ...NO_RULES, models: [] }, NO_RULES)).toEqual(['models']);
  });

  it('come back as they were written, and what can not be read allows nothing', () => {
    fc.assert(
      fc.property(anyRules, anyLimits, (rules, limits) => {
        const read = departmentFrom({ name: 'd', rules: rulesToJson(rules), limits: limits.map(limitToJson) });
        expect(read).toEqual({ name: 'd', rules: rulesFrom(rulesToJson(rules)), limits });
      }),
      runs,
    );
    for (const rules of [[], 'all', { models: 'all' }, { models: [7] }, { effects: ['everything'] }, { mode: [] }] as const) {
      const { rules: read } = departmentFrom({ name: 'd', rules: rules as never, limits: null });
      expect(breachOf([of('d', read)], { integration: 'shop', model: null, effect: null, dataClasses: [] })).not.toBe(null);
    }
    const { rules: none } = departmentFrom({ name: 'd', rules: null, limits: [{ what: 'luck', per: 'day', most: '1' }] });
    expect(none.integrations).toEqual([]);
    expect(departmentFrom({ name: 'd', rules: null, limits: null })).toEqual({ name: 'd', rules: NO_RULES, limits: [] });
  });
});

describe('limits of departments', () => {
  it.each([
    [{ what: 'calls', per: 'day', most: '10', currency: 'EUR' }],
    [{ what: 'calls', per: 'day', most: '1.5' }],
    [{ what: 'calls', per: 'day', most: '-1' }],
    [{ what: 'calls', per: 'week', most: '1' }],
    [{ what: 'money', per: 'day', most: '10' }],
    [{ what: 'money', per: 'day', most: '-10', currency: 'EUR' }],
    [{ what: 'money', per: 'day', most: '99999999999999999', currency: 'EUR' }],
    [{ what: 'money', per: 'day', most: '10', currency: 'euro' }],
    [{ what: 'money', per: 'day', most: 10, currency: 'EUR' }],
  ])('are not %j', (said) => {
    expect(limitFrom(said)).toBe(null);
  });

  it('say each window once', () => {
    const calls = { what: 'calls', per: 'day', most: '10' };
    expect(limitsFrom([calls, { ...calls, most: '20' }])).toBe(null);
    expect(limitsFrom([calls, { ...calls, per: 'hour' }])).toHaveLength(2);
  });

  /** What a department may spend of one kind in one window and currency; null for as much as it likes. */
  const most = (limits: readonly DepartmentLimit[], at: Pick<DepartmentLimit, 'what' | 'per' | 'currency'>): bigint | null => {
    const same = limits.filter(({ what }) => what === at.what);
    const isShut = at.currency !== null && same.length > 0 && same.every(({ currency }) => currency !== at.currency);
    if (isShut) return 0n;
    return same.find(({ per, currency }) => per === at.per && currency === at.currency)?.most ?? null;
  };

  it('are told as loosened whenever more may be used than before', () => {
    fc.assert(
      fc.property(anyLimits, anyLimits, anyLimit, (before, after, at) => {
        const [was, is] = [most(before, at), most(after, at)];
        if (was !== null && (is === null || is > was)) expect(loosenedLimits(before, after)).toContain(at.what);
      }),
      runs,
    );
    expect(loosenedLimits([], [{ what: 'money', per: 'day', most: 5n, currency: 'EUR' }])).toEqual([]);
  });
});
