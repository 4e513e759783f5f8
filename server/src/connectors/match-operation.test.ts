import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isRefusal, type JsonValue, type OperationRequest } from '#core';
import { encodeOperation } from './encode-operation.ts';
import { matchOperation } from './match-operation.ts';
import { exampleManifest, must, request } from './test/example.ts';

const manifest = exampleManifest();

function outcome(line: string, body?: JsonValue): string {
  return outcomeOf(request(line, body));
}

function outcomeOf(received: OperationRequest): string {
  const result = matchOperation(manifest, received);
  return isRefusal(result) ? result.code : `${result.operation.name} ${JSON.stringify(result.args)}`;
}

describe('a request that is one declared operation', () => {
  test('is taken apart into its arguments and rebuilt from them alone', () => {
    const refund = { order_id: 'o1', amount: '12.50', items: ['l1'], reason: 'broken' };
    const result = must(matchOperation(manifest, request('POST /refunds', refund)));
    expect(result.operation.name).toBe('refunds.create');
    expect(encodeOperation(result)).toEqual({ method: 'POST', path: '/refunds', body: refund });
  });

  test('finds nested body places and writes them back', () => {
    const body = { address: { address1: '1 Main Road', city: 'Berlin', zip: '10115', country: 'DE' } };
    const result = must(matchOperation(manifest, request('PUT /customers/c1/address', body)));
    expect(result.args).toEqual({ customer_id: 'c1', address1: '1 Main Road', city: 'Berlin', zip: '10115', country: 'DE' });
    expect(encodeOperation(result)).toEqual({ method: 'PUT', path: '/customers/c1/address', body });
  });

  test('keeps an identifier with reserved characters in one segment', () => {
    expect(outcome('GET /orders/%23W1001')).toBe('orders.get {"order_id":"#W1001"}');
    expect(encodeOperation(must(matchOperation(manifest, request('GET /orders/%23W%201'))))).toMatchObject({ path: '/orders/%23W%201' });
  });

  test('reads query numbers in their one plain form', () => {
    expect(outcome('GET /orders?customer_id=c1&limit=10')).toBe('orders.list {"customer_id":"c1","limit":10}');
    for (const limit of ['010', '1e1', '+10', ' 10', '1.0', '-0', '0x10', '', '9007199254740993']) {
      expect(
        outcomeOf({
          ...request('GET /orders'),
          query: [
            ['customer_id', 'c1'],
            ['limit', limit],
          ],
        }),
      ).toBe('CONNECTORS_ARGUMENT_INVALID');
    }
  });

  test('takes null for an optional argument as left out and does not send it', () => {
    const result = must(matchOperation(manifest, request('POST /refunds', { order_id: 'o1', amount: '1.00', destination: null })));
    expect(encodeOperation(result).body).toEqual({ order_id: 'o1', amount: '1.00' });
  });
});

describe('a path with two readings is refused', () => {
  test.each([
    ['an encoded slash', '/orders/o1%2Frefunds'],
    ['a lower-case encoded slash', '/orders/o1%2frefunds'],
    ['an encoded backslash', '/orders/o1%5crefunds'],
    ['a backslash', '/orders/o1\\refunds'],
    ['a dot segment', '/orders/../customers/c2'],
    ['a single dot', '/orders/./o1'],
    ['an encoded dot segment', '/orders/%2e%2e'],
    ['a half-encoded dot segment', '/orders/.%2E'],
    ['double encoding', '/orders/%252e%252e'],
    ['a double-encoded slash', '/orders/o1%252Frefunds'],
    ['a path parameter', '/orders/o1;admin=true'],
    ['an encoded path parameter', '/orders/o1%3Badmin'],
    ['a trailing slash', '/orders/o1/'],
    ['an empty segment', '/orders//o1'],
    ['a leading empty segment', '//orders/o1'],
    ['an encoded NUL', '/orders/o1%00'],
    ['an encoded line end', '/orders/o1%0d%0aX-Admin:%201'],
    ['an encoded zero-width space', '/orders/o1%E2%80%8B'],
    ['an encoded right-to-left override', '/orders/%E2%80%AEo1'],
    ['an encoded tag character', '/orders/o1%F3%A0%81%A1'],
    ['invalid UTF-8', '/orders/%ff'],
    ['overlong UTF-8', '/orders/%c0%af'],
    ['half an escape', '/orders/%2'],
    ['a query inside the path', '/orders/o1?x=1'],
    ['a fragment', '/orders/o1#x'],
    ['a raw space', '/orders/o 1'],
    ['an encoded trailing space', '/orders/o1%20'],
    ['raw characters outside ASCII', '/orders/ö1'],
    ['no leading slash', 'orders/o1'],
    ['an absolute address', 'http://other.example/orders/o1'],
    ['nothing', ''],
    ['a path beyond all length', `/orders/${'x'.repeat(3_000)}`],
  ])('%s', (_, path) => {
    expect(outcomeOf({ ...request('GET /'), path })).toBe('CONNECTORS_PATH_UNSAFE');
  });

  test('an identifier that a router ignoring case would take for another route', () => {
    const tagged = {
      ...manifest,
      operations: [
        ...manifest.operations,
        {
          ...must(matchOperation(manifest, request('GET /products/p1'))).operation,
          name: 'orders.export',
          path: '/orders/export',
          arguments: [],
        },
      ],
    };
    const match = (line: string): string => {
      const result = matchOperation(tagged, request(line));
      return isRefusal(result) ? result.code : result.operation.name;
    };
    expect(match('GET /orders/export')).toBe('orders.export');
    expect(match('GET /orders/Export')).toBe('CONNECTORS_PATH_UNSAFE');
    expect(match('GET /orders/%EF%BC%A5xport')).toBe('CONNECTORS_PATH_UNSAFE');
    expect(match('GET /orders/o1')).toBe('orders.get');
  });
});

