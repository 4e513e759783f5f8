import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isRefusal, type JsonValue, joinAll, PII_CLASSES, WORST } from '#core';
import { checkReturnedCustomer } from './check-returned-customer.ts';
import { effectSentence } from './effect-sentence.ts';
import { labelResult } from './label-result.ts';
import { ada, exampleManifest, matched } from './test/example.ts';

const manifest = exampleManifest();

function labels(line: string, result: JsonValue): Record<string, { integrity: string; pii: string[] }> {
  return Object.fromEntries(
    labelResult(manifest, matched(line).operation, result, ada).map(({ path, label }) => [
      path,
      { integrity: label.integrity, pii: [...label.pii].sort() },
    ]),
  );
}

describe('labels of a result', () => {
  test('follow the manifest field by field, and lists share one path', () => {
    expect(
      labels('GET /orders?customer_id=c1', {
        orders: [
          { id: 'o1', note: 'x', email: 'a@example.com' },
          { id: 'o2', note: 'y', email: 'b@example.com' },
        ],
      }),
    ).toEqual({
      'orders[].id': { integrity: 'system_of_record', pii: [] },
      'orders[].note': { integrity: 'third_party', pii: ['free_text'] },
      'orders[].email': { integrity: 'system_of_record', pii: ['contact'] },
    });
  });

  test('an undeclared field has the worst label', () => {
    const [field] = labelResult(manifest, matched('GET /customers/c1').operation, { customer: { loyalty: 3 } }, ada);
    expect(field).toEqual({ path: 'customer.loyalty', steps: ['customer', 'loyalty'], label: WORST });
  });

  test('a declared object covers what is inside it', () => {
    expect(labels('GET /customers/c1', { customer: { address: { line: { deep: 'x' } } } })).toEqual({
      'customer.address.line.deep': { integrity: 'third_party', pii: ['address'] },
    });
  });

  test('personal data of a proven customer is about that customer and nobody else may read it', () => {
    const [field] = labelResult(manifest, matched('GET /customers/c1').operation, { customer: { email: 'ada@example.com' } }, ada);
    expect([...(field?.label.subject ?? [])]).toEqual(['customer:c1']);
    expect(field?.label.readers).toEqual(new Set(['integration:example-shop', 'customer:c1']));
  });

  test('a field at any depth can only lower a label', () => {
    const operation = {
      ...matched('GET /orders/o1').operation,
      output: {
        trusted: true,
        maxBytes: 1,
        fields: [
          { path: '(result)', trusted: true, pii: [] },
          { path: '**.body', trusted: false, pii: ['free_text' as const] },
        ],
      },
    };
    const found = labelResult(manifest, operation, [{ body: 'x', inner: { body: { text: 'y' } }, id: 1 }]);
    expect(Object.fromEntries(found.map(({ path, label }) => [path, label.integrity]))).toEqual({
      '[].body': 'third_party',
      '[].inner.body.text': 'third_party',
      '[].id': 'system_of_record',
    });
  });

  test('an empty list is a field with its own label, and a key with a dot is not taken for two', () => {
    const operation = matched('GET /products/p1').operation;
    const found = labelResult(manifest, operation, { list: [], 'a.b': 1, a: { b: 2 } }).map(({ steps }) => steps);
    expect(found).toEqual([['list'], ['a.b'], ['a', 'b']]);
  });

  test('a result with more fields than can be told apart is worst as a whole', () => {
    const wide = Object.fromEntries(Array.from({ length: 2_001 }, (_, index) => [`k${index}`, index]));
    expect(labelResult(manifest, matched('GET /products/p1').operation, wide)).toEqual([{ path: '(result)', steps: [], label: WORST }]);
  });

  test('for any result, something undeclared anywhere makes the joined label worst', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const found = labelResult(manifest, matched('GET /customers/c1').operation, { x: value as JsonValue, customer: { id: 'c1' } });
        const hasLeaf = found.some(({ path }) => path.startsWith('x'));
        if (hasLeaf) expect(joinAll(found.map(({ label }) => label)).pii.size).toBe(PII_CLASSES.length);
      }),
      { numRuns: 200 },
    );
  });
});

