import { nodeDigest } from '@sallyport/testkit';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isRefusal, type JsonValue } from '#core';
import { resolveFacts } from './facts.ts';
import { planFacts } from './plan-facts.ts';
import {
  ada,
  bob,
  type Customer,
  callOf,
  exampleManifest,
  factsOf,
  matched,
  must,
  refund,
  refusalOf,
  shopReader,
  variant,
} from './test/example.ts';

const manifest = exampleManifest();
describe('ownership is looked up, never believed', () => {
  test.each([
    ['own order', 'GET /orders/o1', 'owned'],
    ['somebody else’s order', 'GET /orders/o2', 'foreign'],
    ['an order that does not exist', 'GET /orders/o404', 'unknown'],
    ['an order without a customer', 'GET /orders/guest', 'unknown'],
    ['own profile', 'GET /customers/c1', 'owned'],
    ['somebody else’s profile', 'GET /customers/c2', 'foreign'],
    ['own ticket', 'GET /tickets/t1', 'owned'],
    ['a refund of an own order', 'GET /refunds/r1', 'owned'],
    ['a refund of somebody else’s order', 'GET /refunds/r2', 'foreign'],
    ['a refund of an order that is gone', 'GET /refunds/r3', 'unknown'],
    ['a product', 'GET /products/p1', 'unowned'],
    ['a search that names no object', 'GET /customers?email=ada@example.com', 'not_applicable'],
  ])('%s', async (_, line, ownership) => {
    expect((await factsOf(line)).ownership).toBe(ownership);
  });

  test('a call that leaves out whose objects it means does not mean everybody’s', async () => {
    const source = {
      ...manifest,
      operations: manifest.operations.map((operation) => ({
        ...operation,
        returnsCustomer: null,
        arguments: operation.arguments.map((argument) => ({ ...argument, required: false })),
      })),
    };
    const all = source.operations.find((operation) => operation.name === 'orders.list') as never;
    const ownership = async (args: Record<string, JsonValue>): Promise<string> =>
      must(await resolveFacts(source, { operation: all, args }, ada, shopReader().read, nodeDigest)).ownership;
    expect(await ownership({})).toBe('unknown');
    expect(await ownership({ customer_id: 'c1' })).toBe('owned');
  });

  test('for an effect without a proven customer the objects are read, and their owner stays unknown', async () => {
    const shop = shopReader();
    const facts = await factsOf('POST /refunds', refund(), { customer: null, shop });
    expect(facts).toMatchObject({ ownership: 'unknown', amountWithinRemainder: true });
    expect(shop.log).toEqual(['orders.get o1']);
  });

  test('a bound customer whom the shop does not know owns nothing', async () => {
    const facts = await factsOf(
      'PUT /customers/c1/address',
      { address: { address1: 'x', city: 'x', zip: '1', country: 'DE' } },
      { shop: shopReader({ 'customers.get c1': null }) },
    );
    expect(facts.ownership).toBe('unknown');
  });

  test('a member of the customer’s own record is theirs, a name the record only inherits is not', async () => {
    const source = variant('refunds.create', (argument) =>
      argument.name === 'destination' ? { ...argument, entity: 'payment_method', targetRules: [] } : argument,
    );
    const judge = async (destination: string): Promise<readonly [string, string | undefined]> => {
      const facts = must(
        await resolveFacts(
          source,
          callOf(source, 'refunds.create', { order_id: 'o1', amount: '1.00', destination }),
          ada,
          shopReader().read,
          nodeDigest,
        ),
      );
      return [facts.ownership, facts.targets.destination];
    };
    expect(await judge('card-8')).toEqual(['owned', 'explained']);
    for (const other of ['gift-2', 'constructor', '__proto__', 'toString']) expect(await judge(other)).toEqual(['foreign', 'unexplained']);
  });

  test('every element of a list is checked, and somebody else’s wins', async () => {
    expect((await factsOf('POST /refunds', refund({ items: ['l1', 'l2'] }))).ownership).toBe('owned');
    const facts = await factsOf('POST /refunds', refund({ items: ['l1', 'l9'] }));
    expect(facts).toMatchObject({ ownership: 'foreign', foreign: ['items'] });
  });

  test('nobody is the owner as long as the customer is only claimed', async () => {
    for (const customer of [null, { id: 'c1', assurance: 'none' }, { id: 'c1', assurance: 'claimed' }] as const) {
      const shop = shopReader();
      expect((await factsOf('GET /orders/o1', undefined, { customer, shop })).ownership).toBe('unknown');
      expect(shop.log).toEqual([]);
    }
  });

  test('a record about another object than the one asked for counts as not found', async () => {
    const shop = shopReader({ 'orders.get o2': { order: { id: 'o1', customer_id: 'c1', refundable: '30.00', currency: 'EUR' } } });
    expect((await factsOf('GET /orders/o2', undefined, { shop })).ownership).toBe('unknown');
  });

  test.each([
    [null],
    ['Error: not found'],
    [[]],
    [{}],
    [{ order: [] }],
    [{ order: { id: 'o1' } }],
    [{ order: { id: 'o1', customer_id: ['c1'] } }],
    [{ order: { id: 'o1', customer_id: '' } }],
  ])('a reply without a usable owner (%j) leaves the owner unknown', async (reply) => {
    expect((await factsOf('GET /orders/o1', undefined, { shop: shopReader({ 'orders.get o1': reply as JsonValue }) })).ownership).toBe(
      'unknown',
    );
  });

  test('keys a record only inherits say nothing', async () => {
    const facts = await factsOf('POST /refunds', refund({ destination: 'constructor' }));
    expect(facts.targets).toEqual({ destination: 'unexplained' });
  });

  test('somebody else’s profile is refused without opening anybody’s record', async () => {
    const shop = shopReader();
    const facts = await factsOf('PUT /customers/c2/address', { address: { address1: 'x', city: 'x', zip: '1', country: 'DE' } }, { shop });
    expect(facts).toMatchObject({ ownership: 'foreign', foreign: ['customer_id'] });
    expect(shop.log).toEqual([]);
  });
});

