// Which fields of a customer's record a person is given: by what the manifest says of every value in them, and of that customer's record alone.

import { describe, expect, test } from 'vitest';
import { type CustomerClass, isRefusal, type JsonValue, type Manifest, type OutputFieldSpec } from '#core';
import { fieldsOfCustomer, planCustomer } from './case-read.ts';
import { exampleManifest } from './test/example.ts';

const example = exampleManifest();
const field = (path: string, ...pii: OutputFieldSpec['pii']): OutputFieldSpec => ({ path, pii, trusted: true });

function shown(fields: readonly OutputFieldSpec[], reply: JsonValue, ...classes: readonly CustomerClass[]): readonly string[] | null {
  const own = planCustomer(example, 'c1');
  if (isRefusal(own)) throw new Error(own.code);
  const { name } = own.operation.operation;
  const changed = (each: Manifest['operations'][number]) => (each.name === name ? { ...each, output: { ...each.output, fields } } : each);
  const manifest = { ...example, operations: example.operations.map(changed) };
  const read = planCustomer(manifest, 'c1');
  if (isRefusal(read)) throw new Error(read.code);
  return fieldsOfCustomer(manifest, read, { reply, classes })?.map((one) => one.name) ?? null;
}

describe('fields of a customer that a person reads for a case', () => {
  const record = { id: 'c1', email: 'ada@example.com', address: { city: 'Ulm', card: { number: '4111' }, zip: '1' } };
  const [email, address] = [field('customer.email', 'contact'), field('customer.address', 'address')];

  test('hold no value inside of them that is of a class shown to nobody', () => {
    const reply = { customer: record };
    expect(shown([email, address], reply, 'address', 'contact')).toEqual(['customer.email', 'customer.address']);
    for (const hidden of [field('customer.address.card', 'payment'), field('**.number', 'payment')])
      expect(shown([email, address, hidden], reply, 'address', 'contact')).toEqual(['customer.email']);
  });

  test('are those of the record that was asked for, not what stands beside it', () => {
    const reply = { customer: record, household: [{ email: 'bea@example.com' }] };
    expect(shown([email, field('household[].email', 'contact')], reply, 'contact')).toEqual(['customer.email']);
  });
});
