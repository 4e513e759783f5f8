import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { isJsonFault, type JsonCode, type JsonValue, jsonCodes, parseStrictJson } from './index.ts';

// Many cases on a busy machine; nothing here waits.
vi.setConfig({ testTimeout: 60_000 });

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const codeOf = (result: unknown): JsonCode | null => (isJsonFault(result) ? result.code : null);

describe('parseStrictJson', () => {
  it.each([
    '{}',
    '[]',
    'null',
    '"x"',
    ' {"a": [1, 2.50, -0.1, 1e3, true, "\\u00e9\\ud83d\\ude00"]}\n',
    '{"a":{"a":1},"b":[{"a":1}]}',
    '0.30000000000000004',
  ])('accepts %s with the value JSON.parse gives, from text and from bytes', (text) => {
    expect(parseStrictJson(text)).toStrictEqual(JSON.parse(text));
    expect(parseStrictJson(bytes(text))).toStrictEqual(JSON.parse(text));
  });

  it.each<[string, string | Uint8Array, JsonCode]>([
    ['a key named twice', '{"a":1,"b":2,"a":3}', 'JSON_DUPLICATE_KEY'],
    ['a key named twice by an escape', '{"amount":1,"\\u0061mount":900}', 'JSON_DUPLICATE_KEY'],
    ['a key named twice deep inside', '[{"x":{"y":[{"k":1,"k":1}]}}]', 'JSON_DUPLICATE_KEY'],
    ['invalid UTF-8', new Uint8Array([0x22, 0xc3, 0x28, 0x22]), 'JSON_INVALID_UTF8'],
    ['an overlong encoding', new Uint8Array([0x22, 0xc0, 0xaf, 0x22]), 'JSON_INVALID_UTF8'],
    ['an encoded surrogate', new Uint8Array([0x22, 0xed, 0xa0, 0x80, 0x22]), 'JSON_INVALID_UTF8'],
    ['a byte order mark', '\ufeff{}', 'JSON_BYTE_ORDER_MARK'],
    ['a byte order mark in bytes', bytes('\ufeff{}'), 'JSON_BYTE_ORDER_MARK'],
    ['a lone surrogate', '"\ud800"', 'JSON_LONE_SURROGATE'],
    ['an escaped lone surrogate', '["\\uD800"]', 'JSON_LONE_SURROGATE'],
    ['an escaped lone surrogate in a key', '{"\\udc00":1}', 'JSON_LONE_SURROGATE'],
    ['an escaped pair the wrong way round', '"\\udc00\\ud800"', 'JSON_LONE_SURROGATE'],
    ['an integer beyond 2^53', '{"id":9007199254740993}', 'JSON_UNSAFE_NUMBER'],
    ['a number that overflows', '1e400', 'JSON_UNSAFE_NUMBER'],
    ['a number that underflows', '1e-400', 'JSON_UNSAFE_NUMBER'],
    ['a huge number', '-1e21', 'JSON_UNSAFE_NUMBER'],
    ['more digits than a double holds', '0.1000000000000000055511151231257827', 'JSON_UNSAFE_NUMBER'],
    ['a __proto__ key', '{"a":{"__proto__":{"admin":true}}}', 'JSON_FORBIDDEN_KEY'],
    ['an escaped __proto__ key', '{"\\u005f_proto__":1}', 'JSON_FORBIDDEN_KEY'],
    ['nesting over the limit', '['.repeat(100_000), 'JSON_TOO_DEEP'],
    ['too many items', `[${'1,'.repeat(200_001)}1]`, 'JSON_TOO_MANY_MEMBERS'],
    ['a trailing comma', '[1,]', 'JSON_SYNTAX'],
    ['a comment', '{"a":1}//x', 'JSON_SYNTAX'],
    ['two values', '{} {}', 'JSON_SYNTAX'],
    ['nothing', '', 'JSON_SYNTAX'],
    ['NaN', '[NaN]', 'JSON_SYNTAX'],
    ['single quotes', "{'a':1}", 'JSON_SYNTAX'],
    ['an unfinished string', '{"a":"x', 'JSON_SYNTAX'],
    ['a raw control character', '"a\u0000"', 'JSON_SYNTAX'],
  ])('refuses %s', (_name, input, code) => {
    expect(codeOf(parseStrictJson(input))).toBe(code);
    expect(jsonCodes[code].kind).toBe('usage');
  });

  it('says where the second key stands', () => {
    expect(parseStrictJson('{"a":"\\"b","b":{"a":1},"\\u0062":2}')).toMatchObject({ code: 'JSON_DUPLICATE_KEY', at: 23 });
  });

  it('reads escaped keys right where JSON.parse takes them for other keys', () => {
    parseStrictJson('{"h":[],"\\\\":0}');
    expect(parseStrictJson('{"h":1,"\\"":2}')).toStrictEqual({ h: 1, '"': 2 });
    expect(codeOf(parseStrictJson('{"a":1,"\\u0061":900,"id":1}'))).toBe('JSON_DUPLICATE_KEY');
  });

  it('keeps to the limits it is given', () => {
    expect(codeOf(parseStrictJson('[[1]]', { maxDepth: 1 }))).toBe('JSON_TOO_DEEP');
    expect(codeOf(parseStrictJson('[[1]]', { maxDepth: 2 }))).toBe(null);
    expect(codeOf(parseStrictJson('"abc"', { maxBytes: 4 }))).toBe('JSON_TOO_LARGE');
    expect(codeOf(parseStrictJson(bytes('"abc"'), { maxBytes: 5 }))).toBe(null);
  });

  it('does not take a parsed value for a fault, whatever it looks like', () => {
    expect(isJsonFault(parseStrictJson('{"kind":"json_fault","code":"JSON_SYNTAX","at":0}'))).toBe(false);
  });
});

