// Drafts of manifests from OpenAPI documents: they parse, they are refused until reviewed, and what the document says breaks nothing.

import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { isRefusal, type JsonObject, type Manifest } from '#core';
import { draftManifest } from './draft-manifest.ts';
import { manifestText } from './draft-text.ts';
import { parseManifest } from './parse-manifest.ts';

const digest = { sha256: (text: string) => `d${text.length}` } as never;
const json = (schema: unknown) => ({ content: { 'application/json': { schema } } });
const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });

const API = {
  openapi: '3.1.0',
  info: { title: 'Corner "Shop"\n# API\u2028evil: true', version: '1' },
  paths: {
    '/customers/{customer_id}': {
      parameters: [{ name: 'customer_id', in: 'path', required: true, schema: { type: 'string' } }],
      get: { operationId: 'getCustomer', responses: { 200: json(ref('Customer')) } },
      put: { operationId: 'getCustomer', requestBody: json(ref('Customer')), responses: { 200: json(ref('Customer')) } },
    },
    '/customers/{other}': { get: { responses: {} } },
    '/orders/{id}/refunds': {
      post: {
        requestBody: json({ type: 'object', properties: { amount: { type: 'number' }, lines: { type: 'array', items: ref('Loop') } } }),
      },
    },
    '/bad{x}path': { get: {} },
  },
  components: {
    schemas: {
      Customer: {
        allOf: [
          { type: 'object', required: ['email'], properties: { email: { type: 'string' }, wombat: {}, 'odd name': {}, home: ref('Home') } },
          { properties: { phone: { type: ['null', 'string'] }, away: ref('Nowhere') } },
        ],
      },
      Home: { type: 'object', properties: { line1: { type: 'string' }, postal_code: { type: 'string' }, __proto__: { type: 'string' } } },
      Loop: { type: 'object', properties: { sku: {}, parent: ref('Loop') } },
    },
  },
} as unknown as JsonObject;

function parsed(document: JsonObject): Manifest {
  const manifest = parseManifest(parse(manifestText(draftManifest(document, null), null), { uniqueKeys: true }), digest);
  if (isRefusal(manifest)) throw new Error(JSON.stringify(manifest.evidence));
  return manifest;
}

describe('a draft from an OpenAPI document', () => {
  it('is a manifest of which every operation is refused until a person has reviewed it', () => {
    const { operations } = parsed(API);
    expect(operations.map(({ name, effect, needsReview }) => [name, effect, needsReview])).toEqual([
      ['getCustomer', 'admin', true],
      ['getCustomer-2', 'write', true],
      ['post-orders-id-refunds', 'money', true],
    ]);
  });

  it('trusts no field, and keeps unknown ones at the worst label', () => {
    const [get] = parsed(API).operations;
    expect(get?.output.fields).toEqual([
      { path: 'email', trusted: false, pii: ['contact'], dataClass: 'email_address' },
      { path: 'home.line1', trusted: false, pii: ['address'], dataClass: 'street_address' },
      { path: 'home.postal_code', trusted: false, pii: ['address'], dataClass: 'place' },
      { path: 'phone', trusted: false, pii: ['contact'], dataClass: 'phone_number' },
    ]);
  });

  it('takes every argument of an effect that nobody reviewed for one that chooses who gets something', () => {
    const [, put, refund] = parsed(API).operations;
    expect(put?.arguments.map(({ name, role, slot }) => [name, role, slot])).toContainEqual(['email', 'target', 'body']);
    expect(refund?.arguments.map(({ name, role, type }) => [name, role, type])).toEqual([
      ['id', 'selector', 'string'],
      ['amount', 'target', 'number'],
      ['lines', 'target', 'array'],
    ]);
  });

  it('marks each guess, and says what it left out and why', () => {
    const text = manifestText(draftManifest(API, null), null);
    expect(text).toContain('# Left out: GET /bad{x}path: its path has a part');
    expect(text).toContain('# Left out: GET /customers/{other}: another operation has the same method and path');
    for (const line of text.split('\n').filter((each) => / (class|role):| effect:/.test(each))) expect(line).toContain('# review');
  });

  it('what a stranger’s document says ends no line and opens no key', () => {
    expect(Object.keys(parse(manifestText(draftManifest(API, null), null)) as object)).toEqual([
      'apiVersion',
      'kind',
      'name',
      'description',
      'operations',
    ]);
  });

  // Milliseconds, or until the test’s own limit.
  it('parts that name each other over and over end all the same', () => {
    const many = (name: string) => Array.from({ length: 60 }, () => ref(name));
    const members = (name: string) => ({
      properties: Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`p${index}`, ref(name)])),
    });
    const names = 'ABCDEFGHIJ'.split('');
    const schemas = Object.fromEntries(
      names.map((name, index) => [name, { allOf: many(names[index + 1] ?? 'A'), ...members(names[index + 1] ?? 'A') }]),
    );
    const document = { openapi: '3', paths: { '/a': { get: { responses: { 200: json(ref('A')) } } } }, components: { schemas } };
    const draft = draftManifest(document as unknown as JsonObject, null);
    expect(draft.operations[0]?.leftOut).toBeGreaterThan(0);
  });

  it.each([
    { openapi: '3', paths: { '/a': { get: { responses: { 200: { $ref: '#/paths/~1a/get/responses/200' } } } } } },
    { swagger: '2.0', paths: { '/a': { post: { parameters: [{ in: 'body', name: 'b', schema: { $ref: '#/x/y' } }, 3, null] } } } },
    { openapi: '3', paths: { '/a': null, '/b': { get: 7 }, '/c': { get: { responses: [], parameters: {} } } } },
    {
      openapi: '3',
      info: 7,
      paths: { '/a': { get: { responses: { 200: json({ allOf: [{ $ref: '#/paths' }], items: 4, properties: [] }) } } } },
    },
  ])('a broken or circular document gives a draft all the same: %j', (document) => {
    expect(parsed({ ...document } as unknown as JsonObject).operations.every(({ needsReview }) => needsReview)).toBe(true);
  });
});
