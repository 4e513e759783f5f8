import { nodeDigest } from '@sallyport/testkit';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isRefusal, type JsonValue } from '#core';
import { parseExactAmount } from './amount.ts';
import { decisionFacts } from './decision-facts.ts';
import { type Facts, resolveFacts } from './facts.ts';
import { ada, callOf, exampleManifest, factsOf, matched, must, refund, refusalOf, shopReader, variant } from './test/example.ts';

const manifest = exampleManifest();

describe('a target is explained only by a record we read', () => {
  test.each([
    ['the payment that paid', 'card-1', 'explained', []],
    ['a gift card of the same customer', 'gift-1', 'explained', []],
    ['another card of the same customer', 'card-8', 'unexplained', ['destination']],
    ['a gift card of somebody else', 'gift-2', 'unexplained', ['destination']],
    ['the payment of somebody else’s order', 'card-2', 'unexplained', ['destination']],
    ['the same in other letters', 'CARD-1', 'unexplained', ['destination']],
  ])('refund to %s', async (_, destination, state, broken) => {
    const facts = await factsOf('POST /refunds', refund({ destination }));
    expect(facts.targets).toEqual({ destination: state });
    expect(facts.brokenRules).toEqual(broken);
  });

  test('a message goes to the bound customer’s own address or is asked for', async () => {
    const send = (recipient: string): Promise<Facts> => factsOf('POST /messages', { recipient, subject: 's', body: 'b' });
    expect(await send('ada@example.com')).toMatchObject({ ownership: 'owned', targets: { recipient: 'explained' }, brokenRules: [] });
    expect(await send('bob@example.com')).toMatchObject({
      ownership: 'not_applicable',
      targets: { recipient: 'unexplained' },
      brokenRules: [],
    });
  });

  test('every recipient of a list must be explained', async () => {
    const source = variant('messages.send', (argument) => (argument.name === 'recipient' ? { ...argument, type: 'array' } : argument));
    const send = async (recipient: readonly string[]): Promise<string | undefined> =>
      must(
        await resolveFacts(
          source,
          callOf(source, 'messages.send', { recipient, subject: 's', body: 'b' }),
          ada,
          shopReader().read,
          nodeDigest,
        ),
      ).targets.recipient;
    expect(await send(['ada@example.com'])).toBe('explained');
    expect(await send(['ada@example.com', 'bob@example.com'])).toBe('unexplained');
    expect(await send([])).toBe('explained');
  });

  test('somebody else’s record explains nothing', async () => {
    const facts = await factsOf('POST /refunds', refund({ order_id: 'o2', destination: 'card-2' }));
    expect(facts).toMatchObject({ ownership: 'foreign', targets: { destination: 'unexplained' }, brokenRules: ['destination'] });
  });

  test('a secret is never explained, whoever the object belongs to', async () => {
    const source = variant('orders.add_note', (argument) => (argument.name === 'order_id' ? { ...argument, role: 'secret' } : argument));
    const facts = must(
      await resolveFacts(source, callOf(source, 'orders.add_note', { order_id: 'o1', text: 'x' }), ada, shopReader().read, nodeDigest),
    );
    expect(facts).toMatchObject({ ownership: 'owned', targets: { order_id: 'unexplained' } });
  });

  test('without a proven customer their record explains nothing', async () => {
    const facts = await factsOf(
      'POST /messages',
      { recipient: 'ada@example.com', subject: 's', body: 'b' },
      { customer: { id: 'c1', assurance: 'claimed' } },
    );
    expect(facts.targets).toEqual({ recipient: 'unexplained' });
  });

  test('a target no rule speaks of is never explained', async () => {
    const facts = await factsOf('PUT /customers/c1/address', { address: { address1: '1 Drop Road', city: 'x', zip: '1', country: 'DE' } });
    expect(facts).toMatchObject({ ownership: 'owned', targets: { address1: 'unexplained' } });
    expect(decisionFacts(matched('POST /refunds', refund()), facts).targetsExplained).toBe(false);
  });
});

