import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { INTEGRITY_LEVELS } from '#core';
import { ACTIONS, type AuthorizationInput, keyOf, membersOf } from './authorization-input.ts';
import { createPolicy } from './create-policy.ts';
import type { AuthorizationAnswer, CedarEngine } from './engine.ts';
import { engine, otherTenant, ownRead, person, schema, shippedPolicy, shippedTexts, tenant, workload } from './test/policies.ts';

const policy = shippedPolicy();

const anyInput: fc.Arbitrary<AuthorizationInput> = fc.record({
  tenant: fc.constantFrom(tenant, tenant, tenant, otherTenant),
  principal: fc.constantFrom(workload, workload, { ...workload, integrations: new Set<string>() }, person),
  tier: fc.constantFrom('plain', 'bound', 'native'),
  action: fc.constantFrom(...ACTIONS),
  integration: fc.constantFrom('shop', 'mail', 'crm'),
  operation: fc.constantFrom('orders.get', 'refunds.create'),
  autonomy: fc.constantFrom('none', 'within_limits'),
  endorsed: fc.boolean(),
  ownership: fc.constantFrom('owned', 'foreign', 'unowned', 'unknown', 'not_applicable'),
  targetsExplained: fc.boolean(),
  targetRuleBroken: fc.boolean(),
  customerProven: fc.boolean(),
  argumentIntegrity: fc.constantFrom(...INTEGRITY_LEVELS),
  amountWithinRemainder: fc.constantFrom<boolean | 'not_applicable'>(true, false, 'not_applicable'),
  amountMinor: fc.constantFrom(null, 0n, 500n, 5_000n),
  limitMinor: fc.constantFrom(null, 0n, 1_000n, 10_000n),
  carriesPii: fc.boolean(),
  needsReview: fc.boolean(),
  modelAllowed: fc.boolean(),
});

type Worsening = readonly [string, (input: AuthorizationInput) => AuthorizationInput];

/** Every way in which a call can become less trusted, one step at a time. */
const worsenings: readonly Worsening[] = [
  [
    'less integrity',
    (input) => ({
      ...input,
      argumentIntegrity: INTEGRITY_LEVELS[Math.max(0, INTEGRITY_LEVELS.indexOf(input.argumentIntegrity) - 1)] ?? 'third_party',
    }),
  ],
  ['the object turns out to be somebody else’s', (input) => ({ ...input, ownership: 'foreign' })],
  ['an owner can no longer be shown', (input) => (input.ownership === 'foreign' ? input : { ...input, ownership: 'unknown' })],
  ['personal data is added', (input) => ({ ...input, carriesPii: true })],
  ['a target loses its explanation', (input) => ({ ...input, targetsExplained: false })],
  ['a target rule is broken', (input) => ({ ...input, targetRuleBroken: true, targetsExplained: false })],
  ['the customer is no longer proven', (input) => ({ ...input, customerProven: false })],
  ['autonomy is withdrawn', (input) => ({ ...input, autonomy: 'none' })],
  ['the endorsement is gone', (input) => ({ ...input, endorsed: false })],
  [
    'the amount grows',
    (input) => ({
      ...input,
      amountMinor: (input.amountMinor ?? 0n) + 1_000n,
      amountWithinRemainder: input.amountWithinRemainder === true ? true : input.amountWithinRemainder,
    }),
  ],
  ['the amount passes the remainder', (input) => ({ ...input, amountWithinRemainder: false })],
  ['the limit is taken away', (input) => ({ ...input, limitMinor: null })],
  ['the operation needs review', (input) => ({ ...input, needsReview: true })],
  ['the model is no longer allowed', (input) => ({ ...input, modelAllowed: false })],
  [
    'the key loses its integrations',
    (input) =>
      input.principal.kind === 'workload' ? { ...input, principal: { ...input.principal, integrations: new Set<string>() } } : input,
  ],
  ['the caller turns out to be of another tenant', (input) => ({ ...input, tenant: otherTenant })],
];

const RANK = { allow: 2, endorse: 1, deny: 0 } as const;

