// Every shipped access policy against its cases, and the generated schemas against their files.

import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { ACTIONS, type Action, ALL_ACTIONS, CONTROL_ACTIONS, type TenantId } from '#core';
import { ACTIONS as DATA_ACTIONS } from '../authorization-input.ts';
import { schema as dataSchema, engine } from '../test/policies.ts';
import { type Access, type AccessQuestion, createAccess } from './create-access.ts';
import { accessPolicyFiles } from './policy-files.ts';
import { accessSchema } from './schema.ts';

const FOLDER = new URL('./', import.meta.url);
const read = (name: string): string => readFileSync(new URL(name, FOLDER), 'utf8');
const texts = Object.fromEntries(accessPolicyFiles.map((name) => [name, read(`${name}.cedar`)]));
const access = createAccess({ engine, policies: texts });

interface Case {
  readonly name: string;
  readonly with: Partial<Omit<AccessQuestion, 'actor'>> & { readonly actor?: Readonly<Record<string, string | boolean>> };
  readonly expect: 'allow' | 'deny';
  readonly by: readonly string[];
  readonly code?: string;
}

const ours = 'ours' as TenantId;
const plain: AccessQuestion = {
  action: 'runs.view',
  tenant: ours,
  actor: { tenant: ours, home: ours, isOwner: false },
  isGranted: true,
  isDelegated: false,
  isSingleFactor: false,
  ...{ isLocal: false, hasPasskey: false, isFresh: false, isSolo: false, risk: 'none', network: 'unknown', country: 'unknown', hour: 12 },
  ...{ isFrozen: false, askedByHours: 'nothing', askedByNetwork: 'nothing', askedByCountry: 'nothing' },
  ...{ askedByPosture: 'nothing', askedByTraining: 'nothing' },
};
const questionOf = (given: Case['with']): AccessQuestion => ({
  ...plain,
  ...given,
  actor: { ...plain.actor, ...given.actor } as AccessQuestion['actor'],
});
const cases = accessPolicyFiles.map((file) => ({ file, cases: JSON.parse(read(`${file}.cases.json`)) as readonly Case[] }));

const answers = (to: Access, one: Case): object => {
  const decision = to.decide(questionOf(one.with));
  const code = decision.kind === 'deny' ? decision.code : null;
  return { kind: decision.kind, by: decision.policies, ...(one.code === undefined ? {} : { code }) };
};
const expected = (one: Case): object => ({ kind: one.expect, by: one.by, ...(one.code === undefined ? {} : { code: one.code }) });

for (const { file, cases: ofFile } of cases) {
  describe(file, () => {
    test.each(ofFile.map((one) => [one.name, one] as const))('%s', (_, one) => expect(answers(access, one)).toEqual(expected(one)));
  });
}

describe('the access policies', () => {
  test('are exactly the files in the folder', () => {
    const files = readdirSync(FOLDER).filter((name) => /\.(?:cedar|cases\.json)$/.test(name));
    expect(files.sort()).toEqual(accessPolicyFiles.flatMap((name) => [`${name}.cases.json`, `${name}.cedar`]).sort());
  });

  test('are each needed: without one, one of its own cases turns out otherwise', () => {
    for (const { file, cases: ofFile } of cases) {
      const { [file]: _, ...rest } = texts;
      const weakened = createAccess({ engine, policies: rest });
      const changed = ofFile.filter((one) => JSON.stringify(answers(weakened, one)) !== JSON.stringify(expected(one)));
      expect(changed.length, file).toBeGreaterThan(0);
    }
  });

  test('speak about every action of the table: each is allowed by a grant and shut without', () => {
    for (const action of CONTROL_ACTIONS) {
      expect(access.decide({ ...plain, action }).kind, action).toBe('allow');
      expect(access.decide({ ...plain, action, isGranted: false }).kind, action).toBe('deny');
    }
  });

  test('deny an action that is not in the table, and whatever the engine can not decide', () => {
    expect(access.decide({ ...plain, action: 'runs.delete' as Action })).toMatchObject({ kind: 'deny', code: 'POLICY_EVALUATION_ERROR' });
    const broken = createAccess({
      engine: {
        ...pick(engine),
        statefulIsAuthorized: () => {
          throw new Error('wasm');
        },
      },
      policies: texts,
    });
    expect(broken.decide(plain)).toMatchObject({ kind: 'deny', code: 'POLICY_EVALUATION_ERROR' });
    const erring = createAccess({
      engine: {
        ...pick(engine),
        statefulIsAuthorized: () => ({
          type: 'success',
          response: { decision: 'allow', diagnostics: { reason: ['permit-granted'], errors: [{ policyId: 'x' }] } },
        }),
      },
      policies: texts,
    });
    expect(erring.decide(plain)).toMatchObject({ kind: 'deny', code: 'POLICY_EVALUATION_ERROR' });
  });
});

describe('the schemas come from the table of actions', () => {
  test('the control plane’s file is what is written from it', () => expect(read('schema.cedarschema')).toBe(accessSchema()));

  test('the data plane’s actions are those of the table', () => {
    const ofTable = ALL_ACTIONS.filter((action) => ACTIONS[action].plane === 'data').map((action) => action.slice('guard.'.length));
    expect([...DATA_ACTIONS].sort()).toEqual([...ofTable].sort());
    const declared = [...dataSchema.matchAll(/^\s*action ([a-z_, ]+) in \[[a-z]+\] appliesTo/gm)].flatMap((found) =>
      (found[1] ?? '').split(', '),
    );
    expect(declared.sort()).toEqual([...ofTable].sort());
  });
});

function pick(of: typeof engine): typeof engine {
  const { preparseSchema, preparsePolicySet, validate, policyToJson, getValidRequestEnvsPolicy, statefulIsAuthorized } = of;
  return { preparseSchema, preparsePolicySet, validate, policyToJson, getValidRequestEnvsPolicy, statefulIsAuthorized };
}
