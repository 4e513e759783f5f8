import { describe, expect, it } from 'vitest';
import { isRefusal, type JsonValue, type Refusal, refuse } from '#core';
import type { OutputHooks, ToolCall } from '#enforcement';
import { transformWhole } from './chat-reply.ts';
import { openChatStream } from './chat-stream.ts';

const SAME: OutputHooks = { openText: () => ({ push: (text) => text, end: () => '' }), toolCalls: (calls) => calls, usage: () => {} };
const FILLED: OutputHooks = {
  ...SAME,
  openText: () => ({ push: (text) => text.replaceAll('<X_1>', 'x'), end: () => '' }),
  toolCalls: (calls) => calls.map((call): ToolCall => ({ ...call, arguments: call.arguments.replaceAll('<X_1>', 'x') })),
};
const reply = (message: object, more: object = {}): Buffer => Buffer.from(JSON.stringify({ choices: [{ index: 0, message, ...more }] }));
const read = (result: Uint8Array | Refusal): Record<string, unknown> => {
  if (isRefusal(result)) throw new Error(result.code);
  return (JSON.parse(Buffer.from(result).toString('utf8')) as { choices: Record<string, unknown>[] }).choices[0] as Record<string, unknown>;
};
const signed = {
  id: 'a',
  type: 'function',
  extra_content: { signature: 's' },
  function: { name: 'f', arguments: '{"q":"<X_1>"}', strict: true },
};

describe('a whole chat completion', () => {
  it('is the same bytes when nothing changes', () => {
    const raw = reply({ content: 'hi', tool_calls: [signed] });
    expect(transformWhole(raw, SAME)).toBe(raw);
  });

  it('keeps unknown fields when something changes, and drops token texts that would show what was there', () => {
    const choice = read(transformWhole(reply({ content: '<X_1>', x_new: 1, tool_calls: [signed] }, { logprobs: { content: [] } }), FILLED));
    expect(choice).toEqual({
      index: 0,
      message: { content: 'x', x_new: 1, tool_calls: [{ ...signed, function: { ...signed.function, arguments: '{"q":"x"}' } }] },
      logprobs: null,
    });
  });

  it.each([
    ['words that are no text', { content: ['x'] }],
    ['the legacy function call', { content: null, function_call: { name: 'f', arguments: '{}' } }],
    ['spoken words', { content: null, audio: { data: '' } }],
    ['a tool call of an unknown kind', { tool_calls: [{ id: 'a', type: 'custom', custom: { name: 'f', input: '' } }] }],
    ['tool calls that are no list', { tool_calls: {} }],
  ])('is refused with %s', (_name, message) => {
    const result = transformWhole(reply(message), SAME);
    expect(isRefusal(result) ? result.code : null).toBe('GATEWAY_UPSTREAM_SHAPE');
  });
});

describe('token texts beside the words', () => {
  const token = (text: string, more: object = {}) => ({ token: text, logprob: -0.1, bytes: [...Buffer.from(text)], ...more });
  const spelled = [token('h', { top_logprobs: [token('H')] }), token('i 👍')];
  const halves = [
    token('hi '),
    { token: '\\xf0\\x9f', logprob: 0, bytes: [0xf0, 0x9f] },
    { token: '\ufffd', logprob: 0, bytes: [0x91, 0x8d] },
  ];
  const left = (content: JsonValue, more: object = {}): unknown => {
    const whole = read(transformWhole(reply({ content: 'hi 👍' }, { logprobs: { content, ...more } }), SAME)).logprobs;
    const event = { choices: [{ index: 0, delta: { content: 'hi 👍' }, logprobs: { content, ...more } }] };
    const out = openChatStream(SAME).push(Buffer.from(`data: ${JSON.stringify(event)}\n\n`));
    const streamed = (JSON.parse(String(out).slice(6)) as { choices: { logprobs: unknown }[] }).choices[0]?.logprobs;
    expect(streamed).toEqual(whole);
    return whole;
  };

  it.each([
    ['spell the words', spelled],
    ['spell them in halves of characters', halves],
  ])('stay when they %s', (_name, tokens) => {
    expect(left(tokens as never)).toEqual({ content: tokens });
  });

  it.each([
    ['say something else', [token('unseen')]],
    ['say more', [...spelled, token(' unseen')]],
    ['say it in their bytes alone', [{ ...token('hi 👍'), bytes: [...Buffer.from('unseen')] }]],
    ['hold a sentence among the alternatives', [token('hi 👍', { top_logprobs: [token('a sentence nobody looked at. '.repeat(4))] })]],
    [
      'hold words in the bytes of an alternative',
      [token('hi 👍', { top_logprobs: [{ ...token('x'), bytes: [...Buffer.from('unseen')] }] })],
    ],
    ['have a field nobody knows', [token('hi 👍', { note: 'unseen' })]],
    ['are no list', { text: 'unseen' }],
  ])('are left out when they %s', (_name, tokens) => {
    expect(left(tokens as never)).toBeNull();
  });

  it('are left out beside another list of them, and beside words that changed', () => {
    expect(left(spelled as never, { other: [] })).toBeNull();
    const changed = read(transformWhole(reply({ content: '<X_1>' }, { logprobs: { content: [token('<X_1>')] } }), FILLED));
    expect(changed.logprobs).toBeNull();
  });
});

