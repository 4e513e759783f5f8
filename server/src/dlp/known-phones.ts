// Known phone numbers, matched by their last digits whatever the country code, trunk zero or punctuation in the text.

import { parsePhoneNumberFromString } from 'libphonenumber-js/max';
import { isDigit } from './characters.ts';
import { canonicalView } from './views.ts';

/** Numbers shorter than this mean too little; longer ones are found by their last eight digits. */
const LEAST = 6;
const SUFFIX = 8;
/** Numbers kept for one suffix; with more than one a match is nobody's in particular anyway. */
const MAX_ALIKE = 16;
/** Digits before the suffix that may belong to the number: `0049`, a trunk zero and the rest of the area code. */
const MAX_LEAD = 10;

interface KnownPhone {
  readonly value: string;
  /** Country calling code, when the record writes it. */
  readonly code: string | null;
  /** The rest, without leading zeros. */
  readonly national: string;
}

export interface PhoneMatch {
  readonly start: number;
  readonly end: number;
  /** The one known number that fits, or `null` when several do. */
  readonly value: string | null;
}

export interface KnownPhones {
  readonly size: number;
  add(value: string): void;
  /** Known numbers among the digit groups between two offsets. */
  find(text: string, from: number, to: number): readonly PhoneMatch[];
}

const NOTHING: readonly PhoneMatch[] = Object.freeze([]);

function readPhone(value: string, digits: string): KnownPhone {
  const parsed = /^\s*\(?\s*(?:\+|00)/.test(value) ? parsePhoneNumberFromString(value.replace(/^\D*00/, '+')) : undefined;
  const code = parsed?.countryCallingCode ?? null;
  return { value, code, national: code === null ? digits : digits.slice(code.length).replace(/^0+/, '') };
}

/**
 * Whether these digits of a text are the record's number: in national form, with its country code, or with a country code that
 * the record lacks. `+49 (0) 151` holds a zero that nobody dials.
 */
function isSame(known: KnownPhone, digits: string, signed: boolean): boolean {
  const { code, national } = known;
  const abroad = signed || digits.startsWith('00');
  const bare = digits.replace(/^0+/, '');
  if (code !== null) return (bare === national && !abroad) || bare === code + national || bare === `${code}0${national}`;
  if (bare === national || bare === `1${national}`) return true;
  return abroad && bare.endsWith(national) && /^[1-9]\d{0,2}0?$/.test(bare.slice(0, -national.length));
}

export function createKnownPhones(): KnownPhones {
  const bySuffix = new Map<string, KnownPhone[]>();
  let lengths: readonly number[] = [];

  const add = (value: string): void => {
    const written = canonicalView(value).text;
    const digits = written.replace(/\D/g, '').replace(/^0+/, '');
    if (digits.length < LEAST) return;
    const suffix = digits.slice(-SUFFIX);
    const list = bySuffix.get(suffix) ?? [];
    if (list.length < MAX_ALIKE && !list.some((known) => known.value === value)) list.push({ ...readPhone(written, digits), value });
    bySuffix.set(suffix, list);
    if (!lengths.includes(suffix.length)) lengths = [...lengths, suffix.length].sort((left, right) => right - left);
  };

  const find = (text: string, from: number, to: number): readonly PhoneMatch[] => {
    let digits = '';
    const positions: number[] = [];
    for (let at = from; at < to; at += 1) {
      if (!isDigit(text.charCodeAt(at))) continue;
      digits += text[at];
      positions.push(at);
    }
    if (digits.length < LEAST) return NOTHING;
    const found: PhoneMatch[] = [];
    let settled = 0;
    for (let end = LEAST; end <= digits.length; end += 1) {
      const last = positions[end - 1] as number;
      if (isDigit(text.charCodeAt(last + 1))) continue;
      for (const length of lengths) {
        if (end - length < settled) continue;
        const candidates = bySuffix.get(digits.slice(end - length, end));
        if (candidates === undefined) continue;
        const start = reach(text, positions, { settled, suffixAt: end - length, end, digits, candidates });
        if (start.index === -1) continue;
        const fitting = new Set(start.fitting.map((known) => known.value));
        found.push({ start: start.offset, end: last + 1, value: fitting.size === 1 ? ([...fitting][0] as string) : null });
        settled = end;
        break;
      }
    }
    return found;
  };
  return {
    get size() {
      return bySuffix.size;
    },
    add,
    find,
  };
}

interface Reach {
  readonly index: number;
  readonly offset: number;
  readonly fitting: readonly KnownPhone[];
}

/** How far left the number begins: at a border of a digit group whose digits make sense before the suffix. */
function reach(
  text: string,
  positions: readonly number[],
  match: {
    readonly settled: number;
    readonly suffixAt: number;
    readonly end: number;
    readonly digits: string;
    readonly candidates: readonly KnownPhone[];
  },
): Reach {
  const { settled, suffixAt, end, digits, candidates } = match;
  let best: Reach = { index: -1, offset: -1, fitting: [] };
  let first = suffixAt;
  for (let index = suffixAt; index >= settled && index >= suffixAt - MAX_LEAD; index -= 1) {
    const offset = positions[index] as number;
    if (isDigit(text.charCodeAt(offset - 1))) continue;
    first = index;
    const signed = signBefore(text, offset) > 0;
    const fitting = candidates.filter((known) => isSame(known, digits.slice(index, end), signed));
    // With another country code, or without one that makes sense, it is another number that ends alike.
    if (fitting.length > 0 || signed || digits.startsWith('00', index)) best = { index, offset, fitting };
    if (signed) break;
  }
  if (best.index === -1) {
    while (first > settled && isDigit(text.charCodeAt((positions[first] as number) - 1))) first -= 1;
    best = { index: first, offset: positions[first] as number, fitting: [] };
  }
  const sign = signBefore(text, best.offset);
  return { ...best, offset: best.offset - (sign > 0 ? sign : text[best.offset - 1] === '(' ? 1 : 0) };
}

/** Length of `+` or `+(` before the number, or 0. */
function signBefore(text: string, offset: number): number {
  if (text[offset - 1] === '+') return 1;
  return text[offset - 1] === '(' && text[offset - 2] === '+' ? 2 : 0;
}
