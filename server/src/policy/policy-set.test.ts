import { describe, expect, test } from 'vitest';
import { SallyportError } from '#core';
import { createPolicy } from './create-policy.ts';
import { engine, schema } from './test/policies.ts';

describe('policies that can not be used stop the start', () => {
  const start = (policies: Record<string, string>, text = schema): readonly [string, string] => {
    try {
      createPolicy({ engine, schema: text, policies });
      return ['started', ''];
    } catch (error) {
      return error instanceof SallyportError ? [error.code, error.message] : ['another error', String(error)];
    }
  };
  const permit = (condition: string): Record<string, string> => ({
    p: `permit (principal, action == Sallyport::Action::"read", resource) when { ${condition} };`,
  });

  test.each([
    ['a schema that does not parse', {}, 'entity', 'POLICY_SCHEMA_INVALID'],
    ['a policy that does not parse', { p: 'permit (' }, schema, 'POLICY_INVALID'],
    ['an attribute nobody declared', permit('context.ownerShip == "owned"'), schema, 'POLICY_INVALID'],
    ['a comparison of two types', permit('context.ownership == 1'), schema, 'POLICY_INVALID'],
    ['an optional attribute read without a check', permit('context.amountMinor > 1'), schema, 'POLICY_INVALID'],
    ['an action nobody declared', { p: 'permit (principal, action == Sallyport::Action::"reed", resource);' }, schema, 'POLICY_INVALID'],
    [
      'two policies under one id',
      { p: 'permit (principal, action, resource); permit (principal, action, resource);' },
      schema,
      'POLICY_INVALID',
    ],
    [
      'a forbid that can never fire',
      {
        p: '@code("POLICY_X_Y") @reason("x") forbid (principal, action, resource) when { context.tier == "plain" && context has nothing };',
      },
      schema,
      'POLICY_INVALID',
    ],
    ['a forbid without a code', { p: 'forbid (principal, action, resource);' }, schema, 'POLICY_INVALID'],
    ['an annotation nobody reads', { p: '@limit("5") permit (principal, action, resource);' }, schema, 'POLICY_INVALID'],
  ])('%s', (_, policies, text, code) => {
    expect(start(policies as Record<string, string>, text)[0]).toBe(code);
  });

  test('and the message says which policy and why, for what Cedar calls an error and for what it calls a warning', () => {
    expect(start(permit('context.ownerShip == "owned"'))[1]).toMatch(/^The policy p can not be used: .*ownerShip/s);
    expect(start(permit('context.ownership == "ow\u202ened"'))[1]).toMatch(/^The policy p can not be used: .*(bidi|BIDI)/s);
  });
});
