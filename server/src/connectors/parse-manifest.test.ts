import { nodeDigest } from '@sallyport/testkit';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { isRefusal, type JsonValue } from '#core';
import { manifestJsonSchema } from './manifest-schema.ts';
import { parseManifest } from './parse-manifest.ts';
import { exampleManifest, exampleText } from './test/example.ts';

type Source = Record<string, never> & {
  entities: Record<string, Record<string, unknown>>;
  operations: Record<string, Record<string, unknown>>;
};

/** The problems of the example with one thing changed. */
function problemsAfter(change: (source: Source) => void): readonly string[] {
  const source = parse(exampleText) as Source;
  change(source);
  const parsed = parseManifest(source, nodeDigest);
  if (!isRefusal(parsed)) return [];
  expect(parsed.code).toBe('CONNECTORS_MANIFEST_INVALID');
  return parsed.evidence.problems as readonly string[];
}

const argument = (source: Source, operation: string, name: string): Record<string, unknown> =>
  (source.operations[operation] as { arguments: Record<string, Record<string, unknown>> }).arguments[name] as Record<string, unknown>;

describe('a written manifest', () => {
  test('compiles the documented example', () => {
    const manifest = exampleManifest();
    expect(manifest.operations.map((operation) => operation.name)).toContain('refunds.create');
    expect(manifest.digest).toMatch(/^[0-9a-f]{64}$/);
    const destination = manifest.operations
      .find((each) => each.name === 'refunds.create')
      ?.arguments.find((each) => each.name === 'destination');
    expect(destination).toMatchObject({ role: 'target', otherTargets: 'refuse', required: false, slot: 'body' });
    expect(destination?.targetRules).toHaveLength(2);
  });

  test('has a digest that changes with every part of it', () => {
    const source = parse(exampleText) as Source;
    argument(source, 'refunds.create', 'destination').otherTargets = 'ask';
    const changed = parseManifest(source, nodeDigest);
    expect(isRefusal(changed) ? null : changed.digest).not.toBe(exampleManifest().digest);
  });

  const mistakes: readonly (readonly [string, (source: Source) => void, RegExp])[] = [
    [
      'a misspelt key',
      (source) => Object.assign(argument(source, 'refunds.create', 'destination'), { targetRule: [] }),
      /destination.*targetRule/i,
    ],
    ['another api version', (source) => Object.assign(source, { apiVersion: 'v2' }), /^apiVersion: /],
    [
      'an unknown role',
      (source) => Object.assign(argument(source, 'orders.get', 'order_id'), { role: 'subject' }),
      /arguments\.order_id\.role: /,
    ],
    [
      'an effect without a sentence',
      (source) => delete source.operations['messages.send']?.sentence,
      /operations\.messages\.send\.sentence: is required/,
    ],
    [
      'a path parameter that is no argument',
      (source) => Object.assign(source.operations['orders.get'] ?? {}, { path: '/orders/{id}' }),
      /\{id\} is no argument/,
    ],
    [
      'a write by GET',
      (source) => Object.assign(source.operations['tickets.get'] ?? {}, { effect: 'write', sentence: 'x' }),
      /an effect can not be a GET/,
    ],
    [
      'an entity nobody declared',
      (source) => Object.assign(argument(source, 'orders.get', 'order_id'), { entity: 'parcel' }),
      /entity names no entity/,
    ],
    [
      'a rule that no record can settle',
      (source) => delete argument(source, 'refunds.create', 'order_id').entity,
      /no argument names a order/,
    ],
    [
      'an optional amount',
      (source) => Object.assign(argument(source, 'refunds.create', 'amount'), { required: false }),
      /an amount must be required/,
    ],
    ['an amount without a currency', (source) => delete argument(source, 'refunds.create', 'amount').money, /needs `money`/],
    [
      'a list in the query',
      (source) => Object.assign(argument(source, 'orders.list', 'limit'), { type: 'array' }),
      /can only stand in the body/,
    ],
    [
      'two operations for one request',
      (source) => Object.assign(source.operations, { again: source.operations['orders.get'] }),
      /is the same request as orders\.get/,
    ],
    ['two customers', (source) => Object.assign(source.entities.product ?? {}, { owner: '(self)' }), /only one entity can be the customer/],
    ['an owner without a way to read it', (source) => delete source.entities.ticket?.read, /no `read` that gets the record/],
    [
      'an owner that leads back to itself',
      (source) => Object.assign(source.entities.order ?? {}, { owner: { entity: 'refund', path: 'refund_id' } }),
      /leads back/,
    ],
    [
      'a slot in the sentence that is no argument',
      (source) => Object.assign(source.operations['tickets.reply'] ?? {}, { sentence: 'Reply {nobody}' }),
      /has a slot/,
    ],
    [
      'a dot segment in the path',
      (source) => Object.assign(source.operations['products.get'] ?? {}, { path: '/shop/../products/{product_id}' }),
      /neither plain text/,
    ],
    [
      'a place that is inside another place',
      (source) => Object.assign(argument(source, 'customers.update_address', 'city'), { at: 'address' }),
      /share the place/,
    ],
    [
      'a search that gives away whoever it finds',
      (source) => delete source.operations['customers.search']?.returnsCustomer,
      /personal data of whoever it finds/,
    ],
    [
      'an id read by an operation that needs more',
      (source) =>
        Object.assign(argument(source, 'orders.list', 'limit'), { required: true }) &&
        Object.assign(source.entities.order ?? {}, { read: { operation: 'orders.list', argument: 'customer_id' } }),
      /read\.argument must be declared|no other argument/,
    ],
  ];
  test.each(mistakes)('names the place of %s', (_, change, problem) => {
    expect(problemsAfter(change)).toEqual(expect.arrayContaining([expect.stringMatching(problem)]));
  });

  test('is refused whole, never thrown at, whatever it is', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
        const parsed = parseManifest(value, nodeDigest);
        expect(isRefusal(parsed) && parsed.code).toBe('CONNECTORS_MANIFEST_INVALID');
      }),
      { numRuns: 300 },
    );
  });

  test('stays readable or is refused when any one value of it is replaced', () => {
    const leaves: (readonly (string | number)[])[] = [];
    const walk = (value: unknown, path: readonly (string | number)[]): void => {
      if (typeof value === 'object' && value !== null) for (const [key, inner] of Object.entries(value)) walk(inner, [...path, key]);
      else leaves.push(path);
    };
    walk(parse(exampleText), []);
    fc.assert(
      fc.property(fc.constantFrom(...leaves), fc.jsonValue({ maxDepth: 2 }), (path, value) => {
        const source = parse(exampleText) as Record<string, never>;
        let holder: Record<string | number, unknown> = source;
        for (const key of path.slice(0, -1)) holder = holder[key] as Record<string | number, unknown>;
        holder[path.at(-1) as string] = value;
        const parsed = parseManifest(source, nodeDigest);
        expect(isRefusal(parsed) ? parsed.code : 'ok').toMatch(/^(ok|CONNECTORS_MANIFEST_INVALID)$/);
      }),
      { numRuns: 300 },
    );
  });

  test('has a published JSON Schema that knows every part and forbids the rest', () => {
    const schema = manifestJsonSchema() as { properties: Record<string, JsonValue>; additionalProperties: boolean };
    expect(Object.keys(schema.properties)).toEqual([
      'apiVersion',
      'kind',
      'name',
      'description',
      'protocol',
      'fields',
      'entities',
      'operations',
      'erases',
    ]);
    expect(schema.additionalProperties).toBe(false);
  });
});
