// The decoders of the gateway against hostile bytes: whatever comes in, what comes out is a value of the declared type or a refusal
// with a code from the tables. They never throw, and they never let a string through that nobody looked at.

import { seededRandom } from '@sallyport/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type CodeTable,
  isArray,
  isObject,
  isRefusal,
  type JsonPath,
  type JsonValue,
  type ModelRequest,
  type Refusal,
  refuse,
} from '#core';
import { enforcementCodes, type OutputHooks } from '#enforcement';
import { readTarget } from './connect.ts';
import { gatewayCodes } from './errors.ts';
import { transformWhole } from './openai/chat-reply.ts';
import { openChatStream } from './openai/chat-stream.ts';
import { declaredTools, decodeChat } from './openai/decode-chat.ts';

const { seed } = seededRandom();
const CODES: CodeTable = { ...gatewayCodes, ...enforcementCodes, GUARDRAILS_TEST: { kind: 'refusal', status: 403, sentence: 'A test.' } };
let cases = 0;

function check<Ts extends [unknown, ...unknown[]]>(
  runs: number,
  arbitraries: { [K in keyof Ts]: fc.Arbitrary<Ts[K]> },
  holds: (...values: Ts) => void,
): void {
  fc.assert(
    fc.property(...arbitraries, (...values: Ts) => {
      cases += 1;
      holds(...values);
    }),
    { numRuns: runs, seed },
  );
}

/** Refuses some words and calls, changes others, as the guard's own hooks do. */
const HOOKS: OutputHooks = {
  openText: () => {
    let held = '';
    return {
      push: (text) => {
        if (text.includes('!')) return refuse('GUARDRAILS_TEST', 'no');
        held += text;
        return '';
      },
      end: () => held.toUpperCase(),
    };
  },
  toolCalls: (calls) => (calls.length > 2 ? refuse('GUARDRAILS_TEST', 'no') : calls.map((call) => ({ ...call, arguments: '{}' }))),
  usage: (usage) => {
    expect(Number.isSafeInteger(usage.inputTokens) && Number.isSafeInteger(usage.outputTokens)).toBe(true);
  },
};

const leaf = fc.oneof(
  { weight: 4, arbitrary: fc.string({ unit: 'binary', maxLength: 12 }) },
  fc.constantFrom(
    'user',
    'assistant',
    'tool',
    'text',
    'function',
    'constructor',
    '__proto__',
    'data: x\n\n',
    'ada@example.com',
    '4155550134',
  ),
  fc.double(),
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
);
const key = fc.oneof(
  fc.constantFrom('role', 'content', 'type', 'text', 'id', 'index', 'name', 'arguments', 'function', 'tool_calls', 'delta', 'message'),
  fc.constantFrom('error', 'usage', 'choices', 'finish_reason', 'logprobs', 'constructor', '__proto__', 'toString', 'nobody@example.com'),
  fc.string({ maxLength: 6 }),
);
const { any } = fc.letrec<{ any: unknown }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 5, withCrossShrink: true },
    leaf,
    fc.array(tie('any'), { maxLength: 4 }),
    fc.array(fc.tuple(key, tie('any')), { maxLength: 5 }).map((entries) => Object.fromEntries(entries)),
  ),
}));
const message = fc.oneof(
  any,
  fc.record(
    { role: fc.constantFrom('user', 'system', 'tool', 'assistant', 'toString'), content: any, tool_calls: any },
    { requiredKeys: ['role'] },
  ),
);
const chatBody = fc.record(
  {
    model: fc.oneof(fc.constant('m'), any),
    messages: fc.oneof(fc.array(message, { maxLength: 4 }), any),
    stream: any,
    tools: any,
    metadata: any,
    x: any,
  },
  { requiredKeys: ['model', 'messages'] },
);
const choice = fc.oneof(
  any,
  fc.record({ index: fc.integer({ min: -1, max: 3 }), message: any, delta: any, finish_reason: leaf, logprobs: any }),
);
const replyBody = fc.oneof(
  any,
  fc.record({ choices: fc.array(choice, { maxLength: 3 }), usage: any, error: any }, { requiredKeys: ['choices'] }),
);

/** Cuts, repeats and flips bytes, so that the text is almost what it was. */
const wounds = fc.array(fc.tuple(fc.nat(), fc.nat(40), fc.constantFrom('flip', 'cut', 'repeat', 'none')), { maxLength: 3 });
function wounded(text: string, changes: readonly (readonly [number, number, string])[]): Uint8Array {
  let bytes = Buffer.from(text);
  for (const [where, length, kind] of changes) {
    const at = bytes.byteLength === 0 ? 0 : where % bytes.byteLength;
    if (kind === 'flip' && bytes.byteLength > 0) bytes[at] = (bytes[at] as number) ^ (1 + (length % 255));
    if (kind === 'cut') bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + length)]);
    if (kind === 'repeat') bytes = Buffer.concat([bytes.subarray(0, at + length), bytes.subarray(at)]);
  }
  return bytes;
}