/** JSON text with random spelling: spaces, escapes, number forms; may name keys twice. */
const key = fc.constantFrom('a', 'b', '\\u0061', 'id', '', '__proto__', 'é', '\\ud83d\\ude00', '\\"', '\\\\');
const scalar = fc.oneof(
  fc.constantFrom(
    'null',
    'true',
    'false',
    '0',
    '-0',
    '1.50',
    '1E2',
    '12345678901234567',
    '1e309',
    '9007199254740991',
    '"\\ud800"',
    '"\\\\"',
    '"x:y,{"',
  ),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => JSON.stringify(value)),
  fc.string({ unit: 'binary', maxLength: 6 }).map((value) => JSON.stringify(value)),
);
const spelled = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    scalar,
    fc.array(tie('value'), { maxLength: 3 }).map((items) => `[${items.join(' ,')}]`),
    fc
      .array(fc.tuple(key, tie('value')), { maxLength: 4 })
      .map((members) => `{${members.map(([name, value]) => `"${name}":${value}`).join(',')}}`),
  ),
})).value;
const mutated = fc
  .tuple(spelled, fc.nat(), fc.constantFrom('', '"', ':', ',', '{', '}', '\\', '0', 'e', '\u0000', '\ud800', ' '))
  .map(([text, at, put]) => {
    const cut = at % (text.length + 1);
    return text.slice(0, cut) + put + text.slice(cut + (at % 2));
  });

/** Every JSON text is a JavaScript expression (ECMA-262 2019): a reader that shares no code with JSON.parse, whose keys can be wrong. */
const evaluate = (text: string): JsonValue => new Function(`return (${text});`)() as JsonValue;

/** True when an object names a key twice or names __proto__: tokens by regular expression, all keys kept. */
function isAmbiguous(text: string): boolean {
  let ambiguous = false;
  let previous = '';
  const objects: Set<JsonValue>[] = [];
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\]:,]/gs)) {
    if (token === '{' || token === '[') objects.push(new Set());
    if (token === '}' || token === ']') objects.pop();
    if (token === ':') {
      const name = evaluate(previous);
      if (objects.at(-1)?.has(name) || name === '__proto__') ambiguous = true;
      objects.at(-1)?.add(name);
    }
    previous = token;
  }
  return ambiguous;
}

describe('parseStrictJson against JSON.parse', () => {
  it('accepts only what JSON.parse accepts, with the same value, and refuses every ambiguous text (24,000 texts)', () => {
    let accepted = 0;
    const check = (text: string): void => {
      let valid = true;
      try {
        JSON.parse(text);
      } catch {
        valid = false;
      }
      for (const input of text.isWellFormed() ? [text, bytes(text)] : [text]) {
        const strict = parseStrictJson(input);
        if (isJsonFault(strict)) {
          if (!valid) continue;
          // A refusal of valid JSON has one of the stated reasons.
          expect(['JSON_DUPLICATE_KEY', 'JSON_FORBIDDEN_KEY', 'JSON_UNSAFE_NUMBER', 'JSON_LONE_SURROGATE']).toContain(strict.code);
          if (strict.code === 'JSON_DUPLICATE_KEY' || strict.code === 'JSON_FORBIDDEN_KEY') expect(isAmbiguous(text)).toBe(true);
        } else {
          accepted += 1;
          expect(valid).toBe(true);
          expect(strict).toStrictEqual(evaluate(text));
          expect(isAmbiguous(text)).toBe(false);
        }
      }
    };
    fc.assert(fc.property(spelled, check), { numRuns: 12_000 });
    fc.assert(fc.property(mutated, check), { numRuns: 12_000 });
    expect(accepted).toBeGreaterThan(2_000);
  });

  it('accepts every finite double it is given back in shortest form below 2^53', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true, min: -9007199254740991, max: 9007199254740991 }), (value) => {
        expect(parseStrictJson(JSON.stringify([value]))).toStrictEqual(JSON.parse(JSON.stringify([value])));
      }),
      { numRuns: 3000 },
    );
  });
});
