// A streamed chat completion. Words go through the guard's channel of their choice and field as they arrive; tool calls are
// held until they are whole. A frame in which nothing changed leaves as it came. What can not be checked ends the stream.

import { isArray, isObject, isRefusal, type JsonObject, type JsonValue, type Refusal } from '#core';
import type { ModelStream, OutputHooks, TextChannel, ToolCall } from '#enforcement';
import { MAX_FRAME_CHARS, MAX_TOOL_CALL_CHARS } from '../limits.ts';
import { badShape, readUsage, WORD_FIELDS, writeToolCall } from './chat-reply.ts';

interface Choice {
  readonly channels: Map<string, TextChannel>;
  readonly toolCalls: Map<number, { id: string; name: string; arguments: string }>;
}

const FRAME_END = /\r?\n\r?\n/g;

export function openChatStream(hooks: OutputHooks): ModelStream {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const choices = new Map<number, Choice>();
  let template: JsonObject = {};
  let buffered = '';
  let toolChars = 0;
  let done = false;

  const choiceOf = (index: number): Choice => {
    const held = choices.get(index) ?? { channels: new Map(), toolCalls: new Map() };
    choices.set(index, held);
    return held;
  };
  const frameOf = (index: number, delta: JsonObject): string => frame({ ...template, choices: [{ index, delta, finish_reason: null }] });

  /** Everything a choice still holds, as frames of their own. */
  const flush = (index: number, choice: Choice): string | Refusal => {
    let out = '';
    for (const [field, channel] of choice.channels) {
      const rest = channel.end();
      if (isRefusal(rest)) return rest;
      if (rest !== '') out += frameOf(index, { [field]: rest });
    }
    choice.channels.clear();
    if (choice.toolCalls.size === 0) return out;
    const whole = [...choice.toolCalls.entries()].sort(([left], [right]) => left - right);
    const released = hooks.toolCalls(whole.map(([, call]) => call as ToolCall));
    if (isRefusal(released)) return released;
    choice.toolCalls.clear();
    const calls = released.map((call, at) => ({ index: whole[at]?.[0] ?? at, ...writeToolCall(call) }));
    return out + frameOf(index, { tool_calls: calls });
  };

  const holdToolCalls = (choice: Choice, deltas: JsonValue): boolean => {
    if (!isArray(deltas)) return false;
    for (const delta of deltas) {
      if (!isObject(delta) || typeof delta.index !== 'number') return false;
      const call = choice.toolCalls.get(delta.index) ?? { id: '', name: '', arguments: '' };
      const part = isObject(delta.function) ? delta.function : {};
      if (typeof delta.id === 'string') call.id ||= delta.id;
      if (typeof part.name === 'string') call.name += part.name;
      if (typeof part.arguments === 'string') call.arguments += part.arguments;
      toolChars += (typeof part.arguments === 'string' ? part.arguments.length : 0) + 32;
      if (toolChars > MAX_TOOL_CALL_CHARS) return false;
      choice.toolCalls.set(delta.index, call);
    }
    return true;
  };

  const passWords = (choice: Choice, delta: JsonObject): JsonObject | Refusal => {
    let result = delta;
    for (const field of WORD_FIELDS) {
      const text = delta[field];
      if (text === undefined || text === null || text === '') continue;
      if (typeof text !== 'string') return badShape();
      let channel = choice.channels.get(field);
      if (channel === undefined) {
        channel = hooks.openText();
        choice.channels.set(field, channel);
      }
      const released = channel.push(text);
      if (isRefusal(released)) return released;
      if (released === text) continue;
      const { [field]: _held, ...rest } = result;
      result = released === '' ? rest : { ...rest, [field]: released };
    }
    return result;
  };

  /** What may leave for one event: the event itself when unchanged, a changed one, flushed frames, or nothing. */
  const event = (raw: string): string | Refusal => {
    const data = dataOf(raw);
    if (data === null) return '';
    if (data === '[DONE]') {
      const rest = flushAll();
      done = true;
      return isRefusal(rest) ? rest : `${rest}data: [DONE]\n\n`;
    }
    const body = parse(data);
    if (body === null) return badShape();
    if (isObject(body.error)) return raw;
    readUsage(body, hooks);
    if (!isArray(body.choices)) return badShape();
    if (body.choices.length === 0) return raw;
    const { choices: _choices, usage: _usage, ...head } = body;
    template = head;
    let before = '';
    let changed = false;
    const out: JsonValue[] = [];
    for (const choice of body.choices) {
      if (!isObject(choice) || typeof choice.index !== 'number') return badShape();
      const held = choiceOf(choice.index);
      const delta = isObject(choice.delta) ? choice.delta : {};
      if (delta.function_call !== undefined && delta.function_call !== null) return badShape();
      let passed = passWords(held, delta);
      if (isRefusal(passed)) return passed;
      if (passed.tool_calls !== undefined && passed.tool_calls !== null) {
        if (!holdToolCalls(held, passed.tool_calls)) return badShape();
        const { tool_calls: _held, ...rest } = passed;
        passed = rest;
      }
      if (choice.finish_reason !== null && choice.finish_reason !== undefined) {
        const rest = flush(choice.index, held);
        if (isRefusal(rest)) return rest;
        before += rest;
      }
      if (passed === delta) {
        out.push(choice);
        continue;
      }
      changed = true;
      const empty = Object.keys(passed).length === 0 && (choice.finish_reason ?? null) === null;
      if (!empty) out.push({ ...choice, delta: passed, ...(choice.logprobs === undefined ? {} : { logprobs: null }) });
    }
    if (!changed) return before + raw;
    return out.length === 0 && !isObject(body.usage) ? before : before + frame({ ...body, choices: out });
  };

  const flushAll = (): string | Refusal => {
    let out = '';
    for (const [index, choice] of choices) {
      const rest = flush(index, choice);
      if (isRefusal(rest)) return rest;
      out += rest;
    }
    return out;
  };

  const drain = (): string | Refusal => {
    let out = '';
    let start = 0;
    FRAME_END.lastIndex = 0;
    for (let match = FRAME_END.exec(buffered); match !== null && !done; match = FRAME_END.exec(buffered)) {
      const released = event(buffered.slice(start, match.index + match[0].length));
      if (isRefusal(released)) return released;
      out += released;
      start = match.index + match[0].length;
    }
    buffered = done ? '' : buffered.slice(start);
    return buffered.length > MAX_FRAME_CHARS ? badShape() : out;
  };

  return {
    push: (chunk) => {
      if (done) return null;
      try {
        buffered += decoder.decode(chunk, { stream: true });
      } catch {
        return badShape();
      }
      const out = drain();
      return isRefusal(out) ? out : out === '' ? null : out;
    },
    end: () => {
      if (done) return null;
      // A stream that breaks off inside an event or a tool call holds something nobody has checked.
      if (buffered.trim() !== '' || [...choices.values()].some((choice) => choice.toolCalls.size > 0)) return badShape();
      const rest = flushAll();
      return isRefusal(rest) ? rest : rest === '' ? null : rest;
    },
  };
}

function frame(body: JsonObject): string {
  return `data: ${JSON.stringify(body)}\n\n`;
}

/** The data of one event; `null` for comments and events without any. */
function dataOf(raw: string): string | null {
  if (raw.startsWith('data: ') && raw.indexOf('\n') >= raw.length - 2) return raw.slice(6).trimEnd();
  const lines = raw.split(/\r?\n/).filter((line) => line.startsWith('data:'));
  return lines.length === 0 ? null : lines.map((line) => line.slice(line[5] === ' ' ? 6 : 5)).join('\n');
}

function parse(data: string): JsonObject | null {
  try {
    const value: unknown = JSON.parse(data);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}
