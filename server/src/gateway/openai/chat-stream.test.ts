import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isRefusal, refuse } from '#core';
import type { OutputHooks, ToolCall } from '#enforcement';
import { openChatStream } from './chat-stream.ts';

const PLAIN: OutputHooks = { openText: () => ({ push: (text) => text, end: () => '' }), toolCalls: (calls) => calls, usage: () => {} };
/** Holds every word back to the end and shouts it. */
const HOLDING: OutputHooks = {
  ...PLAIN,
  openText: () => {
    let held = '';
    return {
      push: (text) => {
        held += text;
        return '';
      },
      end: () => held.toUpperCase(),
    };
  },
};
const bytes = (text: string): Uint8Array => Buffer.from(text);
const event = (choice: object, more: object = {}): string =>
  `data: ${JSON.stringify({ id: 'c1', object: 'chat.completion.chunk', model: 'm', choices: [choice], ...more })}\n\n`;
const word = (content: string, index = 0): string => event({ index, delta: { content }, finish_reason: null });
const last = (reason = 'stop', index = 0): string => event({ index, delta: {}, finish_reason: reason });

interface Read {
  text: Record<number, string>;
  calls: Record<number, { name: string; arguments: string }[]>;
  done: boolean;
  refused: string | null;
  raw: string;
}

/** Reads a stream as a client does. */
function run(chunks: readonly Uint8Array[], hooks: OutputHooks): Read {
  const stream = openChatStream(hooks);
  let raw = '';
  let refused: string | null = null;
  for (const chunk of [...chunks, null]) {
    const out = chunk === null ? stream.end() : stream.push(chunk);
    if (isRefusal(out)) {
      refused = out.code;
      break;
    }
    raw += out === null ? '' : typeof out === 'string' ? out : Buffer.from(out).toString('utf8');
  }
  const read: Read = { text: {}, calls: {}, done: false, refused, raw };
  for (const line of raw.split('\n').filter((part) => part.startsWith('data: '))) {
    const data = line.slice(6);
    if (data === '[DONE]') {
      read.done = true;
      continue;
    }
    for (const choice of JSON.parse(data).choices as {
      index: number;
      delta: { content?: string; tool_calls?: { function: { name: string; arguments: string } }[] };
    }[]) {
      read.text[choice.index] = (read.text[choice.index] ?? '') + (choice.delta.content ?? '');
      for (const call of choice.delta.tool_calls ?? []) {
        const list = read.calls[choice.index] ?? [];
        read.calls[choice.index] = list;
        list.push({ name: call.function.name, arguments: call.function.arguments });
      }
    }
  }
  return read;
}

function cut(whole: Uint8Array, at: readonly number[]): Uint8Array[] {
  const points = [0, ...[...at].map((point) => point % (whole.length + 1)).sort((a, b) => a - b), whole.length];
  return points.slice(1).map((end, index) => whole.subarray(points[index], end));
}

const DONE = 'data: [DONE]\n\n';

