// Other spellings of somebody who opted out are the same somebody.

import { expect, it } from 'vitest';
import { keyOf, namedIn } from './opt-outs.ts';

const keys = (record: Parameters<typeof namedIn>[0]): readonly string[] => namedIn(record).map(keyOf);

it('an address is known with a name, a scheme or brackets around it, in other letters and in a list', () => {
  const wanted = keyOf({ kind: 'email', value: 'Robin.Field@Example.com' });
  for (const text of [
    'robin.field@example.com ',
    'Robin Field <robin.field@example.com>',
    '"Field, Robin" <ROBIN.FIELD@EXAMPLE.COM>',
    'mailto:robin.field@example.com',
    'kim@example.com; robin.field@example.com',
    'ｒobin.field@example.com',
  ])
    expect(keys({ contact: text }), text).toContain(wanted);
});

it('a customer is known by the bare number and by the name an API gives the number', () => {
  const wanted = keyOf({ kind: 'customer', value: '7012' });
  for (const value of [7012, '7012', 'gid://shopify/Customer/7012', ' GID://Shopify/Customer/7012'])
    expect(keys({ customer_id: value }), String(value)).toContain(wanted);
  expect(keys({ id: 'gid://shopify/Order/7012' })).not.toContain(wanted);
});

it('a long text that mentions an address is about nobody', () => {
  expect(keys({ note: `${'word '.repeat(100)} kim@example.com` })).toEqual([]);
});
