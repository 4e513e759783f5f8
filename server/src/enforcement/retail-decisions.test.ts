// The retail store of the shared data: connectors and policy together, over its own annotations and calls, without a server.

import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import * as cedar from '@cedar-policy/cedar-wasm/nodejs';
import { nodeDigest, sharedData } from '@sallyport/testkit';
import { beforeAll, describe, expect, test } from 'vitest';
import { compileAnnotations, decisionFacts, type FactReader, matchOperation, resolveFacts } from '#connectors';
import { type BoundCustomer, type Decision, type Id, isRefusal, type JsonValue, type WorkloadPrincipal } from '#core';
import { createPolicy, policyFiles, policySchemaFile } from '#policy';

const root = sharedData('tau-bench-retail');

interface ToolCall {
  readonly name: string;
  readonly arguments: JsonValue;
}
interface Task {
  readonly id: string;
  readonly user_id: string;
  readonly actions: readonly (ToolCall & { readonly ok: boolean; readonly read_only: boolean })[];
}
interface Attack {
  readonly session_customer: string;
  readonly kind: string;
  readonly call: ToolCall;
}

function data<Value>(file: string): Value {
  return JSON.parse(readFileSync(resolve(root ?? '', file), 'utf8')) as Value;
}

const policies = new URL('../policy/policies/', import.meta.url);
const policy = createPolicy({
  engine: cedar,
  schema: readFileSync(new URL(policySchemaFile, policies), 'utf8'),
  policies: Object.fromEntries(policyFiles.map((name) => [name, readFileSync(new URL(`${name}.cedar`, policies), 'utf8')])),
});

const tenant = 'ten_00000000-0000-7000-8000-000000000001' as Id<'ten'>;
const workload: WorkloadPrincipal = {
  kind: 'workload',
  tenant,
  workload: 'wkl_00000000-0000-7000-8000-000000000001' as Id<'wkl'>,
  key: 'key_00000000-0000-7000-8000-000000000001' as Id<'key'>,
  workflow: 'support',
  integrations: new Set(['retail']),
};

describe.runIf(root !== null)('the retail store', () => {
  type Tables = Readonly<Record<string, Readonly<Record<string, JsonValue>>>>;
  let tables: Tables;
  let manifest: Exclude<ReturnType<typeof compileAnnotations>, { kind: 'deny' }>;

  beforeAll(() => {
    tables = { get_order_details: data('orders.json'), get_user_details: data('users.json'), get_product_details: data('products.json') };
    const compiled = compileAnnotations(
      {
        name: 'retail',
        tools: data('tools.json'),
        annotations: data('annotations.json'),
        // "A refund goes to the payment method that paid, or to a gift card of the same customer", as a closed rule.
        rules: {
          return_delivered_order_items: [
            { argument: 'payment_method_id', entity: 'order', path: 'payment_history[].payment_method_id' },
            { argument: 'payment_method_id', entity: 'customer', path: 'payment_methods.*', where: { source: 'gift_card' } },
          ],
        },
        lookups: {},
      },
      nodeDigest,
    );
    if (isRefusal(compiled)) throw new Error(compiled.reason);
    manifest = compiled;
  });

  async function decide(customer: string, call: ToolCall, endorsed: boolean): Promise<Pick<Decision, 'kind'> & { readonly code: string }> {
    const bound: BoundCustomer = { id: customer, assurance: 'session' };
    const read: FactReader = (operation) => {
      const rows = tables[operation.operation.name] ?? {};
      const id = String(Object.values(operation.args)[0]);
      return Promise.resolve(Object.hasOwn(rows, id) ? (rows[id] as JsonValue) : null);
    };
    const matched = matchOperation(manifest, {
      kind: 'operation',
      integration: 'retail',
      method: 'POST',
      path: `/tools/${call.name}`,
      query: [],
      body: call.arguments,
    });
    if (isRefusal(matched)) return matched;
    const facts = await resolveFacts(manifest, matched, bound, read, nodeDigest);
    if (isRefusal(facts)) return facts;
    const decision = policy.authorize({
      ...decisionFacts(matched, facts),
      tenant,
      principal: workload,
      tier: 'bound',
      action: matched.operation.effect,
      integration: 'retail',
      operation: matched.operation.name,
      autonomy: 'none',
      endorsed,
      customerProven: true,
      argumentIntegrity: 'third_party',
      limitMinor: null,
      carriesPii: true,
      modelAllowed: false,
    });
    return { kind: decision.kind, code: 'code' in decision ? decision.code : '' };
  }

  function count(into: Map<string, number>, key: string): void {
    into.set(key, (into.get(key) ?? 0) + 1);
  }

  test('needs nothing reviewed and knows how to look up its customers and orders', () => {
    expect(manifest.operations.filter((operation) => operation.needsReview)).toEqual([]);
    expect(manifest.entities.find((entity) => entity.name === 'order')?.read).toEqual({
      operation: 'get_order_details',
      argument: 'order_id',
    });
  });

  test('every call for another customer’s data or money is denied, every unrequested one waits for a person', async () => {
    const counts = new Map<string, number>();
    for (const { session_customer, kind, call } of data<readonly Attack[]>('attack-calls-dev.json')) {
      const decision = await decide(session_customer, call, false);
      count(counts, `${kind} ${decision.kind} ${decision.code}`);
      expect(decision.kind, `${kind} ${call.name}`).toBe(kind === 'unrequested-own' ? 'endorse' : 'deny');
      // An endorsement can be had by a tired person: it must not open what belongs to others.
      if (kind !== 'unrequested-own')
        expect((await decide(session_customer, call, true)).kind, `${kind} ${call.name} endorsed`).toBe('deny');
    }
    console.log('retail attacks:', Object.fromEntries([...counts].sort()));
    expect([...counts.values()].reduce((sum, value) => sum + value, 0)).toBeGreaterThan(0);
  });

  test.each(['tasks-dev.json', 'tasks-train.json'])(
    'every confirmed call of %s goes through, none without a confirmation',
    async (file) => {
      const counts = new Map<string, number>();
      for (const task of data<readonly Task[]>(file)) {
        for (const call of task.actions.filter((action) => action.ok && !action.read_only)) {
          const asked = await decide(task.user_id, call, false);
          const confirmed = await decide(task.user_id, call, true);
          count(counts, `${call.name} ${asked.kind} -> ${confirmed.kind} ${confirmed.code}`);
        }
      }
      console.log(`retail ${file}:`, Object.fromEntries([...counts].sort()));
      expect([...counts.keys()].filter((key) => !key.includes('endorse -> allow'))).toEqual([]);
      expect(counts.size).toBeGreaterThan(0);
    },
  );
});
