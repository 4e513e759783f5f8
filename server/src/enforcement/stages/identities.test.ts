import { nodeDigest } from '@sallyport/testkit';
import { describe, expect, it } from 'vitest';
import { type Binding, isRefusal } from '#core';
import type { Identified } from '../types.ts';
import { identitiesOf, requireIdentities } from './identities.ts';

const shop = { kind: 'http', name: 'shop', manifest: { digest: 'a'.repeat(64) } };
const model = {
  kind: 'model',
  name: 'provider',
  origin: 'https://api.example.com',
  pathPrefix: '/v1',
  models: new Set(['m1']),
  manifest: null,
};
const native: Binding = { tier: 'native', run: 'run_1' as never, customer: null, toolCallId: null, version: 'b'.repeat(64), step: 'reply' };

function call(binding: Binding, key = 'key_1', integration: object = shop): Identified {
  const principal = { kind: 'workload', key } as never;
  const identities = identitiesOf({ digest: nodeDigest }, { principal, binding, integration: integration as never });
  return { principal, binding, integration, identities } as unknown as Identified;
}
const missing = (of: Identified): unknown => {
  const answer = requireIdentities(of);
  return isRefusal(answer) ? [answer.code, answer.evidence.missing] : 'complete';
};

describe('[Z0] the identities a decision rests on', () => {
  it('are complete for a key with a manifest, for a bound caller with its run, and for our own runtime with its version', () => {
    expect(missing(call({ tier: 'plain' }))).toBe('complete');
    expect(missing(call(native))).toBe('complete');
    expect(call(native).identities).toEqual({ credential: 'key_1', version: 'b'.repeat(64), run: 'run_1', manifest: 'a'.repeat(64) });
  });

  const { version: _, ...unversioned } = native as Extract<Binding, { tier: 'native' }>;
  it.each([
    ['the credential', call({ tier: 'plain' }, ''), ['credential']],
    ['the version of a workflow of ours', call(unversioned), ['version']],
    ['the run', call({ ...native, run: '' as never } as Binding), ['run']],
    ['the manifest', call(native, 'key_1', { ...shop, manifest: null }), ['manifest']],
  ])('deny without %s', (_what, of, names) => {
    expect(missing(of)).toEqual(['ENFORCEMENT_IDENTITY_INCOMPLETE', names]);
  });

  it('tell a model integration by what it offers and where', () => {
    const of = (change: object) => call({ tier: 'plain' }, 'key_1', { ...model, ...change }).identities.manifest;
    expect(of({})).toMatch(/^[0-9a-f]{64}$/);
    expect(of({})).toBe(of({}));
    for (const change of [{ origin: 'https://evil.example.com' }, { models: new Set(['m1', 'm2']) }, { pathPrefix: '/' }])
      expect(of(change)).not.toBe(of({}));
  });
});
