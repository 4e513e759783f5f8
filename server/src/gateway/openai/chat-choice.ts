// One choice of a streamed completion: its words pass through the guard's channels as they arrive, its tool calls are held whole.

import { isArray, isObject, isRefusal, type JsonObject, type JsonValue, type Refusal } from '#core';
import type { OutputHooks, TextChannel } from '#enforcement';
import { MAX_TOOL_CALL_CHARS } from '../limits.ts';
import { badShape, holdsUnreadable, isOpaque, isWords, writeToolCall } from './chat-reply.ts';
import { without } from './other-fields.ts';

/** What one tool call costs beside its arguments, so that many empty ones are bounded too. */
const CALL_OVERHEAD_CHARS = 64;

interface HeldCall {
  id: string;
  name: string;
  arguments: string;
  /** Everything its deltas carried, so that fields we do not know are not lost. */
  wire: JsonObject;
}

export interface ChatChoice {
  /** The delta that may leave now; the same object when nothing changed. */
  pass(delta: JsonObject): JsonObject | Refusal;
  /** Deltas for everything still held, in order; after it the choice is empty. */
  flush(): readonly JsonObject[] | Refusal;
  readonly holdsToolCalls: boolean;
}

export function openChoice(hooks: OutputHooks): ChatChoice {
  const channels = new Map<string, TextChannel>();
  const toolCalls = new Map<number, HeldCall>();
  let heldChars = 0;

  const channelOf = (field: string): TextChannel => {
    const channel = channels.get(field) ?? hooks.openText();
    channels.set(field, channel);
    return channel;
  };

  const passWords = (delta: JsonObject): JsonObject | Refusal => {
    let result = delta;
    for (const field of Object.keys(delta)) {
      const value = delta[field];
      if (isOpaque(field, value)) {
        result = without(result, field);
        continue;
      }
      if (!isWords(field, value)) continue;
      const released = channelOf(field).push(value);
      if (isRefusal(released)) return released;
      if (released !== value) result = released === '' ? without(result, field) : { ...result, [field]: released };
    }
    return result;
  };

  const hold = (deltas: JsonValue): Refusal | null => {
    if (!isArray(deltas)) return badShape();
    for (const delta of deltas) {
      if (!isObject(delta) || typeof delta.index !== 'number') return badShape();
      const { index, ...wire } = delta;
      const part = isObject(delta.function) ? delta.function : {};
      const call = toolCalls.get(index) ?? { id: '', name: '', arguments: '', wire: {} };
      if (typeof part.arguments === 'string') call.arguments += part.arguments;
      heldChars += typeof part.arguments === 'string' ? part.arguments.length : 0;
      // Most deltas carry a few characters of arguments and nothing else.
      if (
        !toolCalls.has(index) ||
        Object.keys(wire).some((key) => key !== 'function') ||
        Object.keys(part).some((key) => key !== 'arguments')
      ) {
        if (typeof delta.id === 'string') call.id ||= delta.id;
        if (typeof part.name === 'string') call.name += part.name;
        call.wire = { ...call.wire, ...wire, function: { ...(call.wire.function as JsonObject | undefined), ...part } };
        heldChars += CALL_OVERHEAD_CHARS + JSON.stringify(wire).length;
      }
      toolCalls.set(index, call);
    }
    return heldChars > MAX_TOOL_CALL_CHARS ? badShape() : null;
  };

  const flushToolCalls = (): JsonObject | null | Refusal => {
    if (toolCalls.size === 0) return null;
    const held = [...toolCalls.entries()].sort(([left], [right]) => left - right);
    const released = hooks.toolCalls(held.map(([, { id, name, arguments: text }]) => ({ id, name, arguments: text })));
    if (isRefusal(released)) return released;
    toolCalls.clear();
    return { tool_calls: released.map((call, at) => ({ index: held[at]?.[0] ?? at, ...writeToolCall(call, held[at]?.[1].wire) })) };
  };

  return {
    get holdsToolCalls() {
      return toolCalls.size > 0;
    },
    pass: (delta) => {
      if (holdsUnreadable(delta)) return badShape();
      const passed = passWords(delta);
      if (isRefusal(passed) || passed.tool_calls === undefined || passed.tool_calls === null) return passed;
      return hold(passed.tool_calls) ?? without(passed, 'tool_calls');
    },
    flush: () => {
      const deltas: JsonObject[] = [];
      for (const [field, channel] of channels) {
        const rest = channel.end();
        if (isRefusal(rest)) return rest;
        if (rest !== '') deltas.push({ [field]: rest });
      }
      channels.clear();
      const calls = flushToolCalls();
      if (isRefusal(calls)) return calls;
      return calls === null ? deltas : [...deltas, calls];
    },
  };
}