function expectCoded(refusal: Refusal): void {
  expect(CODES[refusal.code], refusal.code).toBeDefined();
  expect(refusal.reason.length).toBeGreaterThan(0);
}

/** Strings that no part covers must be words, names or ids of the protocol. */
function expectSeen(request: ModelRequest): void {
  const seen = new Set(request.parts.map((part) => JSON.stringify(part.path)));
  for (const part of request.parts) {
    const value = part.path.reduce<JsonValue | undefined>(
      (inner, step) => (inner as Record<string | number, JsonValue> | undefined)?.[step],
      request.body,
    );
    expect(String(value)).toBe(part.text);
  }
  const walk = (value: JsonValue, path: JsonPath): void => {
    if (typeof value === 'string' && value !== '' && !seen.has(JSON.stringify(path)) && path[0] !== 'model')
      expect(value).toMatch(/^[\w.:|-]{1,200}$/);
    else if (isArray(value)) for (const [index, item] of value.entries()) walk(item, [...path, index]);
    else if (isObject(value)) for (const [name, item] of Object.entries(value)) walk(item, [...path, name]);
  };
  walk(request.body, []);
}

describe('the decoders of the gateway, fuzzed', () => {
  it('decode any chat request or refuse it with a code', () => {
    check(5_000, [chatBody, wounds], (body, changes) => {
      const decoded = decodeChat(wounded(JSON.stringify(body), changes));
      if (isRefusal(decoded)) return expectCoded(decoded);
      expectSeen(decoded);
      expect(declaredTools(decoded.body).every(isObject)).toBe(true);
    });
    check(1_000, [fc.uint8Array({ maxLength: 60 })], (bytes) => {
      const decoded = decodeChat(bytes);
      expect(isRefusal(decoded) && CODES[decoded.code] !== undefined).toBe(true);
    });
  });

  it('read any connector target or refuse it with a code', () => {
    const piece = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 8 }),
      fc.constantFrom('/connect/', 'shop', '/', '//', '..', '%2e', '%2f', '%', '%ff', '?', '#', '&', '=', '-', '\r\n'),
    );
    check(3_000, [fc.array(piece, { maxLength: 8 })], (pieces) => {
      const target = readTarget(`/connect/${pieces.join('')}`);
      if (isRefusal(target)) return expectCoded(target);
      expect(target.path.startsWith('/')).toBe(true);
      expect(target.integration).toMatch(/^[a-z0-9][a-z0-9-]*$/);
      expect(`${target.path}${JSON.stringify(target.query)}`.isWellFormed()).toBe(true);
    });
  });

  it('pass on any whole reply or refuse it with a code', () => {
    check(3_000, [replyBody, wounds], (body, changes) => {
      const released = transformWhole(wounded(JSON.stringify(body), changes), HOOKS);
      if (isRefusal(released)) expectCoded(released);
      else expect(released).toBeInstanceOf(Uint8Array);
    });
  });

  it('pass on any stream or refuse it with a code, however it is cut', () => {
    const line = fc.oneof(
      { weight: 4, arbitrary: replyBody.map((body) => `data: ${JSON.stringify(body)}`) },
      fc.constantFrom(
        'data: [DONE]',
        ': note',
        'event: error',
        'data:',
        'data',
        'id: 1',
        'retry: 5',
        '\ufeff',
        'data: {"choices":[],"choices":[]}',
      ),
      fc.string({ unit: 'binary', maxLength: 10 }),
    );
    const end = fc.constantFrom('\n\n', '\r\n\r\n', '\r\r', '\n', '\r', '\n\r\n', '');
    const source = fc.array(fc.tuple(line, end), { maxLength: 6 }).map((lines) => lines.flat().join(''));
    check(3_000, [source, wounds, fc.array(fc.nat(), { maxLength: 5 })], (text, changes, points) => {
      const bytes = wounded(text, changes);
      const cuts = [0, ...points.map((point) => point % (bytes.byteLength + 1)).sort((left, right) => left - right), bytes.byteLength];
      const once = read([bytes]);
      const often = read(cuts.slice(1).map((to, index) => bytes.subarray(cuts[index], to)));
      expect(often).toEqual(once);
    });
  });

  it('did so for more than ten thousand cases', () => {
    console.log(`gateway decoders: ${cases} cases, seed ${seed}`);
    expect(cases).toBeGreaterThanOrEqual(10_000);
  });
});

/** What a caller reads of a stream, and the code that ended it. */
function read(chunks: readonly Uint8Array[]): { text: string; code: string | null } {
  const stream = openChatStream(HOOKS);
  let text = '';
  for (const chunk of [...chunks, null]) {
    const out = chunk === null ? stream.end() : stream.push(chunk);
    if (isRefusal(out)) {
      expectCoded(out);
      return { text, code: out.code };
    }
    text += out === null ? '' : typeof out === 'string' ? out : Buffer.from(out).toString('utf8');
  }
  return { text, code: null };
}