describe('a call that becomes less trusted', () => {
  test.each(worsenings)('%s: never gets further than before', (_, worsen) => {
    fc.assert(
      fc.property(anyInput, (input) => {
        if (_ === 'the caller turns out to be of another tenant' && input.principal.tenant !== tenant) return;
        const before = policy.authorize(input);
        const after = policy.authorize(worsen(input));
        expect(RANK[after.kind]).toBeLessThanOrEqual(RANK[before.kind]);
      }),
      { numRuns: 150 },
    );
  });

  test('a caller that drops its binding is never allowed anything without a person that it was denied', () => {
    fc.assert(
      fc.property(anyInput, (input) => {
        const before = policy.authorize({ ...input, tier: 'bound', endorsed: false });
        const after = policy.authorize({ ...input, tier: 'plain', customerProven: false, endorsed: false });
        if (before.kind !== 'allow') expect(after.kind).not.toBe('allow');
      }),
      { numRuns: 300 },
    );
  });

  test('no effect of a plain caller is ever allowed without an endorsement', () => {
    fc.assert(
      fc.property(anyInput, fc.constantFrom('write', 'delete', 'send', 'money', 'admin'), (input, action) => {
        expect(policy.authorize({ ...input, action, tier: 'plain', endorsed: false }).kind).not.toBe('allow');
      }),
      { numRuns: 300 },
    );
  });
});

describe('a decision', () => {
  test('names the policies that made it and is frozen', () => {
    const decision = policy.authorize(ownRead);
    expect(decision).toEqual({ kind: 'allow', policies: ['permit-read'] });
    expect(Object.isFrozen(decision)).toBe(true);
  });

  test('names every forbid that fired, and takes its code from the weightiest', () => {
    expect(policy.authorize({ ...ownRead, ownership: 'foreign', targetRuleBroken: true })).toMatchObject({
      kind: 'deny',
      policies: ['forbid-foreign-object', 'forbid-broken-target-rule'],
      code: 'POLICY_FOREIGN_OBJECT',
    });
  });

  test.each([-1n, 2n ** 53n, 2n ** 70n])('on an amount of %s is a refusal, not a rounding', (amountMinor) => {
    expect(policy.authorize({ ...ownRead, action: 'money', endorsed: true, amountMinor })).toMatchObject({
      kind: 'deny',
      code: 'POLICY_AMOUNT_OUT_OF_RANGE',
    });
    expect(policy.authorize({ ...ownRead, action: 'money', endorsed: true, limitMinor: amountMinor })).toMatchObject({
      kind: 'deny',
      code: 'POLICY_AMOUNT_OUT_OF_RANGE',
    });
  });

  test('where nothing permits is a denial even with an endorsement', () => {
    const { 'permit-endorsed': _, ...policies } = shippedTexts();
    const strict = createPolicy({ engine, schema, policies });
    expect(strict.authorize({ ...ownRead, action: 'admin', endorsed: true })).toMatchObject({
      kind: 'deny',
      code: 'POLICY_NO_RULE',
      policies: [],
    });
  });
});

