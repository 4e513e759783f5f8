// Rules of departments beside the policies that ship: they only take away, and a refusal names whose rule it is.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { breachOf, type DepartmentRules, EFFECTS, INTEGRITY_LEVELS, NO_RULES, PII_CLASSES } from '#core';
import { ACTIONS, type AuthorizationInput } from './authorization-input.ts';
import { ownRead, shippedPolicy, workload } from './test/policies.ts';

const policy = shippedPolicy();
const RANK = { allow: 2, endorse: 1, deny: 0 } as const;

const anyInput: fc.Arbitrary<AuthorizationInput> = fc
  .record({
    tier: fc.constantFrom('plain', 'bound', 'native'),
    action: fc.constantFrom(...ACTIONS),
    integration: fc.constantFrom('shop', 'mail', 'crm'),
    autonomy: fc.constantFrom('none', 'within_limits'),
    endorsed: fc.boolean(),
    ownership: fc.constantFrom('owned', 'foreign', 'unowned', 'unknown', 'not_applicable'),
    targetsExplained: fc.boolean(),
    targetRuleBroken: fc.boolean(),
    customerProven: fc.boolean(),
    argumentIntegrity: fc.constantFrom(...INTEGRITY_LEVELS),
    needsReview: fc.boolean(),
    modelAllowed: fc.boolean(),
  })
  .map((over) => ({ ...ownRead, ...over }) as AuthorizationInput);
const part = <T>(values: readonly T[]) => fc.option(fc.subarray([...values]), { nil: null });
const anyRules = fc.record({
  integrations: part(['shop', 'mail', 'crm']),
  models: part(['small', 'large']),
  effects: part(EFFECTS),
  dataClasses: part(PII_CLASSES),
}) as fc.Arbitrary<DepartmentRules>;

describe('[M7] rules of a department', () => {
  it('never turn a refusal into anything else, nor a call that waits for a person into one that runs', () => {
    fc.assert(
      fc.property(
        anyInput,
        fc.array(anyRules, { maxLength: 3 }),
        anyRules,
        fc.constantFrom('small', 'large'),
        fc.subarray([...PII_CLASSES]),
        (input, some, more, model, dataClasses) => {
          const used = {
            integration: input.integration,
            model: input.action === 'call_model' ? model : null,
            effect: EFFECTS.find((effect) => effect === input.action) ?? null,
            dataClasses,
          };
          const before = some.map((rules, nth) => ({ name: `d${nth}`, rules }));
          const decide = (departments: typeof before) => policy.authorize({ ...input, outside: breachOf(departments, used) });
          const [without, with_, withMore] = [policy.authorize(input), decide(before), decide([...before, { name: 'more', rules: more }])];
          expect(RANK[with_.kind]).toBeLessThanOrEqual(RANK[without.kind]);
          expect(RANK[withMore.kind]).toBeLessThanOrEqual(RANK[with_.kind]);
          if (breachOf(before, used) !== null) expect(with_.kind).toBe('deny');
        },
      ),
      { seed: 20261123, numRuns: 1_500 },
    );
  });

  it('name the workspace and the rule in the refusal, and are not mixed up in what is remembered', () => {
    const outside = (department: string) =>
      policy.authorize({ ...ownRead, principal: workload, outside: { department, rule: 'integration' } });
    for (const department of ['marketing', 'finance', 'marketing'])
      expect(outside(department)).toMatchObject({
        kind: 'deny',
        code: 'POLICY_OUTSIDE_WORKSPACE',
        evidence: { workspace: department, workspaceRule: 'integration' },
      });
    expect(
      policy.authorize({
        ...ownRead,
        outside: breachOf([{ name: 'any', rules: NO_RULES }], { integration: 'shop', model: null, effect: 'read', dataClasses: [] }),
      }).kind,
    ).toBe('allow');
  });
});
