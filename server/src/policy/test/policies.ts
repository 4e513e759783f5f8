// The shipped policies over the real engine, and a plain input to vary, for this room's tests.

import { readFileSync } from 'node:fs';
import * as cedar from '@cedar-policy/cedar-wasm/nodejs';
import { testPerson } from '@sallyport/testkit';
import type { Id, PersonPrincipal, WorkloadPrincipal } from '#core';
import type { AuthorizationInput } from '../authorization-input.ts';
import { createPolicy, type Policy } from '../create-policy.ts';
import type { CedarEngine } from '../engine.ts';
import { policyFiles, policySchemaFile } from '../policy-files.ts';

export const engine: CedarEngine = cedar;

export function readPolicyFile(name: string): string {
  return readFileSync(new URL(`../policies/${name}`, import.meta.url), 'utf8');
}

export const schema = readPolicyFile(policySchemaFile);

export function shippedTexts(): Record<string, string> {
  return Object.fromEntries(policyFiles.map((name) => [name, readPolicyFile(`${name}.cedar`)]));
}

export function shippedPolicy(): Policy {
  return createPolicy({ engine, schema, policies: shippedTexts() });
}

const id = <Prefix extends 'ten' | 'wkl' | 'key' | 'per' | 'ses'>(prefix: Prefix, last: number): Id<Prefix> =>
  `${prefix}_00000000-0000-7000-8000-00000000000${last}` as Id<Prefix>;

export const tenant = id('ten', 1);
export const otherTenant = id('ten', 2);

export const workload: WorkloadPrincipal = {
  kind: 'workload',
  tenant,
  workload: id('wkl', 1),
  key: id('key', 1),
  workflow: 'support',
  integrations: new Set(['shop', 'mail']),
};

export const person: PersonPrincipal = testPerson({ tenant, person: id('per', 1), session: id('ses', 1) });

/** A bound run reads its own customer's order. */
export const ownRead: AuthorizationInput = {
  tenant,
  principal: workload,
  tier: 'bound',
  action: 'read',
  integration: 'shop',
  operation: 'orders.get',
  autonomy: 'none',
  endorsed: false,
  ownership: 'owned',
  targetsExplained: true,
  targetRuleBroken: false,
  customerProven: true,
  argumentIntegrity: 'third_party',
  amountWithinRemainder: 'not_applicable',
  amountMinor: null,
  limitMinor: null,
  carriesPii: false,
  needsReview: false,
  modelAllowed: true,
};
