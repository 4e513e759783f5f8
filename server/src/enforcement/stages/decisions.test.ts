// What earlier attempts say to a call, and what the policy is told about it. Pure functions over values.

import { nodeDigest } from '@sallyport/testkit';
import { describe, expect, it } from 'vitest';
import type { Facts, MatchedOperation } from '#connectors';
import { type CallId, type Integrity, isRefusal, type TenantId, WORST } from '#core';
import type { EffectRow } from '../store/effects.ts';
import type { Resolved } from '../types.ts';
import { effectKey } from './effect-key.ts';
import { policyInput } from './policy-input.ts';
import { repeatDigest, standingOf } from './recall.ts';

const HOUR = 3_600_000;
const NOW = 1_893_456_000_000;
const deps = { digest: nodeDigest, clock: { now: () => NOW } };

/** Only what these functions read; the rest of a call is the business of other stages. */
function callOf(change: Record<string, unknown> = {}): Resolved {
  return {
    received: { call: 'call_1', endorsement: null, idempotencyKey: null, request: { kind: 'operation' } },
    principal: { tenant: 'ten_1', workload: 'wkl_1' },
    binding: { tier: 'bound', run: 'run_1', toolCallId: 'one' },
    customer: { id: '42' },
    integration: { name: 'shop', autonomy: new Map(), models: new Set() },
    departments: [],
    label: WORST,
    ...change,
  } as unknown as Resolved;
}
const matchedWith = (header: string | null, args: Record<string, string> = { order: '7' }): MatchedOperation =>
  ({
    operation: {
      name: 'refunds.create',
      effect: 'money',
      idempotencyHeader: header,
      needsReview: false,
      arguments: [
        { name: 'order', role: 'selector' },
        { name: 'destination', role: 'target' },
      ],
      output: { fields: [{ pii: ['payment'] }] },
    },
    args,
  }) as unknown as MatchedOperation;
const rowOf = (change: Partial<EffectRow>): EffectRow => ({
  tenant: 'ten_1' as TenantId,
  effectKey: 'run:wkl_1:run_1:one',
  call: 'call_0' as CallId,
  digest: repeatDigest(deps, callOf(), matchedWith(null)),
  state: 'unknown',
  integration: 'shop',
  operation: 'refunds.create',
  approval: null,
  reservation: null,
  instance: 'proc_1',
  result: null,
  createdAtMs: NOW - HOUR,
  toldBy: null,
  ...change,
});
const standing = (row: Partial<EffectRow>, header: string | null = null, call = callOf()): string => {
  const found = standingOf(deps, call, matchedWith(header), rowOf(row));
  return isRefusal(found) ? found.code : found;
};

describe('an earlier attempt of the same effect', () => {
  it('[PROMISE-9] gives its result, keeps its successor out, or lets it repeat under the key of the upstream', () => {
    expect(standing({ state: 'done', result: new Uint8Array(1) })).toBe('stored');
    expect(standing({ state: 'failed', result: new Uint8Array(1) })).toBe('stored');
    expect(standing({ state: 'sent' }, 'idempotency-key')).toBe('ENFORCEMENT_EFFECT_IN_PROGRESS');
    expect(standing({ state: 'unknown' })).toBe('ENFORCEMENT_OUTCOME_UNKNOWN');
    expect(standing({ state: 'unknown' }, 'idempotency-key')).toBe('resend');
    expect(standing({ state: 'done' }, 'idempotency-key')).toBe('ENFORCEMENT_RESULT_LOST');
    expect(standing({ state: 'done', toldBy: 'person' }, 'idempotency-key')).toBe('ENFORCEMENT_RESULT_LOST');
    expect(standing({ state: 'done', toldBy: 'upstream' }, 'idempotency-key')).toBe('resend');
    expect(standing({ state: 'done', toldBy: 'upstream' })).toBe('ENFORCEMENT_RESULT_LOST');
    expect(standing({ state: 'failed' })).toBe('anew');
  });

  it('[PROMISE-9] is not repeated once the shop may have forgotten its key', () => {
    expect(standing({ createdAtMs: NOW - 12 * HOUR + 1 }, 'idempotency-key')).toBe('resend');
    expect(standing({ createdAtMs: NOW - 12 * HOUR }, 'idempotency-key')).toBe('ENFORCEMENT_OUTCOME_UNKNOWN');
  });

  it('says nothing about a call for another customer, integration, operation or with other arguments', () => {
    const same = repeatDigest(deps, callOf(), matchedWith(null));
    const others = [
      repeatDigest(deps, callOf({ customer: { id: '43' } }), matchedWith(null)),
      repeatDigest(deps, callOf({ customer: null }), matchedWith(null)),
      repeatDigest(deps, callOf({ integration: { name: 'other' } }), matchedWith(null)),
      repeatDigest(deps, callOf(), matchedWith(null, { order: '8' })),
    ];
    expect(new Set([same, ...others]).size).toBe(5);
    expect(repeatDigest(deps, callOf(), matchedWith('idempotency-key'))).toBe(same);
    for (const digest of others)
      expect(standing({ digest, state: 'done', result: new Uint8Array(1) })).toBe('ENFORCEMENT_IDEMPOTENCY_MISMATCH');
  });

  it('is found by tool call before a caller’s key, by that before an approval, and never across workloads', () => {
    const plain = { tier: 'plain' };
    const endorsement = { approval: 'apr_1' };
    const key = (change: Record<string, unknown>): string => effectKey(callOf(change));
    const received = (more: object) => ({ call: 'call_1', endorsement: null, idempotencyKey: null, ...more });
    expect(key({ received: received({ endorsement, idempotencyKey: 'k' }) })).toBe('run:wkl_1:run_1:one');
    expect(key({ binding: plain, received: received({ endorsement, idempotencyKey: 'k' }) })).toBe('key:wkl_1:k');
    expect(key({ binding: plain, received: received({ endorsement }) })).toBe('approval:apr_1');
    expect(key({ binding: plain, received: received({ idempotencyKey: 'k' }) })).toBe('key:wkl_1:k');
    expect(key({ binding: plain, received: received({}) })).toBe('call:call_1');
    expect(key({ principal: { workload: 'wkl_2' } })).toBe('run:wkl_2:run_1:one');
  });
});

