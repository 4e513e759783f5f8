// A call that was stored and runs after a person said yes has the limits of the access token it was made with, and none of its lifetime.

import { describe, expect, test } from 'vitest';
import { isRefusal, refuse } from '#core';
import { authenticate } from './authenticate.ts';
import { withinToken } from './token-scope.ts';

const token = { scope: ['shop:get_order'], person: 'per_1', step: null, restsOn: ['fam_1'] };

async function run(recheck: string | null, isTheirs = true): Promise<string> {
  const principal = { kind: 'workload', tenant: 'ten_1', workload: 'wkl_1', key: 'oac_1', workflow: null, integrations: new Set(['shop']) };
  const integration = { name: 'shop', kind: 'http', manifest: {} };
  const deps = {
    identity: {
      reauthenticate: () => principal,
      recheck: (one: { token?: unknown }) => (recheck === null || one.token === undefined ? null : refuse(recheck, 'It ended.')),
      personMay: () => isTheirs,
    },
    catalogue: { integration: () => integration },
    departments: { departmentsOf: () => [] },
    limits: { admit: () => null },
  };
  const endorsement = { key: 'oac_1', token, binding: { tier: 'plain' } };
  const request = { kind: 'operation', integration: 'shop' };
  const identified = await authenticate(deps as never, { endorsement, request } as never);
  if (isRefusal(identified)) return identified.code;
  const matched = { operation: { name: 'create_refund', effect: 'money' } };
  const answer = withinToken(deps as never, { ...identified, matched } as never);
  return isRefusal(answer) ? answer.code : 'in';
}

describe('a stored call', () => {
  test('[P2] does no more than its token carried', async () => {
    expect(await run(null)).toBe('IDENTITY_TOKEN_SCOPE');
  });
  test('[P2] does not run once the consent behind its token has ended', async () => {
    expect(await run('IDENTITY_TOKEN_REVOKED')).toBe('IDENTITY_TOKEN_REVOKED');
  });
  test('does not mind that the token ran out while a person decided', async () => {
    token.scope = ['shop'];
    expect(await run('IDENTITY_TOKEN_EXPIRED')).toBe('in');
  });
  test('[P2] does not run when the person it is made for may not do this any more', async () => {
    expect(await run(null, false)).toBe('IDENTITY_TOKEN_PERSON');
  });
});