describe('the memo', () => {
  test('has a key that changes with every input that can decide', () => {
    fc.assert(
      fc.property(anyInput, anyInput, (left, right) => {
        const slice = (input: AuthorizationInput): unknown => ({
          ...input,
          principal: {
            ...input.principal,
            integrations: input.principal.kind === 'workload' && input.principal.integrations.has(input.integration),
          },
          amountMinor: String(input.amountMinor),
          limitMinor: String(input.limitMinor),
        });
        const same = JSON.stringify(slice(left)) === JSON.stringify(slice(right));
        expect(keyOf(membersOf(left)) === keyOf(membersOf(right))).toBe(same);
      }),
      { numRuns: 500 },
    );
  });

  test('answers as a fresh evaluation does', () => {
    const remembered = shippedPolicy();
    fc.assert(
      fc.property(anyInput, (input) => {
        const first = remembered.authorize(input);
        expect(remembered.authorize(input)).toBe(first);
        expect(policy.authorize(input)).toEqual(first);
      }),
      { numRuns: 200 },
    );
  });

  test('is not shared between revisions of the policies', () => {
    const { 'permit-read': _, ...policies } = shippedTexts();
    const first = shippedPolicy();
    expect(first.authorize(ownRead).kind).toBe('allow');
    const second = createPolicy({ engine, schema, policies });
    expect(second.authorize(ownRead).kind).toBe('endorse');
    expect(first.authorize(ownRead).kind).toBe('allow');
  });

  test('stays bounded however many amounts pass', () => {
    let evaluations = 0;
    const counting: CedarEngine = {
      ...pick(engine),
      statefulIsAuthorized: () => {
        evaluations += 1;
        return { type: 'success', response: { decision: 'allow', diagnostics: { reason: ['permit-read'], errors: [] } } };
      },
    };
    const bounded = createPolicy({ engine: counting, schema, policies: shippedTexts() });
    for (let amount = 0n; amount < 5_000n; amount += 1n) bounded.authorize({ ...ownRead, amountMinor: amount });
    expect(evaluations).toBe(5_000);
    bounded.authorize({ ...ownRead, amountMinor: 4_999n });
    expect(evaluations).toBe(5_000);
    bounded.authorize({ ...ownRead, amountMinor: 0n });
    expect(evaluations).toBe(5_001);
  });
});

function pick(source: CedarEngine): CedarEngine {
  const { preparseSchema, preparsePolicySet, validate, policyToJson, getValidRequestEnvsPolicy, statefulIsAuthorized } = source;
  return { preparseSchema, preparsePolicySet, validate, policyToJson, getValidRequestEnvsPolicy, statefulIsAuthorized };
}

describe('an evaluation that can not be trusted denies', () => {
  const answers: readonly (readonly [string, () => AuthorizationAnswer])[] = [
    [
      'errors beside an allow',
      () => ({
        type: 'success',
        response: { decision: 'allow', diagnostics: { reason: ['permit-read'], errors: [{ policyId: 'forbid-foreign-object' }] } },
      }),
    ],
    ['errors beside a deny', () => ({ type: 'success', response: { decision: 'deny', diagnostics: { reason: [], errors: [{}] } } })],
    ['a failure', () => ({ type: 'failure', errors: [{ message: 'no' }] })],
    ['an allow without a policy', () => ({ type: 'success', response: { decision: 'allow', diagnostics: { reason: [], errors: [] } } })],
    [
      'an allow by a policy nobody knows',
      () => ({ type: 'success', response: { decision: 'allow', diagnostics: { reason: ['policy0'], errors: [] } } }),
    ],
    [
      'an allow by a forbid',
      () => ({ type: 'success', response: { decision: 'allow', diagnostics: { reason: ['forbid-foreign-object'], errors: [] } } }),
    ],
    [
      'a crash of the engine',
      () => {
        throw new Error('unreachable');
      },
    ],
  ];
  test.each(answers)('%s', (_, answer) => {
    const broken = createPolicy({ engine: { ...pick(engine), statefulIsAuthorized: answer }, schema, policies: shippedTexts() });
    expect(broken.authorize(ownRead)).toMatchObject({ kind: 'deny', code: 'POLICY_EVALUATION_ERROR' });
  });

  test('a real policy that errs: Cedar skips it, we deny', () => {
    const overflow =
      '@code("POLICY_TEST_OVERFLOW") @reason("x") forbid (principal, action == Sallyport::Action::"money", resource) when { context has amountMinor && context.amountMinor * 9007199254740991 > 0 };';
    const erring = createPolicy({ engine, schema, policies: { ...shippedTexts(), 'forbid-overflow': overflow } });
    const pay: AuthorizationInput = { ...ownRead, action: 'money', endorsed: true, amountMinor: 5_000n };
    expect(policy.authorize(pay).kind).toBe('allow');
    expect(erring.authorize(pay)).toMatchObject({ kind: 'deny', code: 'POLICY_EVALUATION_ERROR' });
  });
});