describe('a request that is not declared is refused', () => {
  test.each([
    ['another path', 'GET /admin/users'],
    ['another case', 'GET /Orders/o1'],
    ['another method', 'DELETE /orders/o1'],
    ['a method in lower case', 'get /orders/o1'],
    ['a deeper path', 'GET /orders/o1/events'],
    ['the root', 'GET /'],
  ])('%s', (_, line) => {
    expect(outcome(line)).toBe('CONNECTORS_OPERATION_UNKNOWN');
  });

  test.each([
    ['a query argument nobody declared', 'GET /orders/o1?expand=customer', undefined, 'CONNECTORS_ARGUMENT_UNKNOWN'],
    ['a query argument in another case', 'GET /orders?Customer_id=c1', undefined, 'CONNECTORS_ARGUMENT_UNKNOWN'],
    ['a query argument with brackets', 'GET /orders?customer_id[]=c1', undefined, 'CONNECTORS_ARGUMENT_UNKNOWN'],
    ['a body argument in the query', 'POST /refunds?amount=1', { order_id: 'o1', amount: '1.00' }, 'CONNECTORS_ARGUMENT_UNKNOWN'],
    ['a path argument again in the body', 'PUT /customers/c1/address', { customer_id: 'c2' }, 'CONNECTORS_ARGUMENT_UNKNOWN'],
    ['an empty key', 'GET /orders?=c1', undefined, 'CONNECTORS_ARGUMENT_UNKNOWN'],
    ['a repeated query argument', 'GET /orders?customer_id=c1&customer_id=c2', undefined, 'CONNECTORS_ARGUMENT_REPEATED'],
    ['a missing argument', 'GET /orders', undefined, 'CONNECTORS_ARGUMENT_MISSING'],
    ['a body on a read', 'GET /orders/o1', {}, 'CONNECTORS_BODY_UNEXPECTED'],
    ['a list as body', 'POST /refunds', [{ order_id: 'o1' }], 'CONNECTORS_BODY_UNEXPECTED'],
    ['a text as body', 'POST /refunds', 'order_id=o1', 'CONNECTORS_BODY_UNEXPECTED'],
    ['an unknown body key', 'POST /refunds', { order_id: 'o1', amount: '1.00', notify: true }, 'CONNECTORS_ARGUMENT_UNKNOWN'],
    [
      'an unknown nested key',
      'PUT /customers/c1/address',
      { address: { address1: 'x', city: 'x', zip: '1', country: 'DE', owner: 'c2' } },
      'CONNECTORS_ARGUMENT_UNKNOWN',
    ],
    ['a dotted key that spells a nested place', 'PUT /customers/c1/address', { 'address.city': 'x' }, 'CONNECTORS_ARGUMENT_UNKNOWN'],
    [
      'a prototype key',
      'POST /refunds',
      JSON.parse('{"order_id":"o1","amount":"1.00","__proto__":{"x":1}}'),
      'CONNECTORS_ARGUMENT_UNKNOWN',
    ],
    ['a number where a text belongs', 'POST /refunds', { order_id: 1, amount: '1.00' }, 'CONNECTORS_ARGUMENT_INVALID'],
    ['an object where an identifier belongs', 'POST /refunds', { order_id: { $ne: null }, amount: '1.00' }, 'CONNECTORS_ARGUMENT_INVALID'],
    ['a list where an identifier belongs', 'POST /refunds', { order_id: ['o1', 'o2'], amount: '1.00' }, 'CONNECTORS_ARGUMENT_INVALID'],
    ['null for a required argument', 'POST /refunds', { order_id: null, amount: '1.00' }, 'CONNECTORS_ARGUMENT_MISSING'],
    [
      'objects in a list of identifiers',
      'POST /refunds',
      { order_id: 'o1', amount: '1.00', items: [{ id: 'l1' }] },
      'CONNECTORS_ARGUMENT_INVALID',
    ],
    ['an empty identifier', 'POST /refunds', { order_id: '', amount: '1.00' }, 'CONNECTORS_ARGUMENT_INVALID'],
    ['a control character in an identifier', 'POST /refunds', { order_id: 'o1\u0007', amount: '1.00' }, 'CONNECTORS_ARGUMENT_INVALID'],
    ['a zero-width character in an identifier', 'POST /refunds', { order_id: 'o\u200b1', amount: '1.00' }, 'CONNECTORS_ARGUMENT_INVALID'],
    ['space around an identifier', 'POST /refunds', { order_id: ' o1', amount: '1.00' }, 'CONNECTORS_ARGUMENT_INVALID'],
    ['a full-width twin of an identifier', 'POST /refunds', { order_id: 'o\uff11', amount: '1.00' }, 'CONNECTORS_ARGUMENT_INVALID'],
    [
      'a bidirectional override in a recipient',
      'POST /messages',
      { recipient: 'a\u202e@example.com', subject: 's', body: 'b' },
      'CONNECTORS_ARGUMENT_INVALID',
    ],
    ['a value outside the closed set', 'POST /customers/c1/tags', { tag: 'admin' }, 'CONNECTORS_ARGUMENT_INVALID'],
    ['a text over its limit', 'POST /customers/c1/tags', { tag: 'x'.repeat(65) }, 'CONNECTORS_ARGUMENT_TOO_LARGE'],
    [
      'more bytes than characters',
      'PUT /customers/c1/address',
      { address: { address1: 'x', city: 'x', zip: 'ööööööööö', country: 'DE' } },
      'CONNECTORS_ARGUMENT_TOO_LARGE',
    ],
    [
      'a list beyond all length',
      'POST /refunds',
      { order_id: 'o1', amount: '1.00', items: Array.from({ length: 201 }, () => 'a') },
      'CONNECTORS_ARGUMENT_TOO_LARGE',
    ],
    [
      'a lone surrogate in a text',
      'POST /messages',
      { recipient: 'a@example.com', subject: 's\ud800', body: 'b' },
      'CONNECTORS_ARGUMENT_INVALID',
    ],
  ] as const)('%s', (_, line, body, code) => {
    expect(outcome(line, body as JsonValue | undefined)).toBe(code);
  });
});

