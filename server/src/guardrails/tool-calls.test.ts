import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { isRefusal, type JsonObject } from '#core';
import { guardrailsCodes, screenToolCalls } from './index.ts';

// Many cases on a busy machine; nothing here waits.
vi.setConfig({ testTimeout: 60_000 });

const tools: readonly JsonObject[] = [
  {
    type: 'function',
    function: {
      name: 'refund',
      parameters: {
        type: 'object',
        properties: { order: { type: 'string' }, amount: { type: 'number' } },
        required: ['order'],
        additionalProperties: false,
      },
    },
  },
  { type: 'function', function: { name: 'list_orders' } },
  { name: 'look_up', input_schema: { type: 'object', properties: { id: { type: 'string' } } } },
];
const key = ['ghp', 'A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6'].join('_');
const codeOf = (name: string, text: string): string | null => {
  const verdict = screenToolCalls([{ id: 'c1', name, arguments: text }], tools);
  return isRefusal(verdict) ? verdict.code : null;
};

describe('screenToolCalls', () => {
  it('passes declared calls whose arguments match', () => {
    expect(codeOf('refund', '{"order":"1001","amount":5}')).toBeNull();
    expect(codeOf('list_orders', '{}')).toBeNull();
    expect(codeOf('list_orders', '')).toBeNull();
    expect(codeOf('look_up', '{"id":"7"}')).toBeNull();
    expect(screenToolCalls([], [])).toEqual([]);
  });

  it.each([
    ['an undeclared tool', 'transfer', '{}', 'GUARDRAILS_TOOL_UNDECLARED'],
    ['a name every object has', 'constructor', '{}', 'GUARDRAILS_TOOL_UNDECLARED'],
    ['arguments that are no JSON', 'refund', '{order:1}', 'GUARDRAILS_TOOL_ARGUMENTS_NOT_JSON'],
    ['arguments that are no object', 'refund', '["1001"]', 'GUARDRAILS_TOOL_ARGUMENTS_NOT_JSON'],
    ['the same argument twice', 'refund', '{"order":"1","amount":1,"\\u0061mount":900}', 'GUARDRAILS_TOOL_ARGUMENTS_NOT_JSON'],
    ['two values in a row', 'refund', '{"order":"1"} {"order":"2"}', 'GUARDRAILS_TOOL_ARGUMENTS_NOT_JSON'],
    ['an undeclared argument', 'refund', '{"order":"1","to":"x"}', 'GUARDRAILS_TOOL_ARGUMENTS_INVALID'],
    ['a missing argument', 'refund', '{"amount":1}', 'GUARDRAILS_TOOL_ARGUMENTS_INVALID'],
    ['a missing argument in an empty text', 'refund', '', 'GUARDRAILS_TOOL_ARGUMENTS_INVALID'],
    ['arguments that are too large', 'refund', `{"order":"${'x'.repeat(300_000)}"}`, 'GUARDRAILS_TOOL_ARGUMENTS_TOO_LARGE'],
    ['a key among the arguments', 'refund', `{"order":"${key}"}`, 'GUARDRAILS_OUTPUT_SECRET'],
    ['a key spelled with escapes', 'refund', `{"order":"\\u0067${key.slice(1)}"}`, 'GUARDRAILS_OUTPUT_SECRET'],
  ])('refuses %s', (_name, name, text, code) => {
    expect(codeOf(name, text)).toBe(code);
  });

  it('refuses all calls of a reply when one of them is refused, and too many calls', () => {
    const good = { id: 'a', name: 'list_orders', arguments: '{}' };
    expect(screenToolCalls([good, { id: 'b', name: 'transfer', arguments: '{}' }], tools)).toMatchObject({
      kind: 'deny',
      evidence: { call: 1 },
    });
    expect(screenToolCalls(Array(129).fill(good), tools)).toMatchObject({ code: 'GUARDRAILS_TOO_MANY_TOOL_CALLS' });
  });

  it('names the argument that does not fit but never repeats what the model wrote', () => {
    const verdict = screenToolCalls([{ id: 'a', name: 'refund', arguments: '{"order":"private","secretname":1}' }], tools);
    expect(verdict).toMatchObject({ evidence: { call: 0, tool: 'refund', keyword: 'additionalProperties' } });
    expect(JSON.stringify(verdict)).not.toMatch(/private|secretname/);
    expect(JSON.stringify(screenToolCalls([{ id: 'a', name: 'private', arguments: '' }], tools))).not.toContain('private');
  });

  it('reports hidden characters within arguments', () => {
    expect(screenToolCalls([{ id: 'a', name: 'refund', arguments: '{"order":"10\\u200b01"}' }], tools)).toEqual([
      { kind: 'zero_width', part: 0, count: 1 },
    ]);
  });

  it('returns signals or a coded refusal for any calls and any tool list, and never throws (10,000 cases)', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 30 }),
      fc.json({ maxDepth: 3 }),
      fc.constantFrom(
        '{"order":"1"}',
        '{"order":"1","amount":1e999}',
        '{"a":{"a":{"a":1}}}',
        '[',
        '{"__proto__":1}',
        '"\\ud800"',
        '\ud800',
      ),
    );
    const call = fc.record({
      id: fc.string(),
      name: fc.constantFrom('refund', 'list_orders', 'look_up', '', '__proto__', 'x'),
      arguments: text,
    });
    const strange = fc.constantFrom<JsonObject>(
      {},
      { function: null },
      { function: { name: 7 } },
      { name: 'x', parameters: 'no' },
      { name: '__proto__' },
    );
    fc.assert(
      fc.property(
        fc.array(call, { maxLength: 3 }),
        fc.array(fc.oneof(fc.constantFrom(...tools), strange), { maxLength: 4 }),
        (calls, list) => {
          const verdict = screenToolCalls(calls, list);
          if (isRefusal(verdict)) expect(Object.keys(guardrailsCodes)).toContain(verdict.code);
          else expect(Array.isArray(verdict)).toBe(true);
        },
      ),
      { numRuns: 10_000 },
    );
  });
});
