// Whether the token texts beside the words of a reply hold those words and nothing else.
// INVARIANT: what nobody looked at as words does not leave as tokens. Anything unknown in them says no.

import { isArray, isObject, type JsonObject, type JsonValue } from '#core';

const ENTRY = new Set(['token', 'logprob', 'bytes', 'top_logprobs']);
const ALTERNATIVE = new Set(['token', 'logprob', 'bytes']);
/** What else could have stood there: single tokens, as many as a provider gives. Longer ones are sentences. */
const MAX_ALTERNATIVES = 20;
const MAX_TOKEN_CHARS = 64;
/** Of one token: a run of spaces is a long one. */
const MAX_BYTES = 1_024;
/** How providers write a token that is a part of a character. */
const HALF = /^(?:bytes:)?(?:\\x[0-9a-f]{2}|\ufffd){1,8}$/i;

/** `words`: the message, or one delta of it. */
export function spells(logprobs: JsonValue, words: JsonObject): boolean {
  if (logprobs === null) return true;
  if (!isObject(logprobs)) return false;
  return Object.entries(logprobs).every(([field, entries]) => {
    if (field !== 'content' && field !== 'refusal') return false;
    if (entries === null) return true;
    const said = words[field];
    return isArray(entries) && entries.every(isEntry) && textOf(entries) === (typeof said === 'string' ? said : '');
  });
}

function isEntry(entry: JsonValue): entry is JsonObject {
  if (!isToken(entry, ENTRY)) return false;
  const { top_logprobs: others } = entry;
  if (others === undefined || others === null) return true;
  return (
    isArray(others) &&
    others.length <= MAX_ALTERNATIVES &&
    others.every((one) => isToken(one, ALTERNATIVE) && textOf([one]).length <= MAX_TOKEN_CHARS)
  );
}

/** A token is its text, how likely it was, and its bytes. */
function isToken(entry: JsonValue, allowed: ReadonlySet<string>): entry is JsonObject {
  if (!isObject(entry) || typeof entry.token !== 'string' || typeof entry.logprob !== 'number') return false;
  if (Object.keys(entry).some((key) => !allowed.has(key))) return false;
  const { bytes, token } = entry;
  if (bytes === undefined || bytes === null) return true;
  if (!isArray(bytes) || bytes.length > MAX_BYTES || !bytes.every(isByte)) return false;
  // Either form alone could say something else than the other.
  return utf8(bytes as readonly number[]) === token || HALF.test(token);
}

const isByte = (value: JsonValue): boolean => typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < 256;
const utf8 = (bytes: readonly number[]): string => Buffer.from(bytes).toString('utf8');

/** What the tokens say: by their bytes where all of them have some, as halves of characters are told by bytes alone. */
function textOf(entries: readonly JsonObject[]): string {
  const byBytes = entries.map(({ bytes }) => bytes);
  const all = byBytes.every((bytes) => isArray(bytes));
  return all ? utf8(byBytes.flat() as number[]) : entries.map(({ token }) => String(token)).join('');
}
