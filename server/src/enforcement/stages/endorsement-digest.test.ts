// What an approval is bound to, member by member: changing any one of them makes it another approval. And how many people it takes.

import { nodeDigest } from '@sallyport/testkit';
import { describe, expect, it } from 'vitest';
import type { MatchedOperation } from '#connectors';
import { type Label, labelToJson, TRUSTED_CONSTANT, WORST } from '#core';
import type { Resolved } from '../types.ts';
import { peopleNeeded } from './approval-request.ts';
import { endorsementDigest } from './endorsement-digest.ts';

const principal = { tenant: 'ten_1', workload: 'wkl_1', workflow: 'refunds' };
const integration = { name: 'shop', origin: 'https://shop.example.com', pathPrefix: '/api', manifest: { digest: 'm1' } };
const base = {
  received: { endorsement: null },
  principal,
  integration,
  customer: { id: '42' },
  label: WORST,
  argumentLabels: null as Readonly<Record<string, Label>> | null,
};
const args = { order: '7', amount: '12.00' };

function digest(change: object = {}, operation = 'refunds.create', given: object = args, objectVersion = 'v1'): string {
  const matched = { operation: { name: operation }, args: given } as unknown as MatchedOperation;
  return endorsementDigest({ digest: nodeDigest }, { ...base, ...change } as unknown as Resolved, matched, { objectVersion });
}

describe('[PROMISE-5] the digest of an approval', () => {
  it.each([
    ['the tenant', digest({ principal: { ...principal, tenant: 'ten_2' } })],
    ['the workload', digest({ principal: { ...principal, workload: 'wkl_2' } })],
    ['the workflow', digest({ principal: { ...principal, workflow: null } })],
    ['the integration', digest({ integration: { ...integration, name: 'other' } })],
    ['the host', digest({ integration: { ...integration, origin: 'https://shop.example.net' } })],
    ['the path below which the shop is', digest({ integration: { ...integration, pathPrefix: '/api/v2' } })],
    ['the path taken away', digest({ integration: { ...integration, pathPrefix: '/' } })],
    ['the manifest', digest({ integration: { ...integration, manifest: { digest: 'm2' } } })],
    ['the manifest taken away', digest({ integration: { ...integration, manifest: null } })],
    ['the operation', digest({}, 'refunds.void')],
    ['an argument', digest({}, 'refunds.create', { ...args, amount: '12.01' })],
    ['an argument more', digest({}, 'refunds.create', { ...args, note: '' })],
    ['the customer', digest({ customer: { id: '43' } })],
    ['the customer not proven', digest({ customer: null })],
    ['who may have chosen the values', digest({ label: TRUSTED_CONSTANT })],
    ['who may have chosen one value', digest({ argumentLabels: { order: TRUSTED_CONSTANT } })],
    ['the object at the shop', digest({}, 'refunds.create', args, 'v2')],
    ['the object not found', digest({}, 'refunds.create', args, '')],
  ])('changes with %s', (_what, other) => {
    expect(other).not.toBe(digest());
  });

  it('does not change with the order of arguments, nor with what the run has read since the call was stored', () => {
    expect(digest({}, 'refunds.create', { amount: '12.00', order: '7' })).toBe(digest());
    const stored = { received: { endorsement: { label: labelToJson(WORST) } }, label: TRUSTED_CONSTANT };
    expect(digest(stored)).toBe(digest());
  });
});

describe('how many people an approval takes', () => {
  const usd = (amountMinor: bigint) => ({ amountMinor, currency: 'USD' });
  const autonomy = (fourEyesAbove: ReturnType<typeof usd> | null) => ({
    perCall: usd(5_000n),
    perCustomerDay: usd(5_000n),
    perDay: null,
    timesPerCustomerDay: null,
    fourEyesAbove,
    soloPerDay: null,
  });
  const needs = (limit: ReturnType<typeof usd> | null, amount: { amountMinor: bigint; currency: string } | null): boolean =>
    peopleNeeded(autonomy(limit), { amount: amount === null ? null : { requested: amount, remainder: null } }).needsTwo;

  it('is one up to the limit and two above it', () => {
    expect(needs(usd(10_000n), usd(10_000n))).toBe(false);
    expect(needs(usd(10_000n), usd(10_001n))).toBe(true);
  });

  it('is two where the amount can not be compared: another currency, or no amount', () => {
    expect(needs(usd(10_000n), { amountMinor: 1n, currency: 'EUR' })).toBe(true);
    expect(needs(usd(10_000n), null)).toBe(true);
  });

  it('is one where no limit is set, or nothing of the operation is', () => {
    expect(needs(null, usd(1_000_000n))).toBe(false);
    expect(peopleNeeded(undefined, { amount: null })).toEqual({ amount: null, needsTwo: false, soloPerDay: null });
  });
});