describe('matching, for any input', () => {
  const anyPath = fc.oneof(
    fc.webPath(),
    fc.string().map((text) => `/${text}`),
    fc.constantFrom('/orders/', '/customers/', '/refunds').chain((start) => fc.string().map((text) => start + text)),
  );

  test('answers with an operation or a code, and what it answers encodes back to the same arguments', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('GET', 'POST', 'PUT', 'DELETE'),
        anyPath,
        fc.option(fc.jsonValue(), { nil: undefined }),
        (method, path, body) => {
          const result = matchOperation(manifest, { ...request('GET /'), method, path, body: body as JsonValue | undefined });
          if (isRefusal(result)) return result.code.startsWith('CONNECTORS_');
          const encoded = encodeOperation(result);
          const again = must(matchOperation(manifest, request(`${encoded.method} ${encoded.path}`, encoded.body ?? undefined)));
          expect(again.args).toEqual(result.args);
          return true;
        },
      ),
      { numRuns: 2_000 },
    );
  });

  test('an identifier that is accepted leaves in exactly one segment that decodes to it', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 20, unit: 'grapheme' }), (id) => {
        const encodedId = (() => {
          try {
            return encodeURIComponent(id);
          } catch {
            return '%';
          }
        })();
        const result = matchOperation(manifest, { ...request('GET /'), path: `/orders/${encodedId}` });
        if (isRefusal(result)) return;
        const segments = encodeOperation(result).path.split('/');
        expect(segments).toHaveLength(3);
        expect(decodeURIComponent(segments[2] as string)).toBe(id);
        expect(['.', '..']).not.toContain(id);
      }),
      { numRuns: 1_000 },
    );
  });
});
