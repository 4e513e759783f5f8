// While it can not be told which departments a call belongs to, nothing passes; and what one budget refuses is counted in none.

import { describe, expect, it } from 'vitest';
import { type Department, NO_RULES, refuse } from '#core';
import type { Rendered } from '../types.ts';
import { departmentsOf, holdBudgets } from './departments.ts';

const principal = { kind: 'workload', tenant: 'ten_1', workload: 'wkl_1', workflow: 'campaign' } as never;

describe('the departments of a call', () => {
  it('are asked for with everything that has a hand in it', () => {
    const asked: unknown[] = [];
    const port = {
      departmentsOf: (...given: unknown[]) => {
        asked.push(given);
        return [];
      },
    };
    expect(departmentsOf({ departments: port as never }, principal, 'shop')).toEqual([]);
    expect(asked).toEqual([['ten_1', { workflow: 'campaign', workload: 'wkl_1', integration: 'shop' }]]);
  });

  it('refuse every call while nobody can tell them', () => {
    expect(departmentsOf({ departments: { departmentsOf: () => null } }, principal, 'shop')).toMatchObject({
      code: 'ENFORCEMENT_WORKSPACES_UNAVAILABLE',
    });
  });

  it('give back what was held when a later budget refuses', async () => {
    const settled: [string, bigint][] = [];
    const budget = {
      reserve: async ({ scope }: { scope: string }) =>
        scope.includes('/finance/') ? refuse('LIMITS_DEPARTMENT_EXCEEDED', 'Full.') : { kind: 'hold', key: scope, estimateMicros: 1n },
      settle: (hold: { key: string }, micros: bigint) => settled.push([hold.key, micros]),
    };
    const of = (name: string): Department => ({ name, rules: NO_RULES, limits: [{ what: 'calls', per: 'day', most: 1n, currency: null }] });
    const call = {
      principal: { tenant: 'ten_1', workload: 'wkl_1' },
      integration: { spending: null },
      received: { request: { kind: 'operation' } },
      departments: [of('marketing'), of('finance')],
    } as unknown as Rendered;
    expect(await holdBudgets({ limits: { budget } as never }, call)).toMatchObject({ code: 'LIMITS_DEPARTMENT_EXCEEDED' });
    expect(settled).toEqual([['department:/marketing/calls/day', 0n]]);
  });
});
