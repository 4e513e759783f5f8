import { describe, expect, it } from 'vitest';
import { collectKnown } from './collect-known.ts';

const listed = (value: Parameters<typeof collectKnown>[0], fields?: Parameters<typeof collectKnown>[1]): string[] =>
  collectKnown(value, fields)
    .map((known) => `${known.type} ${known.value}`)
    .sort();

describe('collectKnown', () => {
  it('reads a shop record by the names of its fields', () => {
    const order = {
      id: 1001,
      name: '#1001',
      email: 'zoe@example.com',
      customer: { firstName: 'Zoë', last_name: 'Groß', phone: '+49 1512 3456789', tags: 'vip' },
      shipping_address: {
        name: 'Max Groß',
        address1: 'Lange Str. 5',
        address2: 'Apt. 7',
        city: 'Bad Tölz',
        zip: 83646,
        country: 'Germany',
      },
      line_items: [{ name: 'Paris Bistro Chair', title: 'Chair', sku: 'AB-123', price: '10.00' }],
      client_details: { browser_ip: '192.0.2.17' },
      total_price: '49.90',
    };
    expect(listed(order)).toEqual(
      [
        'EMAIL zoe@example.com',
        'PERSON Zoë',
        'PERSON Groß',
        'PERSON Zoë Groß',
        'PHONE +49 1512 3456789',
        'PERSON Max Groß',
        'STREET_ADDRESS Lange Str. 5',
        'STREET_ADDRESS Apt. 7',
        'CITY Bad Tölz',
        'POSTCODE 83646',
        'IP 192.0.2.17',
      ].sort(),
    );
  });

  it('reads names kept as an object, and nested arrays', () => {
    expect(listed([{ name: { first: 'Zoë', last: 'Groß' } }])).toEqual(['PERSON Groß', 'PERSON Zoë', 'PERSON Zoë Groß']);
  });

  it('takes fields that the manifest calls personal, by class and shape', () => {
    const fields = [
      { path: 'note.to', trusted: true, pii: ['contact'] as const },
      { path: 'ways[].value', trusted: true, pii: ['contact'] as const },
      { path: 'accounts.*', trusted: true, pii: ['payment'] as const },
      { path: 'holder', trusted: true, pii: ['identity'] as const },
      { path: 'text', trusted: false, pii: ['free_text'] as const },
    ];
    const record = {
      note: { to: 'zoe@example.com', by: 'staff' },
      ways: [{ value: '+49 1512 3456789' }, { value: 'Zoë Groß' }],
      accounts: { one: 'DE89 3704 0044 0532 0130 00', two: 'gift card' },
      holder: 'K-99812',
      text: 'a free text',
    };
    expect(listed(record, fields)).toEqual([
      'CUSTOMER_ID K-99812',
      'EMAIL zoe@example.com',
      'IBAN DE89 3704 0044 0532 0130 00',
      'PERSON Zoë Groß',
      'PHONE +49 1512 3456789',
    ]);
  });

  it('takes a whole result that is personal', () => {
    expect(listed('zoe_gross_4711', [{ path: '(result)', trusted: true, pii: ['identity'] }])).toEqual(['CUSTOMER_ID zoe_gross_4711']);
  });

  it('does not take products, shops and implausible values for people', () => {
    expect(listed({ product: { name: 'Austin Desk Lamp', vendor: 'Kelly', city_light: 'yes' }, total: 12 })).toEqual([]);
    expect(listed({ email: 'none', phone: '-', zip: '', ip: null, city: '-', first_name: ' ' })).toEqual([]);
    expect(listed({ name: 'SP-1001', email: 'zoe@example.com' })).toEqual(['EMAIL zoe@example.com']);
  });

  it('says whose the values are, lists each once, and survives deep records', () => {
    let deep: Parameters<typeof collectKnown>[0] = { email: 'zoe@example.com' };
    for (let depth = 0; depth < 20_000; depth += 1) deep = [deep, { email: 'zoe@example.com' }];
    expect(collectKnown(deep, [], 'customer:1')).toEqual([{ type: 'EMAIL', value: 'zoe@example.com', subject: 'customer:1' }]);
  });
});