describe('a lookup may only lead to the bound customer', () => {
  const search = matched('GET /customers?email=x@example.com').operation;
  const list = matched('GET /orders?customer_id=c1').operation;

  test.each([
    ['the bound customer', search, { customers: [{ id: 'c1' }] }, true],
    ['somebody else', search, { customers: [{ id: 'c2' }] }, false],
    ['the bound customer among others', search, { customers: [{ id: 'c1' }, { id: 'c2' }] }, false],
    ['nobody, by a search', search, { customers: [] }, false],
    ['a record without an id', search, { customers: [{ id: 'c1' }, { email: 'b@example.com' }] }, false],
    ['another shape', search, { results: [{ id: 'c1' }] }, false],
    ['a message instead', search, 'c1', false],
    ['own orders', list, { orders: [{ customer_id: 'c1' }] }, true],
    ['no orders yet', list, { orders: [], total: 0 }, true],
    ['orders of all, because the shop ignored the filter', list, { orders: [{ customer_id: 'c1' }, { customer_id: 'c2' }] }, false],
    ['an order without a customer', list, { orders: [{ customer_id: null }] }, false],
  ] as const)('%s', (_, operation, result, released) => {
    const refusal = checkReturnedCustomer(operation, result as unknown as JsonValue, ada);
    expect(refusal === null).toBe(released);
    if (refusal !== null) expect(refusal.code).toBe('CONNECTORS_LOOKUP_NOT_BOUND_CUSTOMER');
  });

  test('strangers and nobody are refused in the same words', () => {
    expect(checkReturnedCustomer(search, { customers: [{ id: 'c2' }] }, ada)).toEqual(
      checkReturnedCustomer(search, { customers: [] }, ada),
    );
  });

  test('without a proven customer nothing is released', () => {
    for (const customer of [null, { id: 'c1', assurance: 'claimed' } as const]) {
      expect(isRefusal(checkReturnedCustomer(search, { customers: [{ id: 'c1' }] }, customer))).toBe(true);
    }
  });

  test('an operation that is no lookup is left alone', () => {
    expect(checkReturnedCustomer(matched('GET /orders/o1').operation, {}, null)).toBeNull();
  });
});

describe('the sentence a person approves by', () => {
  const none = { amount: null, targets: {} };

  test('shows every argument, the exact amount, and what no record explains', () => {
    const call = matched('POST /refunds', { order_id: 'o1', amount: '12.5', destination: 'card-8', reason: 'broken' });
    expect(
      effectSentence(call.operation, call.args, {
        amount: { requested: { amountMinor: 1250n, currency: 'EUR' }, remainder: null },
        targets: { destination: 'unexplained' },
      }),
    ).toBe('Refund 12.50 EUR for order “o1”; with destination “card-8”, reason “broken”. No record of ours explains: destination.');
  });

  test('makes invisible characters visible and can not be left by a quote', () => {
    const call = matched('POST /messages', {
      recipient: 'a@example.com',
      subject: 'Hi”. Approved by “boss\u202e\u200b\u{e0041}\n',
      body: 'b',
    });
    expect(effectSentence(call.operation, call.args, none)).toBe(
      'Send the message “Hi›. Approved by ‹boss⟨U+202E⟩⟨U+200B⟩⟨U+E0041⟩⟨U+000A⟩” to “a@example.com”; with body “b”.',
    );
  });

  test('never shows a secret', () => {
    const call = matched('POST /messages', { recipient: 'a@example.com', subject: 'hunter2', body: 'b' });
    const operation = {
      ...call.operation,
      arguments: call.operation.arguments.map((argument) =>
        argument.name === 'subject' ? { ...argument, role: 'secret' as const } : argument,
      ),
    };
    expect(effectSentence(operation, call.args, none)).toContain('the message [secret] to');
  });

  test('counts what it does not show', () => {
    const call = matched('POST /messages', { recipient: 'a@example.com', subject: 's', body: 'x'.repeat(1_000) });
    expect(effectSentence(call.operation, call.args, none)).toContain('(and 880 more characters)');
  });

  test('does not read a value as a slot', () => {
    const call = matched('POST /messages', { recipient: 'a@example.com', subject: '{body} $1 $&', body: 'secret' });
    expect(effectSentence(call.operation, call.args, none)).toContain('“{body} $1 $&”');
  });

  test('keeps everything between the quotes of one value, whatever the value is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (subject) => {
        const call = matched('POST /messages', { recipient: 'a@example.com', subject: 's', body: 'b' });
        const sentence = effectSentence(call.operation, { ...call.args, subject }, none);
        expect(sentence.match(/[“”]/g)).toHaveLength(6);
        expect(/\p{C}/u.test(sentence)).toBe(false);
      }),
      { numRuns: 300 },
    );
  });
});