describe('what the policy is told', () => {
  const usd = (amountMinor: bigint) => ({ amountMinor, currency: 'USD' });
  const factsOf = (change: Partial<Facts> = {}): Facts => ({
    ownership: 'owned',
    foreign: [],
    targets: {},
    brokenRules: [],
    amount: { requested: usd(500n), remainder: usd(900n) },
    paidFor: 'order:7',
    amountWithinRemainder: true,
    objectVersion: 'v',
    records: {},
    reply: null,
    ...change,
  });
  const autonomy = (currency: string) =>
    new Map([
      ['refunds.create', { perCall: { amountMinor: 1_000n, currency }, perCustomerDay: null, perDay: null, timesPerCustomerDay: null }],
    ]);
  const input = (change: Record<string, unknown>, facts = factsOf(), args: Record<string, string> = { order: '7' }) =>
    policyInput(callOf(change), matchedWith(null, args), facts, false);

  it('[PROMISE-5] has no limit where none is set, or where it is in another currency', () => {
    expect(input({})).toMatchObject({ autonomy: 'none', limitMinor: null, amountMinor: 500n });
    const shop = (currency: string) => ({ integration: { name: 'shop', autonomy: autonomy(currency), models: new Set() } });
    expect(input(shop('USD'))).toMatchObject({ autonomy: 'within_limits', limitMinor: 1_000n });
    expect(input(shop('EUR'))).toMatchObject({ autonomy: 'none' });
  });

  it('says which rule of which department the call breaks: by what it does, and by what it would be given', () => {
    const departments = (rules: object) => ({
      departments: [{ name: 'marketing', rules: { integrations: null, models: null, effects: null, dataClasses: null, ...rules } }],
    });
    const lean = { ...departments({ dataClasses: ['order'] }), label: { ...WORST, pii: new Set() } };
    expect(input({}).outside).toBe(null);
    expect(input(departments({ effects: ['read'] })).outside).toEqual({ department: 'marketing', rule: 'effect' });
    expect(input(lean).outside).toEqual({ department: 'marketing', rule: 'data_class' });
    expect(input({ ...lean, ...departments({ dataClasses: ['payment'], effects: ['money'] }) }).outside).toBe(null);
  });

  it('[PROMISE-5] calls a target trusted only when our own record explains all of it', () => {
    const integrity = (facts: Facts, args: Record<string, string>, label: Integrity = 'third_party'): Integrity =>
      input({ label: { ...WORST, integrity: label } }, facts, args).argumentIntegrity;
    const args = { order: '7', destination: 'pm_1' };
    expect(integrity(factsOf({ targets: { destination: 'unexplained' } }), args)).toBe('third_party');
    expect(integrity(factsOf({ targets: {} }), args)).toBe('third_party');
    expect(integrity(factsOf({ targets: { destination: 'explained' } }), args)).toBe('system_of_record');
    expect(integrity(factsOf({ targets: { destination: 'explained' } }), args, 'staff')).toBe('staff');
    expect(integrity(factsOf(), { order: '7' })).toBe('system_of_record');
  });

  it('names who calls by the proven customer only', () => {
    expect(input({ customer: null })).toMatchObject({ customerProven: false });
    expect(input({})).toMatchObject({ customerProven: true, tier: 'bound', endorsed: false });
  });
});
