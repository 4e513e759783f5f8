// Known phone numbers, matched by their last digits whatever the country code, trunk zero or punctuation in the text.

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
  /** Without leading zeros, plus sign and separators. */
  readonly digits: string;
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

/**
 * Whether the digits before the suffix make the same number as the record's: nothing, a trunk zero, the record's own digits,
 * or those behind a country code the record lacks; `+49 (0) 151` holds a zero that nobody dials.
 */
function leads(before: string, lead: string, signed: boolean): boolean {
  const bare = before.replace(/^0+/, '');
  const forms = [bare];
  for (let code = 1; code <= 3; code += 1) if (bare[code] === '0') forms.push(bare.slice(0, code) + bare.slice(code + 1));
  const abroad = signed || before.startsWith('00');
  return forms.some(
    (form) => lead.endsWith(form) || (form.endsWith(lead) && form.length - lead.length <= 3 && (abroad || form === `1${lead}`)),
  );
}

export function createKnownPhones(): KnownPhones {
  const bySuffix = new Map<string, KnownPhone[]>();
  let lengths: readonly number[] = [];

  const add = (value: string): void => {
    const digits = canonicalView(value).text.replace(/\D/g, '').replace(/^0+/, '');
    if (digits.length < LEAST) return;
    const suffix = digits.slice(-SUFFIX);
    const list = bySuffix.get(suffix) ?? [];
    if (list.length < MAX_ALIKE && !list.some((known) => known.value === value)) list.push({ value, digits });
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
        const start = reach(text, positions, { settled, suffixAt: end - length, digits, candidates });
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
  match: { readonly settled: number; readonly suffixAt: number; readonly digits: string; readonly candidates: readonly KnownPhone[] },
): Reach {
  const { settled, suffixAt, digits, candidates } = match;
  let best: Reach = { index: -1, offset: -1, fitting: [] };
  let first = suffixAt;
  for (let index = suffixAt; index >= settled && index >= suffixAt - MAX_LEAD; index -= 1) {
    const offset = positions[index] as number;
    if (isDigit(text.charCodeAt(offset - 1))) continue;
    const signed = signBefore(text, offset) > 0;
    const before = digits.slice(index, suffixAt);
    const fitting = candidates.filter((known) => leads(before, known.digits.slice(0, Math.max(0, known.digits.length - SUFFIX)), signed));
    // A country code that does not fit makes it another number with the same last digits.
    if (fitting.length > 0 || signed || before.startsWith('00')) best = { index, offset, fitting };
    first = index;
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