describe('reading', () => {
  test('reads each record once, whatever needs it', async () => {
    const shop = shopReader();
    await factsOf('POST /refunds', refund({ items: ['l1', 'l2'], destination: 'gift-1' }), { shop });
    expect([...shop.log].sort()).toEqual(['customers.get c1', 'orders.get o1']);
  });

  test('finds an owner through another record in a second round', () => {
    const call = matched('GET /refunds/r1');
    const first = must(planFacts(manifest, call, ada));
    expect(first.reads.map((read) => read.key)).toEqual(['refund:r1']);
    const second = must(planFacts(manifest, call, ada, new Map([['refund:r1', { id: 'r1', order_id: 'o1' }]])));
    expect(second.reads.map((read) => read.key)).toEqual(['order:o1']);
  });

  test('refuses when a record can not be read, and never passes it off as unknown', async () => {
    expect(await refusalOf('GET /orders/o1', undefined, shopReader({ 'orders.get o1': 'refuse' }))).toBe('CONNECTORS_FACTS_UNAVAILABLE');
    expect(await refusalOf('GET /orders/o1', undefined, shopReader({ 'orders.get o1': 'fault' }))).toBe('CONNECTORS_FACTS_UNAVAILABLE');
    expect(await refusalOf('POST /refunds', refund({ destination: 'gift-1' }), shopReader({ 'customers.get c1': 'fault' }))).toBe(
      'CONNECTORS_FACTS_UNAVAILABLE',
    );
  });

  test('lets a bug in the reader crash the call', async () => {
    const read = (): Promise<never> => Promise.reject(new TypeError('bug'));
    await expect(resolveFacts(manifest, matched('GET /orders/o1'), ada, read, nodeDigest)).rejects.toThrow(TypeError);
  });

  test('never carries an identifier from a body into another path than its own', async () => {
    const asked: string[] = [];
    const read = (operation: Parameters<ReturnType<typeof shopReader>['read']>[0]): Promise<null> => {
      asked.push(JSON.stringify(operation.args));
      return Promise.resolve(null);
    };
    for (const order_id of ['../customers/c1', '..', '.', 'o1/refunds', 'o1%2f', 'o1;x', 'o1\\x']) {
      const result = await resolveFacts(manifest, matched('POST /refunds', refund({ order_id })), ada, read, nodeDigest);
      expect(isRefusal(result) && result.code).toBe('CONNECTORS_ARGUMENT_INVALID');
    }
    expect(asked).toEqual([]);
  });

  test('refuses a call that names more objects than can be checked', async () => {
    const source = {
      ...manifest,
      operations: manifest.operations.map((operation) => ({
        ...operation,
        arguments: operation.arguments.map((argument) => (argument.name === 'items' ? { ...argument, entity: 'order' } : argument)),
      })),
    };
    const call = {
      operation: source.operations.find((each) => each.name === 'refunds.create') as never,
      args: { order_id: 'o1', amount: '1.00', items: Array.from({ length: 30 }, (_, index) => `x${index}`) },
    };
    const result = await resolveFacts(source, call, ada, shopReader().read, nodeDigest);
    expect(isRefusal(result) && result.code).toBe('CONNECTORS_TOO_MANY_OBJECTS');
  });

  test('hands back the reply when the read was exactly this call', async () => {
    const facts = await factsOf('GET /orders/o1');
    expect(facts.reply).toMatchObject({ order: { id: 'o1' } });
    expect((await factsOf('POST /refunds', refund())).reply).toBeNull();
  });
});

