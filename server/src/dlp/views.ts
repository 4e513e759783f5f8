// Other readings of one text: disguises removed (through the core canonicaliser) and escapes decoded (percent, JSON, HTML),
// each with a way back to the original offsets. For looking only: what these readings say is never forwarded.

import { canonicalText, decodeCharacterReferences } from '#core';

export interface View {
  readonly text: string;
  /** The stretch of the original text behind a stretch of this view. */
  toOriginal(start: number, end: number): { readonly start: number; readonly end: number };
}

const identity = (start: number, end: number): { start: number; end: number } => ({ start, end });

const PRINTABLE_ASCII = /^[\t\n\f\r\x20-\x7e]*$/;

/** First characters of the decimal digits of scripts in commercial use; each block holds ten in a row. */
const ZEROS = '\u0660\u06f0\u0966\u09e6\u0a66\u0ae6\u0b66\u0be6\u0c66\u0ce6\u0d66\u0e50\u0ed0\u1040\u17e0';
const OTHER_DIGITS = new RegExp(`[${[...ZEROS].map((zero) => `${zero}-${String.fromCharCode(zero.charCodeAt(0) + 9)}`).join('')}]`, 'g');

function asciiDigit(character: string): string {
  const code = character.charCodeAt(0);
  for (const zero of ZEROS) {
    const value = code - zero.charCodeAt(0);
    if (value >= 0 && value <= 9) return String(value);
  }
  return character;
}

/** The text as recognisers read it. The one place that calls the canonicaliser; plain ASCII passes it by. */
export function canonicalView(text: string): View {
  if (PRINTABLE_ASCII.test(text)) return { text, toOriginal: identity };
  const canonical = canonicalText(text);
  const readable = canonical.changed ? canonical.text : text;
  // Digits of other scripts map one to one, so offsets stay.
  const digits = /[^\0-\x7f]/.test(readable) ? readable.replace(OTHER_DIGITS, asciiDigit) : readable;
  if (!canonical.changed) return { text: digits, toOriginal: identity };
  return { text: digits, toOriginal: (start, end) => canonical.toOriginalSpan(start, end) };
}

const MARKS: Readonly<Record<string, string>> = {
  uml: '\u0308',
  acute: '\u0301',
  grave: '\u0300',
  circ: '\u0302',
  tilde: '\u0303',
  cedil: '\u0327',
  ring: '\u030a',
  caron: '\u030c',
};
const LIGATURES: Readonly<Record<string, string>> = {
  szlig: 'ß',
  aelig: 'æ',
  AElig: 'Æ',
  oelig: 'œ',
  OElig: 'Œ',
  oslash: 'ø',
  Oslash: 'Ø',
};
const ACCENTED = /^&([A-Za-z])(uml|acute|grave|circ|tilde|cedil|ring|caron);$/;
const MAX_REFERENCE = 12;

function decodeReference(reference: string): string {
  const accented = ACCENTED.exec(reference);
  if (accented !== null) return `${accented[1]}${MARKS[accented[2] as string]}`.normalize('NFC');
  return LIGATURES[reference.slice(1, -1)] ?? decodeCharacterReferences(reference);
}

const ESCAPED: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '"': '"', '/': '/', '\\': '\\', "'": "'" };
const HEX_PAIR = /^[0-9a-fA-F]{2}$/;
const HEX_FOUR = /^[0-9a-fA-F]{4}$/;
const fatalUtf8 = new TextDecoder('utf-8', { fatal: true });

interface Decoded {
  readonly text: string;
  readonly length: number;
}

function decodeBackslash(text: string, at: number): Decoded | null {
  const next = text[at + 1] ?? '';
  if (next === 'u' && HEX_FOUR.test(text.slice(at + 2, at + 6))) {
    return { text: String.fromCharCode(Number.parseInt(text.slice(at + 2, at + 6), 16)), length: 6 };
  }
  if (next === 'x' && HEX_PAIR.test(text.slice(at + 2, at + 4))) {
    return { text: String.fromCharCode(Number.parseInt(text.slice(at + 2, at + 4), 16)), length: 4 };
  }
  const plain = ESCAPED[next];
  return plain === undefined ? null : { text: plain, length: 2 };
}

/** One character written as percent-encoded UTF-8. */
function decodePercent(text: string, at: number): Decoded | null {
  if (!HEX_PAIR.test(text.slice(at + 1, at + 3))) return null;
  const first = Number.parseInt(text.slice(at + 1, at + 3), 16);
  if (first < 0x80) return { text: String.fromCharCode(first), length: 3 };
  const count = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  const bytes = new Uint8Array(count);
  for (let index = 0; index < count; index += 1) {
    const pair = text.slice(at + index * 3 + 1, at + index * 3 + 3);
    if (text[at + index * 3] !== '%' || !HEX_PAIR.test(pair)) return null;
    bytes[index] = Number.parseInt(pair, 16);
  }
  try {
    return { text: fatalUtf8.decode(bytes), length: count * 3 };
  } catch {
    // Not UTF-8: somebody's Latin-1.
    return { text: String.fromCharCode(first), length: 3 };
  }
}

function decodeAmpersand(text: string, at: number): Decoded | null {
  const close = text.slice(at, at + MAX_REFERENCE).indexOf(';');
  if (close < 3) return null;
  const reference = text.slice(at, at + close + 1);
  const decoded = decodeReference(reference);
  return decoded === reference ? null : { text: decoded, length: reference.length };
}

function decodeAt(text: string, at: number, unit: number): Decoded | null {
  if (unit === 37) return decodePercent(text, at);
  if (unit === 92) return decodeBackslash(text, at);
  return unit === 38 ? decodeAmpersand(text, at) : null;
}

/** The text with one layer of percent, JSON and HTML escapes decoded, or `null` when it holds none. */
export function decodedView(text: string): View | null {
  let out = '';
  let starts: number[] | null = null;
  let ends: number[] = [];
  let copied = 0;
  for (let at = 0; at < text.length; at += 1) {
    const decoded = decodeAt(text, at, text.charCodeAt(at));
    if (decoded === null) continue;
    starts ??= [];
    for (let plain = copied; plain < at; plain += 1) {
      starts.push(plain);
      ends.push(plain + 1);
    }
    out += text.slice(copied, at) + decoded.text;
    for (let unit = 0; unit < decoded.text.length; unit += 1) {
      starts.push(at);
      ends.push(at + decoded.length);
    }
    copied = at + decoded.length;
    at = copied - 1;
  }
  if (starts === null) return null;
  const tail = copied - out.length;
  out += text.slice(copied);
  const from = Int32Array.from(starts);
  const to = Int32Array.from(ends);
  starts = null;
  ends = [];
  const startOf = (offset: number): number => from[offset] ?? offset + tail;
  const endOf = (offset: number): number => to[offset - 1] ?? offset + tail;
  return { text: out, toOriginal: (start, end) => ({ start: startOf(start), end: end <= start ? startOf(start) : endOf(end) }) };
}

/** `inner` was made from the text of `outer`. */
export function compose(outer: View, inner: View): View {
  return {
    text: inner.text,
    toOriginal: (start, end) => {
      const middle = inner.toOriginal(start, end);
      return outer.toOriginal(middle.start, middle.end);
    },
  };
}
