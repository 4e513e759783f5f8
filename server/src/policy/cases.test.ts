import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { AuthorizationInput } from './authorization-input.ts';
import { policyCodes } from './errors.ts';
import { policyFiles, policySchemaFile } from './policy-files.ts';
import { otherTenant, ownRead, person, readPolicyFile, shippedPolicy, shippedTexts } from './test/policies.ts';

interface Case {
  readonly name: string;
  readonly with: Readonly<Record<string, unknown>>;
  readonly expect: 'allow' | 'endorse' | 'deny';
  readonly by: readonly string[];
  readonly code?: string;
}

const cases = policyFiles.map((policy) => ({ policy, cases: JSON.parse(readPolicyFile(`${policy}.cases.json`)) as readonly Case[] }));
const policy = shippedPolicy();

function inputOf(given: Case['with']): AuthorizationInput {
  const amount = (value: unknown): bigint | null => (typeof value === 'string' ? BigInt(value) : null);
  return {
    ...ownRead,
    ...given,
    tenant: given.tenant === 'other' ? otherTenant : ownRead.tenant,
    principal: given.principal === 'person' ? person : ownRead.principal,
    amountMinor: amount(given.amountMinor),
    limitMinor: amount(given.limitMinor),
  };
}

for (const { policy: file, cases: ofPolicy } of cases) {
  describe(`${file}`, () => {
    test.each(ofPolicy.map((one) => [one.name, one] as const))('%s', (_, one) => {
      const decision = policy.authorize(inputOf(one.with));
      expect({
        kind: decision.kind,
        by: decision.policies,
        ...('code' in decision && one.code !== undefined ? { code: decision.code } : {}),
      }).toEqual({
        kind: one.expect,
        by: one.by,
        ...(one.code === undefined ? {} : { code: one.code }),
      });
    });
  });
}

describe('the shipped policies', () => {
  test('are exactly the files in the folder', () => {
    const files = readdirSync(new URL('./policies/', import.meta.url)).sort();
    expect(files).toEqual([...policyFiles.flatMap((name) => [`${name}.cases.json`, `${name}.cedar`]), policySchemaFile].sort());
  });

  test('each decide at least one case alone, and each set has an allow, an endorse and a deny', () => {
    const all = cases.flatMap((each) => each.cases);
    for (const name of policyFiles) expect(all.some((one) => one.by.length === 1 && one.by[0] === name)).toBe(true);
    expect(new Set(all.map((one) => one.expect))).toEqual(new Set(['allow', 'endorse', 'deny']));
  });

  test('are each needed: without one, one of its own cases turns out otherwise', async () => {
    const { createPolicy } = await import('./create-policy.ts');
    const { engine, schema } = await import('./test/policies.ts');
    for (const { policy: file, cases: ofPolicy } of cases) {
      const { [file]: _, ...rest } = shippedTexts();
      const weakened = createPolicy({ engine, schema, policies: rest });
      const changed = ofPolicy.filter((one) => {
        const decision = weakened.authorize(inputOf(one.with));
        return decision.kind !== one.expect || decision.policies.join() !== one.by.join();
      });
      expect(changed.length, file).toBeGreaterThan(0);
    }
  });

  test('refuse only with codes of the table', () => {
    for (const text of Object.values(shippedTexts())) {
      const code = /@code\("([^"]+)"\)/.exec(text)?.[1];
      if (code !== undefined) expect(policyCodes[code]).toMatchObject({ kind: 'refusal', status: 403 });
    }
  });
});
