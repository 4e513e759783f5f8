// Fields that a provider adds around the words of a reply: citations, search results, notes. A person may read them like the words, so every
// text in them is screened and restored like the words. INVARIANT: no text leaves beside the words that nobody has looked at.

import { isArray, isObject, isRefusal, type JsonObject, type JsonValue, type Refusal } from '#core';
import type { OutputHooks } from '#enforcement';

/** What a field of the protocol itself holds: a name, an id, a version. Words do not look like this. */
const NAME = /^[\w.:/@+-]{1,128}$/;
/** Keys of a protocol; words, links and placeholders look otherwise, and what stands under them is left out. */
const KEY = /^[\w.:$@+-]{1,64}$/;
/** The words themselves, and what is made of them, are looked at elsewhere. Where they do not belong, they are like any other field. */
const ELSEWHERE = {
  reply: new Set(['choices']),
  whole: new Set(['message', 'logprobs']),
  streamed: new Set(['delta', 'logprobs']),
} as const satisfies Readonly<Record<string, ReadonlySet<string>>>;
/** Names of the protocol at the top of a reply and of a choice. */
const NAMED: ReadonlySet<string> = new Set([
  'id',
  'object',
  'model',
  'system_fingerprint',
  'service_tier',
  'provider',
  'finish_reason',
  'native_finish_reason',
  'stop_reason',
]);

export function wholeText(text: string, hooks: OutputHooks): string | Refusal {
  const channel = hooks.openText();
  const first = channel.push(text);
  if (isRefusal(first)) return first;
  const rest = channel.end();
  return isRefusal(rest) ? rest : first + rest;
}

export function isKey(key: string): boolean {
  return KEY.test(key);
}

export function without(object: JsonObject, key: string): JsonObject {
  const { [key]: _dropped, ...rest } = object;
  return rest;
}

/** The fields around the words of a whole reply or of one of its choices. The same object when nothing in them changes. */
export function screenOtherFields(body: JsonObject, hooks: OutputHooks, place: keyof typeof ELSEWHERE): JsonObject | Refusal {
  const elsewhere: ReadonlySet<string> = ELSEWHERE[place];
  let result = body;
  for (const key in body) {
    const value = body[key];
    if (!isKey(key)) {
      result = without(result, key);
      continue;
    }
    if (value === null || value === undefined || typeof value === 'number' || typeof value === 'boolean' || elsewhere.has(key)) continue;
    if (NAMED.has(key) && typeof value === 'string' && NAME.test(value)) continue;
    const screened = screenLeaves(value, hooks);
    if (isRefusal(screened)) return screened;
    if (screened !== value) result = { ...result, [key]: screened };
  }
  return result;
}

function screenLeaves(value: JsonValue, hooks: OutputHooks): JsonValue | Refusal {
  if (typeof value === 'string') return value === '' ? value : wholeText(value, hooks);
  if (isArray(value)) {
    let changed: JsonValue[] | null = null;
    for (const [index, item] of value.entries()) {
      const screened = screenLeaves(item, hooks);
      if (isRefusal(screened)) return screened;
      if (screened === item) continue;
      changed ??= [...value];
      changed[index] = screened;
    }
    return changed ?? value;
  }
  if (!isObject(value)) return value;
  let result: JsonObject = value;
  for (const [key, item] of Object.entries(value)) {
    if (!isKey(key)) {
      result = without(result, key);
      continue;
    }
    const screened = screenLeaves(item, hooks);
    if (isRefusal(screened)) return screened;
    if (screened !== item) result = { ...result, [key]: screened };
  }
  return result;
}