describe('words where the protocol has none', () => {
  const withheld: OutputHooks = { ...SAME, openText: () => ({ push: () => refuse('GUARDRAILS_TEST', 'no'), end: () => '' }) };
  const words = { content: 'unseen <X_1>' };

  it.each([
    ['a message beside the choices', { choices: [], message: words }],
    ['a delta beside the choices', { choices: [], delta: words }],
    ['token texts beside the choices', { choices: [], logprobs: words }],
    ['a delta in a whole choice', { choices: [{ index: 0, message: {}, delta: words }] }],
  ])('are looked at: %s', (_name, body) => {
    const raw = Buffer.from(JSON.stringify(body));
    expect(transformWhole(raw, withheld)).toMatchObject({ code: 'GUARDRAILS_TEST' });
    expect(Buffer.from(transformWhole(raw, FILLED) as Uint8Array).toString()).toContain('unseen x');
  });

  it.each([
    ['a message in a streamed choice', { choices: [{ index: 0, delta: {}, message: words }] }, 'GUARDRAILS_TEST'],
    ['a message beside the choices', { choices: [], message: words }, 'GUARDRAILS_TEST'],
    ['a delta that is a text', { choices: [{ index: 0, delta: 'unseen' }] }, 'GATEWAY_UPSTREAM_SHAPE'],
    ['a delta that is a list', { choices: [{ index: 0, delta: ['unseen'] }] }, 'GATEWAY_UPSTREAM_SHAPE'],
  ])('are looked at in a stream: %s', (_name, body, code) => {
    expect(openChatStream(withheld).push(Buffer.from(`data: ${JSON.stringify(body)}\n\n`))).toMatchObject({ code });
  });

  it.each([
    ['beside the choices', { choices: [], 'Read https://x.example/?q=<X_1>': 1 }],
    ['in a citation', { choices: [], citations: [{ 'Read https://x.example/?q=<X_1>': 1 }] }],
  ])('keys that are words are left out %s', (_name, body) => {
    const out = transformWhole(Buffer.from(JSON.stringify(body)), SAME);
    expect(Buffer.from(out as Uint8Array).toString()).not.toContain('x.example');
  });
});

describe('a streamed chat completion', () => {
  const event = (value: object): Buffer => Buffer.from(`data: ${JSON.stringify(value)}\n\n`);
  const last = event({ choices: [{ index: 0, delta: {}, finish_reason: 'tool_calls' }] });

  it('keeps unknown fields of tool calls, too', () => {
    const stream = openChatStream(FILLED);
    const { function: named, ...rest } = signed;
    stream.push(event({ choices: [{ index: 0, delta: { tool_calls: [{ index: 0, ...rest, function: { ...named, arguments: '' } }] } }] }));
    stream.push(event({ choices: [{ index: 0, delta: { tool_calls: [{ index: 0, function: { arguments: named.arguments } }] } }] }));
    const out = stream.push(last);
    expect(String(out)).toContain(JSON.stringify('{"q":"x"}'));
    const first = JSON.parse(String(out).split('\n\n')[0]?.slice(6) ?? '') as { choices: { delta: { tool_calls: unknown[] } }[] };
    expect(first.choices[0]?.delta.tool_calls).toEqual([{ index: 0, ...signed, function: { ...signed.function, arguments: '{"q":"x"}' } }]);
  });

  it('screens the words of an error and lets nothing leave beside them', () => {
    const error = {
      error: { message: 'broken <X_1>', type: 'server_error', code: 'E1', extra: 1 },
      choices: [{ index: 0, delta: { content: 'y' } }],
    };
    expect(openChatStream(FILLED).push(event(error))).toBe(
      `data: ${JSON.stringify({ error: { message: 'broken x', type: 'server_error', code: 'E1', param: null } })}\n\n`,
    );
    const withheld: OutputHooks = { ...SAME, openText: () => ({ push: () => refuse('GUARDRAILS_TEST', 'no'), end: () => '' }) };
    expect(openChatStream(withheld).push(event(error))).toMatchObject({ code: 'GUARDRAILS_TEST' });
  });

  it('lets sound events leave before a broken one, and nothing after it', () => {
    const sound = event({ choices: [{ index: 0, delta: { content: 'hi' } }] });
    const stream = openChatStream(SAME);
    expect(String(stream.push(Buffer.concat([sound, Buffer.from('data: {"choices":[],"choices":[]}\n\n'), sound])))).toBe(sound.toString());
    expect(stream.refused?.code).toBe('GATEWAY_UPSTREAM_SHAPE');
    expect(stream.push(sound)).toMatchObject({ code: 'GATEWAY_UPSTREAM_SHAPE' });
    expect(stream.done).toBe(false);
  });

  it('passes half a surrogate pair on, since its other half comes with the next event', () => {
    const half = Buffer.from('data: {"choices":[{"index":0,"delta":{"content":"\\ud83d"}}]}\n\n');
    expect(String(openChatStream(SAME).push(half))).toBe(half.toString());
  });
});
