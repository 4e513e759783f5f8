// Rewrites the strings and long numbers of a JSON text in place: everything between them stays byte for byte.
// A small scanner for text already known to be JSON; not a parser, and it decides nothing about what is personal.

import { isDigit } from './characters.ts';

export interface Leaf {
  /** The decoded text of a string, or the digits of a number. */
  readonly text: string;
  readonly kind: 'value' | 'key' | 'number';
}

/** Fewest digits at which a number can be a postcode, a phone, a card. */
const MIN_NUMBER = 4;

function isKey(json: string, end: number): boolean {
  let at = end;
  while (at < json.length && /\s/.test(json[at] as string)) at += 1;
  return json[at] === ':';
}

/** Past the closing quote of the string that opens at `at`. */
function stringEnd(json: string, at: number): number {
  let end = at + 1;
  while (end < json.length && json[end] !== '"') end += json[end] === '\\' ? 2 : 1;
  return end + 1;
}

function numberEnd(json: string, at: number): number {
  let end = at;
  while (end < json.length && /[-+\d.eE]/.test(json[end] as string)) end += 1;
  return end;
}

/** `null` from `rewrite` leaves a leaf as it is. Returns the same string when nothing was rewritten. */
export function rewriteLeaves(json: string, rewrite: (leaf: Leaf) => string | null): string {
  let out = '';
  let copied = 0;
  for (let at = 0; at < json.length; at += 1) {
    const isString = json[at] === '"';
    if (!isString && json[at] !== '-' && !isDigit(json.charCodeAt(at))) continue;
    const end = isString ? stringEnd(json, at) : numberEnd(json, at);
    const raw = json.slice(at, end);
    const start = at;
    at = end - 1;
    if (!isString && raw.length < MIN_NUMBER) continue;
    const text = isString ? (raw.includes('\\') ? (JSON.parse(raw) as string) : raw.slice(1, -1)) : raw;
    const rewritten = rewrite({ text, kind: !isString ? 'number' : isKey(json, end) ? 'key' : 'value' });
    if (rewritten === null || rewritten === text) continue;
    // A number gives way to a string: a placeholder can not be a number.
    out += json.slice(copied, start) + JSON.stringify(rewritten);
    copied = end;
  }
  return copied === 0 ? json : out + json.slice(copied);
}

/** The value of a text that is a JSON object or array, else `undefined`. */
export function parseContainer(text: string): object | undefined {
  const start = text.search(/\S/);
  if (start === -1 || (text[start] !== '{' && text[start] !== '[')) return undefined;
  try {
    return JSON.parse(text) as object;
  } catch {
    return undefined;
  }
}
