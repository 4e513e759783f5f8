// A call by an access token does what the token carries and, where it acts for a person, what that person may do; nothing beyond either.

import { describe, expect, test } from 'vitest';
import { type ActedOn, type Action, isRefusal, type PersonId, type TokenScope } from '#core';
import type { Labelled } from '../types.ts';
import { withinToken } from './token-scope.ts';

const person = 'per_018cc251-f400-7000-8000-000000000001' as PersonId;

interface Given {
  readonly scope?: TokenScope | null;
  readonly effect?: string;
  readonly model?: string;
  readonly acts?: boolean;
  readonly workflow?: string | null;
}

function outcomeOf({ scope = ['shop'], effect = 'read', model, acts = false, workflow = null }: Given, may = true) {
  const asked: { action: Action; on: ActedOn }[] = [];
  const identity = {
    personMay: (_tenant: unknown, _person: unknown, one: { action: Action; on: ActedOn }) => {
      asked.push(one);
      return may;
    },
  };
  const token = scope === null ? undefined : { scope, step: 'answer', person: acts ? person : null };
  const call = {
    principal: { workflow, ...(token === undefined ? {} : { token }) },
    integration: { name: 'shop' },
    matched: model === undefined ? { operation: { name: 'create_refund', effect } } : null,
    received: { request: model === undefined ? { kind: 'operation' } : { kind: 'model', model } },
  } as unknown as Labelled;
  const answer = withinToken({ identity } as never, call);
  return { code: isRefusal(answer) ? answer.code : 'in', asked };
}

describe('an access token', () => {
  test.each<[string, Given, string]>([
    ['the whole integration', { scope: ['shop'] }, 'in'],
    ['the operation', { scope: ['mail', 'shop:create_refund'] }, 'in'],
    ['another operation', { scope: ['shop:get_order'] }, 'IDENTITY_TOKEN_SCOPE'],
    ['another integration', { scope: ['mail'] }, 'IDENTITY_TOKEN_SCOPE'],
    ['an operation whose name only begins alike', { scope: ['shop:create_refund_all'] }, 'IDENTITY_TOKEN_SCOPE'],
    ['nothing', { scope: [] }, 'IDENTITY_TOKEN_SCOPE'],
    ['the model', { scope: ['shop:small'], model: 'small' }, 'in'],
    ['another model', { scope: ['shop:small'], model: 'large' }, 'IDENTITY_TOKEN_SCOPE'],
  ])('that carries %s', (_what, given, code) => {
    expect(outcomeOf(given).code).toBe(code);
  });

  test('is not asked for where a key was presented', () => {
    expect(outcomeOf({ scope: null })).toEqual({ code: 'in', asked: [] });
  });

  test('[P2] in a person’s name is good for what that person may do on the same thing', () => {
    expect(outcomeOf({ acts: true, effect: 'money', workflow: 'refunds' })).toEqual({
      code: 'in',
      asked: [{ action: 'guard.money', on: { integration: 'shop', workflow: 'refunds' } }],
    });
    expect(outcomeOf({ acts: true, effect: 'money' }, false).code).toBe('IDENTITY_TOKEN_PERSON');
    expect(outcomeOf({ acts: true, scope: ['shop:small'], model: 'small' }, false)).toMatchObject({
      code: 'IDENTITY_TOKEN_PERSON',
      asked: [{ action: 'guard.call_model' }],
    });
  });
});
