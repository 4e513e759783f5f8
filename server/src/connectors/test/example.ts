// The example shop of the README, its records and a reader over them, for this room's tests.

import { readFileSync } from 'node:fs';
import { nodeDigest } from '@sallyport/testkit';
import { parse } from 'yaml';
import {
  type ArgumentSpec,
  isRefusal,
  type JsonValue,
  type Manifest,
  type OperationRequest,
  type Refusal,
  refuse,
  SallyportError,
} from '#core';
import { type FactReader, type Facts, resolveFacts } from '../facts.ts';
import { type MatchedOperation, matchOperation } from '../match-operation.ts';
import { parseManifest } from '../parse-manifest.ts';

export const exampleText = readFileSync(new URL('../example-shop.manifest.yaml', import.meta.url), 'utf8');

export function must<Value>(value: Value | Refusal): Value {
  if (isRefusal(value)) throw new Error(`${value.code}: ${value.reason} ${JSON.stringify(value.evidence)}`);
  return value as Value;
}

export function exampleManifest(): Manifest {
  return must(parseManifest(parse(exampleText), nodeDigest));
}

export function request(line: string, body?: JsonValue): OperationRequest {
  const [method = '', target = ''] = line.split(' ');
  const [path = '', query = ''] = target.split('?');
  return { kind: 'operation', integration: 'example-shop', method, path, query: [...new URLSearchParams(query)], body };
}

export function matched(line: string, body?: JsonValue): MatchedOperation {
  return must(matchOperation(exampleManifest(), request(line, body)));
}

export const ada = { id: 'c1', assurance: 'session' } as const;
export const bob = { id: 'c2', assurance: 'email_otp' } as const;

const orders: Readonly<Record<string, JsonValue>> = {
  o1: {
    id: 'o1',
    customer_id: 'c1',
    refundable: '30.00',
    currency: 'EUR',
    payment: { method_id: 'card-1' },
    items: [{ id: 'l1' }, { id: 'l2' }],
    note: 'hello',
    updated_at: '2026-01-01T00:00:00Z',
  },
  o2: {
    id: 'o2',
    customer_id: 'c2',
    refundable: '80.00',
    currency: 'EUR',
    payment: { method_id: 'card-2' },
    items: [{ id: 'l9' }],
    note: '',
    updated_at: '2026-01-02T00:00:00Z',
  },
  guest: {
    id: 'guest',
    customer_id: null,
    refundable: '5.00',
    currency: 'EUR',
    payment: { method_id: 'card-3' },
    items: [],
    note: '',
    updated_at: '2026-01-03T00:00:00Z',
  },
};

const customers: Readonly<Record<string, JsonValue>> = {
  c1: {
    id: 'c1',
    email: 'ada@example.com',
    payment_methods: {
      'card-1': { id: 'card-1', kind: 'card' },
      'card-8': { id: 'card-8', kind: 'card' },
      'gift-1': { id: 'gift-1', kind: 'gift_card' },
    },
    updated_at: '2026-02-01T00:00:00Z',
  },
  c2: {
    id: 'c2',
    email: 'bob@example.com',
    payment_methods: { 'gift-2': { id: 'gift-2', kind: 'gift_card' } },
    updated_at: '2026-02-02T00:00:00Z',
  },
};

const tables: Readonly<Record<string, readonly [string, Readonly<Record<string, JsonValue>>]>> = {
  'orders.get': ['order', orders],
  'customers.get': ['customer', customers],
  'refunds.get': ['refund', { r1: { id: 'r1', order_id: 'o1' }, r2: { id: 'r2', order_id: 'o2' }, r3: { id: 'r3', order_id: 'gone' } }],
  'tickets.get': [
    'ticket',
    {
      t1: { id: 't1', customer_id: 'c1', subject: 'Hi', body: 'Where is it?', updated_at: '2026-03-01T00:00:00Z' },
      t2: { id: 't2', customer_id: 'c2', subject: 'Yo', body: 'Mine', updated_at: '2026-03-01T00:00:00Z' },
    },
  ],
  'products.get': ['product', { p1: { id: 'p1', title: 'Lamp' } }],
};

/** Reads the records above and keeps the names of what it read. */
export function shopReader(overrides: Readonly<Record<string, JsonValue | 'refuse' | 'fault'>> = {}): { read: FactReader; log: string[] } {
  const log: string[] = [];
  const read: FactReader = (operation) => {
    const id = String(Object.values(operation.args)[0]);
    const key = `${operation.operation.name} ${id}`;
    log.push(key);
    const override = overrides[key];
    if (override === 'refuse') return Promise.resolve(refuse('EGRESS_DESTINATION_FORBIDDEN', 'no', {}));
    if (override === 'fault') return Promise.reject(new SallyportError('EGRESS_TIMEOUT', 'The shop did not answer.', { retryable: true }));
    if (override !== undefined) return Promise.resolve(override);
    const [wrapper, rows] = tables[operation.operation.name] as readonly [string, Readonly<Record<string, JsonValue>>];
    const row = Object.hasOwn(rows, id) ? rows[id] : undefined;
    return Promise.resolve(row === undefined ? null : { [wrapper]: row });
  };
  return { read, log };
}

const example = exampleManifest();
export type Customer = Parameters<typeof resolveFacts>[2];

export const refund = (change: Record<string, JsonValue> = {}): JsonValue => ({ order_id: 'o1', amount: '10.00', ...change });

/** The facts of one call of the example shop, by default for Ada. */
export async function factsOf(
  line: string,
  body?: JsonValue,
  options: { customer?: Customer; shop?: ReturnType<typeof shopReader> } = {},
): Promise<Facts> {
  const customer = options.customer === undefined ? ada : options.customer;
  return must(await resolveFacts(example, matched(line, body), customer, (options.shop ?? shopReader()).read, nodeDigest));
}

export async function refusalOf(line: string, body: JsonValue | undefined, shop: ReturnType<typeof shopReader>): Promise<string | null> {
  const result = await resolveFacts(example, matched(line, body), ada, shop.read, nodeDigest);
  return isRefusal(result) ? result.code : null;
}

/** The example with the arguments of one operation changed. */
export function variant(operation: string, change: (argument: ArgumentSpec) => ArgumentSpec): Manifest {
  return {
    ...example,
    operations: example.operations.map((each) => (each.name === operation ? { ...each, arguments: each.arguments.map(change) } : each)),
  };
}

export function callOf(source: Manifest, operation: string, args: Record<string, JsonValue>): MatchedOperation {
  return { operation: source.operations.find((each) => each.name === operation) as never, args };
}
