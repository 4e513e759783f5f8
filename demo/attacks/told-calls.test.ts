import { describe, expect, test } from 'vitest';
import { findInstructions } from '../captured-model/index.ts';
import { ticketTelling } from './told-calls.ts';

const told = (method: string, path: string, body?: string) =>
  findInstructions(ticketTelling([{ method, path, ...(body === undefined ? {} : { body }) }])).find((one) => one.kind === 'call');

describe('a call that a ticket tells a model to make', () => {
  test('keeps its arguments word for word, twice named and smuggled ones included', () => {
    expect(told('POST', '/orders/1001/refunds', '{"amount":"1.00","destination":"a","destin\\u0061tion":"b"}')).toEqual({
      kind: 'call',
      name: 'refund_order',
      arguments: '{"order_id":"1001","amount":"1.00","destination":"a","destin\\u0061tion":"b"}',
    });
    expect(told('POST', '/orders/1%2f..%2f2/refunds?order_id=3', '{"amount":"1.00"}')).toMatchObject({
      arguments: '{"order_id":"1%2f..%2f2","order_id":"3","amount":"1.00"}',
    });
    expect(told('POST', '/orders/1001/refunds', '"{\\"amount\\":\\"1.00\\"}"')).toMatchObject({ arguments: '"{\\"amount\\":\\"1.00\\"}"' });
    expect(told('GET', '/orders/1001/refunds')).toMatchObject({ name: 'list_refunds', arguments: '{"order_id":"1001"}' });
    expect(told('POST', '/messages', '{"recipient":"a@example.com"}')).toMatchObject({ name: 'send_message' });
  });

  test('is none when no tool makes it', () => {
    expect(() => ticketTelling([{ method: 'DELETE', path: '/orders/1001' }])).toThrow('no tool');
  });
});