describe('the object version', () => {
  const at = (updated_at: string | null, note: string): ReturnType<typeof shopReader> =>
    shopReader({
      'orders.get o1': {
        order: {
          id: 'o1',
          customer_id: 'c1',
          refundable: '30.00',
          currency: 'EUR',
          payment: { method_id: 'card-1' },
          note,
          ...(updated_at === null ? {} : { updated_at }),
        },
      },
    });
  const version = async (shop: ReturnType<typeof shopReader>): Promise<string> =>
    (await factsOf('POST /refunds', refund(), { shop })).objectVersion;

  test('follows the declared version field', async () => {
    expect(await version(at('t1', 'a'))).toBe(await version(at('t1', 'b')));
    expect(await version(at('t1', 'a'))).not.toBe(await version(at('t2', 'a')));
  });

  test('follows the whole record where the field is missing', async () => {
    expect(await version(at(null, 'a'))).not.toBe(await version(at(null, 'b')));
  });

  test('differs between customers', async () => {
    const own = await factsOf('GET /orders/o1', undefined, { customer: ada });
    const other = await factsOf('GET /orders/o2', undefined, { customer: bob });
    expect(own.objectVersion).not.toBe(other.objectVersion);
  });
});

test('for any ids and any customer, owned means the looked-up record names that customer', async () => {
  const id = fc.constantFrom('o1', 'o2', 'guest', 'o404', 'c1', 'constructor', '__proto__');
  const customer = fc.constantFrom<Customer>(ada, bob, null, { id: 'c1', assurance: 'claimed' });
  await fc.assert(
    fc.asyncProperty(id, customer, async (order, who) => {
      const result = await resolveFacts(
        manifest,
        { ...matched('GET /orders/o1'), args: { order_id: order } },
        who,
        shopReader().read,
        nodeDigest,
      );
      const owned = !isRefusal(result) && result.ownership === 'owned';
      expect(owned).toBe((order === 'o1' && who === ada) || (order === 'o2' && who === bob));
    }),
    { numRuns: 100 },
  );
});
