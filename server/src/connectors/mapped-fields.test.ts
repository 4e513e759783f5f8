// A manifest that names a map of the API it describes: what fields hold comes from the map, trust never does.

import { describe, expect, it } from 'vitest';
import { type FieldMap, isRefusal, type JsonValue, type Manifest, PII_CLASSES } from '#core';
import { labelResult } from './label-result.ts';
import { parseManifest } from './parse-manifest.ts';

const MAP: FieldMap = {
  name: 'corner-shop',
  title: 'A shop',
  pages: [],
  records: [
    {
      name: 'customer',
      routes: ['customers'],
      wraps: ['customer', 'customers[]'],
      marker: null,
      fields: [
        { path: 'email', dataClass: 'email_address' },
        { path: 'home', dataClass: 'street_address' },
        { path: 'home.zip', dataClass: 'place' },
        { path: 'note', dataClass: 'conversation' },
        { path: 'card', dataClass: 'payment_card' },
        { path: 'currency', dataClass: null },
      ],
    },
  ],
};
const digest = { sha256: (text: string) => `d${text.length}` } as never;

function parse(output: object, fields: string | null = 'corner-shop', path = '/v2/customers/{id}.json'): Manifest {
  const parsed = parseWith(output, fields, path.replace('.json', ''));
  if (isRefusal(parsed)) throw new Error(JSON.stringify(parsed.evidence));
  return parsed;
}

function parseWith(output: object, fields: string | null, path: string) {
  const operations = {
    get: { effect: 'admin', method: 'GET', path, arguments: { id: { role: 'selector' } }, output, sentence: 'Read {id}' },
  };
  const head = { apiVersion: 'sallyport.dev/v1', kind: 'Integration', name: 'corner' };
  return parseManifest({ ...head, ...(fields === null ? {} : { fields }), operations }, digest, [MAP]);
}

const REPLY = { customer: { email: 'ada@example.com', home: { zip: '1', lane: 'x' }, note: 'n', card: '4', currency: 'EUR', odd: 1 } };

function labels(manifest: Manifest, reply: JsonValue = REPLY): Record<string, string> {
  const found = labelResult(manifest, manifest.operations[0] as Manifest['operations'][number], reply);
  return Object.fromEntries(
    found.map(({ path, label, dataClass }) => [
      path,
      `${dataClass ?? null} ${label.integrity} ${label.pii.size === PII_CLASSES.length ? 'all' : [...label.pii].join()}`,
    ]),
  );
}

describe('a manifest that names a map', () => {
  it('labels what the map covers, trusts none of it, and leaves the rest at its worst', () => {
    expect(labels(parse({}))).toEqual({
      'customer.email': 'email_address third_party contact',
      'customer.home.zip': 'place third_party address',
      'customer.home.lane': 'street_address third_party address',
      'customer.note': 'conversation third_party free_text',
      'customer.card': 'payment_card third_party payment',
      'customer.currency': 'null third_party ',
      'customer.odd': 'null third_party all',
    });
  });

  it('the manifest says whom to trust, and its word on what a field holds stands before the map’s', () => {
    const manifest = parse({
      fields: {
        'customer.email': {},
        'customer.note': { pii: ['free_text', 'address'] },
        'customer.home': { trusted: false, pii: ['identity'] },
        'customer.card': { class: 'payment_details' },
      },
    });
    expect(labels(manifest)).toMatchObject({
      'customer.email': 'email_address system_of_record contact',
      'customer.note': 'null system_of_record free_text,address',
      'customer.home.zip': 'place third_party address,identity',
      'customer.card': 'payment_details system_of_record payment',
    });
  });

  it('where the manifest trusts everything, the map only adds what fields hold', () => {
    const found = labels(parse({ unlisted: 'trusted' }));
    expect([found['customer.email'], found['customer.odd']]).toEqual(['email_address system_of_record contact', 'null system_of_record ']);
  });

  it('lists of records are labelled as records are', () => {
    expect(labels(parse({}), { customers: [{ email: 'a@example.com' }] })).toEqual({
      'customers[].email': 'email_address third_party contact',
    });
  });

  it('covers nothing of an operation whose path names no record, unless the operation says which', () => {
    const other = '/v2/wombats/{id}';
    expect(labels(parse({}, 'corner-shop', other))['customer.email']).toBe('null third_party all');
    expect(labels(parse({ record: 'customer' }, 'corner-shop', other))['customer.email']).toContain('email_address');
    expect(labels(parse({ record: 'none' }))['customer.email']).toBe('null third_party all');
  });

  it('is part of the digest that approvals name', () => {
    expect(parse({}).digest).not.toBe(parse({}, null).digest);
  });

  it.each([
    [{}, 'nowhere', 'there is no map of that name; there are corner-shop'],
    [{ record: 'wombat' }, 'corner-shop', 'the map has no such record; it has customer'],
    [{ record: 'customer' }, null, 'names no map'],
    [{ fields: { a: { class: 'nonsense' } } }, null, 'class'],
  ])('a wrong name is refused: %j', (output, fields, message) => {
    const parsed = parseWith(output, fields, '/customers/{id}');
    expect([isRefusal(parsed) && parsed.code, JSON.stringify(isRefusal(parsed) && parsed.evidence)]).toEqual([
      'CONNECTORS_MANIFEST_INVALID',
      expect.stringContaining(message),
    ]);
  });
});
