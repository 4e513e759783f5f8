import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import type { JsonValue } from '#core';
import { validateSchema } from './index.ts';

// Many cases on a busy machine; nothing here waits.
vi.setConfig({ testTimeout: 60_000 });

const refund = {
  type: 'object',
  properties: {
    order: { type: 'string', minLength: 1, maxLength: 20 },
    amount: { type: 'number', exclusiveMinimum: 0, maximum: 500 },
    reason: { enum: ['damaged', 'late'] },
    lines: { type: 'array', items: { $ref: '#/$defs/line' }, maxItems: 3 },
    note: { type: ['string', 'null'] },
    by: { anyOf: [{ const: 'card' }, { type: 'object', required: ['iban'] }] },
  },
  required: ['order', 'amount'],
  additionalProperties: false,
  $defs: { line: { type: 'object', properties: { sku: { type: 'string' }, count: { type: 'integer', minimum: 1 } }, required: ['sku'] } },
};

describe('validateSchema', () => {
  it('accepts what the schema allows', () => {
    const value = {
      order: '1001',
      amount: 12.5,
      reason: 'late',
      lines: [{ sku: 'A', count: 2 }, { sku: 'B' }],
      note: null,
      by: { iban: 'x' },
    };
    expect(validateSchema(refund, value)).toBeNull();
  });

  it.each<[string, JsonValue, string, string]>([
    ['a missing argument', { order: '1' }, 'required', 'amount'],
    ['an undeclared argument', { order: '1', amount: 1, to: 'x' }, 'additionalProperties', ''],
    ['an inherited name as an undeclared argument', { order: '1', amount: 1, constructor: 'x' }, 'additionalProperties', ''],
    ['a wrong type', { order: 1, amount: 1 }, 'type', 'order'],
    ['a number as text', { order: '1', amount: '1' }, 'type', 'amount'],
    ['an amount over the maximum', { order: '1', amount: 501 }, 'maximum', 'amount'],
    ['an amount of nothing', { order: '1', amount: 0 }, 'exclusiveMinimum', 'amount'],
    ['a value outside the list', { order: '1', amount: 1, reason: 'other' }, 'enum', 'reason'],
    ['a text too long', { order: 'x'.repeat(21), amount: 1 }, 'maxLength', 'order'],
    ['too many items', { order: '1', amount: 1, lines: [{ sku: 'A' }, { sku: 'A' }, { sku: 'A' }, { sku: 'A' }] }, 'maxItems', 'lines'],
    ['a fault within an item', { order: '1', amount: 1, lines: [{ sku: 'A', count: 1.5 }] }, 'type', 'lines.0.count'],
    ['no branch that holds', { order: '1', amount: 1, by: 'cash' }, 'anyOf', 'by'],
    ['a list for an object', [], 'type', ''],
  ])('finds %s', (_name, value, keyword, path) => {
    const fault = validateSchema(refund, value);
    expect([fault?.keyword, fault?.path.join('.')]).toEqual([keyword, path]);
  });

  it('checks oneOf, allOf, prefixItems, additional schemas, sizes and boolean schemas', () => {
    expect(validateSchema({ oneOf: [{ type: 'number' }, { minimum: 3 }] }, 4)?.keyword).toBe('oneOf');
    expect(validateSchema({ oneOf: [{ type: 'string' }, { minimum: 3 }] }, 4)).toBeNull();
    expect(validateSchema({ allOf: [{ minimum: 1 }, { maximum: 3 }] }, 4)?.keyword).toBe('maximum');
    expect(validateSchema({ prefixItems: [{ type: 'string' }], items: { type: 'number' } }, ['a', 'b'])?.path).toEqual([1]);
    expect(validateSchema({ additionalProperties: { type: 'number' } }, { secret: 'x' })?.path).toEqual(['*']);
    expect(validateSchema({ minProperties: 1 }, {})?.keyword).toBe('minProperties');
    expect(validateSchema({ properties: { a: false } }, { a: 1 })?.keyword).toBe('false');
    expect(validateSchema(true, 1)).toBeNull();
    expect(validateSchema({ type: 'string', nullable: true }, null)).toBeNull();
  });

  it('refuses what it can not check rather than pass it', () => {
    expect(validateSchema({ $ref: 'https://example.com/schema' }, 1)?.keyword).toBe('$ref');
    expect(validateSchema({ $ref: '#/$defs/none' }, 1)?.keyword).toBe('$ref');
    expect(validateSchema('nonsense', 1)?.keyword).toBe('schema');
    expect(validateSchema({ type: 'strnig' }, 'x')?.keyword).toBe('type');
  });

  it('stops on schemas and values made to run for ever', () => {
    expect(validateSchema({ $ref: '#' }, 1)?.keyword).toBe('limit');
    const branches = { anyOf: [{ $ref: '#' }, { $ref: '#' }, { $ref: '#' }] };
    expect(validateSchema(branches, 1)?.keyword).toBe('limit');
    let deep: JsonValue = { type: 'number' };
    for (let depth = 0; depth < 3000; depth += 1) deep = { allOf: [deep] };
    expect(validateSchema(deep, 1)?.keyword).toBe('limit');
    const wide = { items: { anyOf: Array.from({ length: 50 }, () => ({ type: 'string' })) } };
    expect(
      validateSchema(
        wide,
        Array.from({ length: 5000 }, () => 1),
      )?.keyword,
    ).toMatch(/limit|anyOf/);
  });

  it('ignores patterns, which could stall the process', () => {
    expect(validateSchema({ type: 'string', pattern: '^(a+)+$' }, `${'a'.repeat(50)}!`)).toBeNull();
  });

  it('returns null or a fault for any schema and any value, and never throws (12,000 cases)', () => {
    const keyword = fc.constantFrom(
      'type',
      'enum',
      'const',
      'properties',
      'required',
      'additionalProperties',
      'items',
      'prefixItems',
      'minimum',
    );
    const more = fc.constantFrom('maxLength', 'anyOf', 'oneOf', 'allOf', '$ref', 'nullable', 'maxItems', 'minProperties', '__proto__', 'x');
    const schema = fc.letrec<{ node: unknown }>((tie) => ({
      node: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom<unknown>(
          true,
          false,
          null,
          'string',
          'object',
          'array',
          'integer',
          0,
          3,
          '#',
          '#/properties/a',
          '#/$defs/0/~1',
          [],
          {},
        ),
        fc.array(tie('node'), { maxLength: 3 }),
        fc.array(fc.tuple(fc.oneof(keyword, more), tie('node')), { maxLength: 4 }).map((pairs) => Object.fromEntries(pairs)),
      ),
    })).node;
    fc.assert(
      fc.property(schema, fc.jsonValue({ maxDepth: 3 }), (made, value) => {
        const fault = validateSchema(made as JsonValue, value as JsonValue);
        expect(fault === null || (fault.kind === 'schema_fault' && typeof fault.keyword === 'string')).toBe(true);
      }),
      { numRuns: 12_000 },
    );
  });
});