describe('a streamed chat completion', () => {
  it('leaves byte for byte when nothing in it changes', () => {
    const source = word('Hello ') + word('wörld') + last() + DONE;
    expect(run([bytes(source)], PLAIN).raw).toBe(source);
  });

  it('emits held words before the end of their choice', () => {
    const read = run([bytes(word('a') + word('b') + last() + DONE)], HOLDING);
    expect(read.text[0]).toBe('AB');
    expect(read.raw.indexOf('AB')).toBeLessThan(read.raw.indexOf('"stop"'));
    expect(read.done).toBe(true);
  });

  it('keeps words that arrive in the same event as the end', () => {
    const read = run([bytes(word('a') + event({ index: 0, delta: { content: 'z' }, finish_reason: 'stop' }) + DONE)], HOLDING);
    expect(read.text[0]).toBe('AZ');
  });

  it('hands tool calls over whole and in order, and emits what comes back', () => {
    const seen: ToolCall[][] = [];
    const hooks: OutputHooks = {
      ...PLAIN,
      toolCalls: (calls) => {
        seen.push([...calls]);
        return calls.map((call) => ({ ...call, arguments: call.arguments.replace('<EMAIL_1>', 'a@example.com') }));
      },
    };
    const part = (index: number, call: object): string =>
      event({ index: 0, delta: { tool_calls: [{ index, ...call }] }, finish_reason: null });
    const source =
      part(0, { id: 'x', type: 'function', function: { name: 'look', arguments: '{"q":"<EM' } }) +
      part(1, { id: 'y', type: 'function', function: { name: 'send', arguments: '{}' } }) +
      part(0, { function: { arguments: 'AIL_1>"}' } }) +
      last('tool_calls') +
      DONE;
    const read = run([bytes(source)], hooks);
    expect(seen).toEqual([
      [
        { id: 'x', name: 'look', arguments: '{"q":"<EMAIL_1>"}' },
        { id: 'y', name: 'send', arguments: '{}' },
      ],
    ]);
    expect(read.calls[0]).toEqual([
      { name: 'look', arguments: '{"q":"a@example.com"}' },
      { name: 'send', arguments: '{}' },
    ]);
  });

  it('withholds tool calls that are refused, and everything after them', () => {
    const hooks: OutputHooks = { ...PLAIN, toolCalls: () => refuse('GUARDRAILS_TEST', 'no') };
    const source =
      event({
        index: 0,
        delta: { tool_calls: [{ index: 0, id: 'x', function: { name: 'evil', arguments: '{}' } }] },
        finish_reason: null,
      }) +
      last('tool_calls') +
      DONE;
    const read = run([bytes(source)], hooks);
    expect(read.refused).toBe('GUARDRAILS_TEST');
    expect(read.raw).not.toContain('evil');
    expect(read.done).toBe(false);
  });

  it('refuses a stream that breaks off inside a tool call or inside an event', () => {
    const half = event({
      index: 0,
      delta: { tool_calls: [{ index: 0, id: 'x', function: { name: 'n', arguments: '{' } }] },
      finish_reason: null,
    });
    expect(run([bytes(half)], PLAIN).refused).toBe('GATEWAY_UPSTREAM_SHAPE');
    expect(run([bytes('data: {"choices":')], PLAIN).refused).toBe('GATEWAY_UPSTREAM_SHAPE');
  });

  it.each([
    ['no JSON', 'data: nope\n\n'],
    ['no choices', 'data: {"id":"x"}\n\n'],
    ['words that are no string', event({ index: 0, delta: { content: ['x'] }, finish_reason: null })],
    ['the legacy function call', event({ index: 0, delta: { function_call: { name: 'x' } }, finish_reason: null })],
    ['a choice without an index', event({ delta: { content: 'x' } })],
  ])('refuses %s', (_name, source) => {
    expect(run([bytes(source)], PLAIN).refused).toBe('GATEWAY_UPSTREAM_SHAPE');
  });

  it('screens texts in fields it does not know, and leaves out structures it can not read', () => {
    const hooks: OutputHooks = { ...PLAIN, openText: () => ({ push: (text) => text.replaceAll('secret', '***'), end: () => '' }) };
    const delta = { content: 'a', vendor_thoughts: 'a secret', vendor_details: [{ text: 'secret' }], annotations: [], role: 'assistant' };
    const read = run([bytes(event({ index: 0, delta, finish_reason: null }) + last() + DONE)], hooks);
    expect(read.raw).not.toContain('secret');
    expect(read.raw).toContain('a ***');
    expect(read.raw).toContain('"annotations":[]');
    expect(read.raw).not.toContain('vendor_details');
  });

  it('refuses bytes that are not UTF-8', () => {
    expect(run([Uint8Array.of(0x64, 0xff, 0xfe)], PLAIN).refused).toBe('GATEWAY_UPSTREAM_SHAPE');
  });

  it('drops comments and ignores what follows the end', () => {
    const read = run([bytes(`: waiting\n\n${word('a')}${last()}${DONE}${word('more')}`)], PLAIN);
    expect(read.text[0]).toBe('a');
  });

  it.each([
    ['a comment', ': [DONE]'],
    ['an end that lost its field', '[DONE]'],
    ['an unknown field', 'note: [DONE]'],
    ['an id that is no plain one', 'id: [DONE]'],
    ['a name that is no plain one', 'event: [DONE] '],
    ['a field in another case', 'DATA: [DONE]'],
    ['a field with a space before', ' data: [DONE]'],
  ])('lets nothing of an event out that is not read as data: %s', (_name, line) => {
    for (const end of ['\n', '\r\n', '\r']) {
      const framed = `${line}\n${word('a').trimEnd()}\n${line}\n\n${line}\n\n`.replaceAll('\n', end);
      const read = run([bytes(framed)], PLAIN);
      expect([read.text[0], read.done, read.refused]).toEqual(['a', false, null]);
      expect(read.raw).not.toContain('DONE');
    }
  });

  it('keeps a plain name, id and delay of an event', () => {
    const framed = `event: message\nid: 7\nretry: 1000\n${word('a')}`;
    expect(run([bytes(framed)], PLAIN).raw).toBe(framed);
  });

  it('ends where a client ends, however line ends are mixed', () => {
    for (const end of ['\n\r\n', '\r\n\n', '\n\r', '\r\r\n', '\r\n\r']) {
      const source = [word('a'), word('b'), last(), DONE].map((part) => part.trimEnd() + end).join('');
      for (const chunks of [[bytes(source)], [...source].map(bytes)]) {
        const read = run(chunks, PLAIN);
        expect([read.refused, read.text[0], read.done]).toEqual([null, 'ab', true]);
      }
    }
  });

  it('writes the same bytes when a chunk ends between the two halves of a line end', () => {
    const source = bytes((word('a') + last() + DONE).replaceAll('\n', '\r\n'));
    const once = run([source], PLAIN).raw;
    for (let at = 1; at < source.byteLength; at += 1) expect(run([source.subarray(0, at), source.subarray(at)], PLAIN).raw).toBe(once);
  });

  it('brings data of several lines into one, so that clients that read line by line see the same', () => {
    const whole = word('a');
    const source = `data\n${whole.replace('"choices"', '\ndata: "choices"')}`;
    expect(run([bytes(source)], PLAIN).raw).toBe(whole.replace('"choices"', ' "choices"'));
  });

  it('counts usage from the event that carries it', () => {
    let tokens = 0;
    const hooks: OutputHooks = {
      ...PLAIN,
      usage: (usage) => {
        tokens = usage.inputTokens + usage.outputTokens;
      },
    };
    const usage = `data: ${JSON.stringify({ choices: [], usage: { prompt_tokens: 3, completion_tokens: 4 } })}\n\n`;
    expect(run([bytes(word('a') + last() + usage + DONE)], hooks).raw).toContain(usage);
    expect(tokens).toBe(7);
  });

  it('reads the same however the bytes are cut, for several choices and line ends', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 12 });
    const stream = fc.array(fc.tuple(fc.integer({ min: 0, max: 2 }), text), { maxLength: 12 });
    fc.assert(
      fc.property(stream, fc.array(fc.nat(4_000), { maxLength: 8 }), fc.boolean(), fc.boolean(), (words, points, crlf, holding) => {
        const source =
          words.map(([index, content]) => word(content, index)).join('') + [0, 1, 2].map((index) => last('stop', index)).join('') + DONE;
        const whole = bytes(crlf ? source.replaceAll('\n', '\r\n') : source);
        const hooks = holding ? HOLDING : PLAIN;
        const once = run([whole], hooks);
        const often = run(cut(whole, points), hooks);
        expect(often.text).toEqual(once.text);
        expect(often.refused).toBe(null);
        expect(once.refused).toBe(null);
      }),
      { numRuns: 400 },
    );
  });
});
