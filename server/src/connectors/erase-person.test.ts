// How a manifest says that a person is deleted, and which call comes of it.

import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type Digest, isRefusal, type Manifest } from '#core';
import { planErasure } from './erase-person.ts';
import { parseManifest } from './parse-manifest.ts';

const digest: Digest = { sha256: (text) => createHash('sha256').update(text).digest('hex') };
const source = (erases: unknown, operation: object = {}): unknown => ({
  apiVersion: 'sallyport.dev/v1',
  kind: 'Integration',
  name: 'newsletter',
  operations: {
    'people.forget': {
      effect: 'delete',
      method: 'POST',
      path: '/people/forget',
      arguments: { email: { role: 'selector' }, number: { role: 'selector', type: 'integer', required: false } },
      sentence: 'Forget {email}',
      ...operation,
    },
  },
  ...(erases === undefined ? {} : { erases }),
});
const BY_EMAIL = { operation: 'people.forget', by: { email: 'email', number: 'customer' } };
const manifest = parseManifest(source(BY_EMAIL), digest) as Manifest;
const problems = (erases: unknown, operation?: object): unknown => {
  const parsed = parseManifest(source(erases, operation), digest);
  return isRefusal(parsed) ? parsed.evidence.problems : [];
};
const nobody = { customer: [], email: [], phone: [] };

describe('the deletion a manifest declares', () => {
  it('is a call with what the person is known by, and without what nobody knows of them where that may be left out', () => {
    expect(planErasure(manifest, { ...nobody, email: ['jo@example.com'], customer: ['17'] })).toEqual({
      kind: 'call',
      operation: 'people.forget',
      request: { method: 'POST', path: '/people/forget', body: { email: 'jo@example.com', number: 17 } },
      by: { email: 'jo@example.com', number: '17' },
    });
    expect(planErasure(manifest, { ...nobody, email: ['jo@example.com'] })).toMatchObject({
      request: { body: { email: 'jo@example.com' } },
    });
  });

  it('is none when a name is missing, is one of several, or has not the form of its argument', () => {
    expect(planErasure(manifest, nobody)).toEqual({ kind: 'none', missing: 'email' });
    expect(planErasure(manifest, { ...nobody, email: ['a@example.com', 'b@example.com'] })).toEqual({ kind: 'none', missing: 'email' });
    expect(planErasure(manifest, { ...nobody, email: ['a@example.com'], customer: ['c17'] })).toEqual({
      kind: 'none',
      missing: 'customer',
    });
    expect(planErasure(parseManifest(source(undefined), digest) as Manifest, nobody)).toEqual({ kind: 'none', missing: 'operation' });
  });

  it('is refused with the manifest when it names what is not there, leaves out what is needed, or deletes nobody', () => {
    expect(problems({ operation: 'people.gone', by: { email: 'email' } })).toEqual(['erases.operation: names no operation']);
    expect(problems({ operation: 'people.forget', by: { number: 'customer', address: 'email' } })).toEqual([
      'erases.by.address: is no argument of people.forget',
      'erases.by: people.forget needs email too',
    ]);
    expect(problems({ operation: 'people.forget', by: { email: 'email' } }, { effect: 'read' })).toEqual([
      'erases.operation: read deletes nobody',
    ]);
    expect(problems(BY_EMAIL)).toEqual([]);
  });

  it('changes what approvals are bound to, and nothing where there is none', () => {
    const without = parseManifest(source(undefined), digest) as Manifest;
    expect([manifest.digest === without.digest, Object.hasOwn(without, 'erases')]).toEqual([false, false]);
  });
});