describe('amounts', () => {
  test.each([
    ['30.00', true],
    ['30.01', false],
    ['0.01', true],
  ])('%s of a remainder of 30.00', async (amount, within) => {
    const facts = await factsOf('POST /refunds', refund({ amount }));
    expect(facts.amountWithinRemainder).toBe(within);
    expect(facts.amount?.remainder).toEqual({ amountMinor: 3000n, currency: 'EUR' });
    expect(facts.paidFor).toBe('order:o1');
  });

  test.each([
    '0',
    '0.00',
    '-1.00',
    '1e3',
    '1.005',
    '01.00',
    '+1.00',
    ' 1.00',
    '1.',
    '.5',
    'NaN',
    'Infinity',
    '1,00',
    '0x10',
    '10000000000000000.00',
    '١.٠٠',
  ])('refuses %j', async (amount) => {
    const result = await resolveFacts(
      manifest,
      { ...matched('POST /refunds', refund()), args: { order_id: 'o1', amount } },
      ada,
      shopReader().read,
      nodeDigest,
    );
    expect(isRefusal(result) && result.code).toBe('CONNECTORS_AMOUNT_INVALID');
  });

  test.each([['12,00'], [null], [-1], ['1e2'], [{}]])('refuses when the record says %j may be paid out', async (refundable) => {
    const shop = shopReader({
      'orders.get o1': { order: { id: 'o1', customer_id: 'c1', currency: 'EUR', refundable: refundable as JsonValue } },
    });
    expect(await refusalOf('POST /refunds', refund(), shop)).toBe('CONNECTORS_FACTS_UNAVAILABLE');
  });

  test('are never compared across currencies', async () => {
    const source = variant('refunds.create', (argument) =>
      argument.money === null ? argument : { ...argument, money: { currencyFrom: 'fixed', value: 'JPY', unit: 'decimal' } },
    );
    const facts = must(
      await resolveFacts(source, callOf(source, 'refunds.create', { order_id: 'o1', amount: '5' }), ada, shopReader().read, nodeDigest),
    );
    expect(facts.amountWithinRemainder).toBe(false);
  });

  test('are for one object, not for several at once', async () => {
    const source = variant('refunds.create', (argument) => (argument.name === 'items' ? { ...argument, entity: 'order' } : argument));
    const result = await resolveFacts(
      source,
      callOf(source, 'refunds.create', { order_id: 'o1', amount: '5.00', items: ['o2'] }),
      ada,
      shopReader().read,
      nodeDigest,
    );
    expect(isRefusal(result) && result.code).toBe('CONNECTORS_AMOUNT_INVALID');
  });

  test('is not within anything when the order was not found', async () => {
    expect((await factsOf('POST /refunds', refund({ order_id: 'o404' }))).amountWithinRemainder).toBe(false);
  });

  test('JSON numbers count exactly or not at all', () => {
    expect(parseExactAmount(19.99, 'EUR', 'decimal')?.amountMinor).toBe(1999n);
    expect(parseExactAmount(0.1 + 0.2, 'EUR', 'decimal')).toBeNull();
    expect(parseExactAmount(1e21, 'EUR', 'decimal')).toBeNull();
    expect(parseExactAmount(Number('99999999999999.99'), 'EUR', 'decimal')).toBeNull();
    expect(parseExactAmount(5, 'JPY', 'decimal')?.amountMinor).toBe(5n);
    expect(parseExactAmount('5.0', 'JPY', 'decimal')).toBeNull();
    expect(parseExactAmount('1.234', 'KWD', 'decimal')?.amountMinor).toBe(1234n);
    expect(parseExactAmount(12.5, 'EUR', 'minor')).toBeNull();
  });

  test('every amount of a currency reads back as itself', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 14n }), (minor) => {
        const text = `${minor / 100n}.${String(minor % 100n).padStart(2, '0')}`;
        expect(parseExactAmount(text, 'EUR', 'decimal')?.amountMinor).toBe(minor);
        expect(parseExactAmount(String(minor), 'EUR', 'minor')?.amountMinor).toBe(minor);
      }),
    );
  });
});
