// A streamed chat completion, event by event. An event in which nothing changed leaves as it came; what can not be checked
// ends the stream. INVARIANT: how the upstream cut its bytes changes nothing in what the caller reads.

import { isArray, isJsonFault, isObject, isRefusal, type JsonObject, type JsonValue, parseStrictJson, type Refusal } from '#core';
import type { ModelStream, OutputHooks } from '#enforcement';
import { MAX_JSON_DEPTH } from '../limits.ts';
import { type ChatChoice, openChoice } from './chat-choice.ts';
import { badShape, readUsage, withTokens } from './chat-reply.ts';
import { screenOtherFields, wholeText } from './other-fields.ts';
import { openSse, readEvent } from './sse.ts';

export function openChatStream(hooks: OutputHooks): ModelStream {
  const sse = openSse();
  const choices = new Map<number, ChatChoice>();
  /** The last event: those we write ourselves carry its id, model and the like. */
  let last: JsonObject = {};
  let done = false;
  let refused: Refusal | null = null;

  const choiceOf = (index: number): ChatChoice => {
    const choice = choices.get(index) ?? openChoice(hooks);
    choices.set(index, choice);
    return choice;
  };

  const flush = (index: number): string | Refusal => {
    const deltas = choiceOf(index).flush();
    if (isRefusal(deltas)) return deltas;
    return deltas.map((delta) => encode(withChoice(last, { index, delta, finish_reason: null }))).join('');
  };

  const flushAll = (): string | Refusal => {
    let out = '';
    for (const index of choices.keys()) {
      const rest = flush(index);
      if (isRefusal(rest)) return rest;
      out += rest;
    }
    return out;
  };

  const finish = (): string | Refusal => {
    done = true;
    const rest = flushAll();
    return isRefusal(rest) ? rest : `${rest}data: [DONE]\n\n`;
  };

  /** What may leave for one event: itself when unchanged, a changed one, events flushed before it, or nothing. */
  const onEvent = (raw: string): string | Refusal => {
    const event = readEvent(raw);
    if (event === null) return '';
    if (event.data.trimEnd() === '[DONE]') return finish();
    const body = parse(event.data);
    if (body === null) return badShape();
    if (body.error !== undefined && body.error !== null) return passError(body.error, hooks);
    readUsage(body, hooks);
    if (!isArray(body.choices)) return badShape();
    const head = screenOtherFields(body, hooks, 'reply');
    if (isRefusal(head)) return head;
    last = head;
    return onChoices(head === body ? event.text : null, head, body.choices);
  };

  const onChoices = (unchanged: string | null, body: JsonObject, arrived: readonly JsonValue[]): string | Refusal => {
    let before = '';
    let changed = unchanged === null;
    const leaving: JsonValue[] = [];
    for (const arriving of arrived) {
      if (!isObject(arriving) || typeof arriving.index !== 'number') return badShape();
      const choice = screenOtherFields(arriving, hooks, 'streamed');
      if (isRefusal(choice)) return choice;
      changed ||= choice !== arriving;
      const delta = choice.delta ?? {};
      if (!isObject(delta)) return badShape();
      const passed = choiceOf(arriving.index).pass(delta);
      if (isRefusal(passed)) return passed;
      const isLast = choice.finish_reason !== null && choice.finish_reason !== undefined;
      const tokens = withTokens(choice.logprobs, passed, passed === delta);
      const kept = passed === delta && tokens.logprobs === choice.logprobs ? choice : { ...choice, delta: passed, ...tokens };
      if (isLast) {
        // Words of the last event come before what the choice still holds, and both before its end.
        if (Object.keys(passed).length > 0) before += encode(withChoice(last, { ...kept, finish_reason: null }));
        const rest = flush(arriving.index);
        if (isRefusal(rest)) return rest;
        before += rest;
        leaving.push({ ...kept, delta: {}, ...(before === '' ? {} : withTokens(kept.logprobs, {}, false)) });
        changed ||= before !== '' || passed !== delta;
        continue;
      }
      changed ||= kept !== choice;
      if (passed === delta || Object.keys(passed).length > 0) leaving.push(kept);
    }
    if (!changed && unchanged !== null) return unchanged;
    return leaving.length === 0 && !isObject(body.usage) ? before : before + encode({ ...body, choices: leaving });
  };

  return {
    get refused() {
      return refused;
    },
    get done() {
      return done && refused === null;
    },
    push: (chunk) => {
      if (refused !== null) return refused;
      if (done) return null;
      let out = '';
      for (const event of sse.push(chunk)) {
        const released = event === null ? badShape() : onEvent(event);
        if (isRefusal(released)) {
          refused = released;
          break;
        }
        out += released;
        if (done) break;
      }
      // Sound events leave although a later one of the same chunk does not.
      return out === '' ? refused : out;
    },
    end: () => {
      if (refused !== null) return refused;
      if (done) return null;
      // A stream that breaks off inside an event or a tool call holds something nobody has checked.
      if (!sse.isEmpty() || [...choices.values()].some((choice) => choice.holdsToolCalls)) return badShape();
      const rest = flushAll();
      return isRefusal(rest) ? rest : rest === '' ? null : rest;
    },
  };
}

function withChoice(event: JsonObject, choice: JsonObject): JsonObject {
  const { choices: _choices, usage: _usage, ...head } = event;
  return { ...head, choices: [choice] };
}

function encode(body: JsonObject): string {
  return `data: ${JSON.stringify(body)}\n\n`;
}

/** The provider's own error. Its words are screened like any other, and nothing leaves beside them. */
function passError(error: JsonValue, hooks: OutputHooks): string | Refusal {
  const { message, type, code } = isObject(error) ? error : { message: error };
  const words = wholeText(typeof message === 'string' ? message : 'The model provider broke off with an error.', hooks);
  if (isRefusal(words)) return words;
  const name = (value: JsonValue | undefined): string | null => (typeof value === 'string' && /^[\w.-]{1,64}$/.test(value) ? value : null);
  return encode({ error: { message: words, type: name(type) ?? 'upstream_error', code: name(code), param: null } });
}

/** Two readers of an event must see the same. One event may end inside a surrogate pair whose other half the next one brings. */
function parse(data: string): JsonObject | null {
  const value = parseStrictJson(data, { maxDepth: MAX_JSON_DEPTH });
  if (!isJsonFault(value)) return isObject(value) ? value : null;
  // Found last of all: everything else about the text is sound.
  if (value.code !== 'JSON_LONE_SURROGATE') return null;
  const whole = JSON.parse(data) as JsonValue;
  return isObject(whole) ? whole : null;
}
