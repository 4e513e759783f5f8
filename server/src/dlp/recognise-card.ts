// Payment card numbers (Luhn and issuer range) and the verification value next to them.

import { isDigit, isWord } from './characters.ts';
import type { Groups } from './number-groups.ts';
import { passesLuhn, wordBefore } from './number-groups.ts';
import type { Report } from './types.ts';

/** Issuer ranges (ISO/IEC 7812, networks' public tables): first digits from and to, lengths, and whether the range alone convinces. */
const RANGES: readonly (readonly [from: number, to: number, lengths: readonly number[], sure: boolean])[] = [
  [4, 4, [16], true],
  [4, 4, [13, 19], false],
  [51, 55, [16], true],
  [2221, 2720, [16], true],
  [34, 34, [15], true],
  [37, 37, [15], true],
  [6011, 6011, [16], true],
  [644, 649, [16], true],
  [65, 65, [16], true],
  [3528, 3589, [16], true],
  [2200, 2204, [16], true],
  [62, 62, [16], true],
  [300, 305, [14], false],
  [36, 36, [14], false],
  [38, 39, [14], false],
  [50, 50, [13, 14, 15, 16, 17, 18, 19], false],
  [56, 69, [13, 14, 15, 16, 17, 18, 19], false],
  [81, 82, [16], false],
];
const MIN_DIGITS = 13;
const MAX_DIGITS = 19;

type Issuer = 'sure' | 'maybe' | 'none';

/** Ranges over the first four digits, so that a number is compared once with each. */
const BY_FOUR = RANGES.map(([from, to, lengths, sure]) => {
  const scale = 10 ** (4 - String(from).length);
  return { from: from * scale, to: (to + 1) * scale - 1, lengths, kind: sure ? ('sure' as const) : ('maybe' as const) };
});

function issuer(digits: string): Issuer {
  const prefix = Number(digits.slice(0, 4));
  let found: Issuer = 'none';
  for (const { from, to, lengths, kind } of BY_FOUR) {
    if (prefix < from || prefix > to || !lengths.includes(digits.length)) continue;
    if (kind === 'sure') return 'sure';
    found = kind;
  }
  return found;
}

/** One space or sign, or two of them, between groups: as printed on cards. */
function joins(text: string, from: number, to: number): boolean {
  for (let at = from; at < to; at += 1) {
    const unit = text.charCodeAt(at);
    // Parentheses, plus and slash.
    if (unit === 40 || unit === 41 || unit === 43 || unit === 47) return false;
  }
  return to - from <= 2;
}

interface Candidate {
  readonly start: number;
  readonly end: number;
  readonly digits: string;
  readonly groups: number;
}

/** As embossed: groups of four, or four, six and five; or two halves. */
const EMBOSSED = /^(?:\d{4}\D+){2,}|^\d{4}\D+\d{6}\D+\d{4,5}$|^\d{8}\D+\d{8}$/;

function isCard(text: string, { start, end, digits, groups }: Candidate): boolean {
  const kind = issuer(digits);
  if (kind === 'none' || !passesLuhn(digits, 0, digits.length)) return false;
  const word = wordBefore(text, start);
  if (word === 'card') return true;
  if (groups > 1) return text[start - 1] !== '+' && EMBOSSED.test(text.slice(start, end));
  // EAN-13 numbers begin with 4 too, and some pass Luhn: ranges that need a word for it do not count without one.
  return kind === 'sure' && word !== 'other';
}

/** The words right before a number that call it a card whatever its digits say: a mistyped number is somebody's all the same. */
const NAMED =
  /(?:^|[^\p{L}_])(?:(?:credit|debit|bank)?[ -]?card|cc|kreditkarte|carte (?:bancaire|bleue)|tarjeta(?: de cr[eé]dito)?|carta di credito)(?: (?:no|nr|number|num|nummer|numero|número)\.?)?(?: (?:is|ist|est|es|è))?[:#]?\s{1,2}$/iu;
const NAMED_NUMBER = /^(?:\d{12,19}|\d{4}(?:[ -]\d{4}){3})(?![\d\p{L}])/u;
const LONGEST_CARD = 24;

/** End of the number that the words before it call a card, or -1. */
function namedEnd(text: string, start: number): number {
  const number = NAMED_NUMBER.exec(text.slice(start, start + LONGEST_CARD));
  return number !== null && NAMED.test(text.slice(Math.max(0, start - 40), start)) ? start + number[0].length : -1;
}

export function recogniseCards(text: string, { starts, ends }: Groups, report: Report): void {
  for (let first = 0; first < starts.length; first += 1) {
    const start = starts[first] as number;
    const named = namedEnd(text, start);
    if (named !== -1) {
      report(start, named, 'CARD', 0.9);
      while (first + 1 < starts.length && (starts[first + 1] as number) < named) first += 1;
      continue;
    }
    const lead = text.charCodeAt(start);
    if (lead < 50 || lead > 56 || isWord(text.charCodeAt(start - 1))) continue;
    let digits = '';
    let found = -1;
    for (let last = first; last < starts.length; last += 1) {
      if (last > first && !joins(text, ends[last - 1] as number, starts[last] as number)) break;
      const end = ends[last] as number;
      if (digits.length + end - (starts[last] as number) > MAX_DIGITS) break;
      digits += text.slice(starts[last], end);
      if (digits.length < MIN_DIGITS || isWord(text.charCodeAt(end))) continue;
      if (!isCard(text, { start, end, digits, groups: last - first + 1 })) continue;
      found = last;
      // A number of sixteen digits is not given up for a longer one that swallows what stands behind it.
      if (digits.length >= 15) break;
    }
    // Groups of this number may begin another one as well; which of them was meant can not be told, so both are covered.
    if (found !== -1) report(start, ends[found] as number, 'CARD', 0.97);
  }
}

/** Card verification values may not be stored or sent on (PCI DSS 3.3.1.2): the word before them gives them away. */
const LABEL_END =
  /(?:^|[^\p{L}])(?:c[vs][cvn]2?|cid|security\s?code|(?:karten)?pr[uü]f(?:nummer|ziffer|zahl)|sicherheitscode|cryptogramme|code de s[eé]curit[eé]|c[oó]digo de seguridad|codice di sicurezza|veiligheidscode)(?:[\s-]{1,2}(?:is|code|number|nr|no|ist|est|es|lautet))?\.?[\s:=#"'-]{1,4}$/iu;
const LOOK_BACK = 32;

export function recogniseCardCode(text: string, at: number, near: 'card' | 'anywhere', report: Report): void {
  const before = text.charCodeAt(at - 1);
  if (isWord(before) || before === 46 || before === 44) return;
  if (near === 'anywhere') {
    let back = at - 1;
    while (back > at - 5 && back >= 0 && !isWord(text.charCodeAt(back))) back -= 1;
    const unit = text.charCodeAt(back) | 32;
    // `v`, `c`, `2`, or the end of `is`, `code`, `nr`: everything else can not be a label.
    if (unit !== 118 && unit !== 99 && unit !== 50 && unit !== 115 && unit !== 101 && unit !== 114 && unit !== 116) return;
  }
  const slice = text.slice(Math.max(0, at - LOOK_BACK), at);
  if (!LABEL_END.test(slice)) return;
  let end = at;
  while (isDigit(text.charCodeAt(end))) end += 1;
  if (!isWord(text.charCodeAt(end))) report(at, end, 'SECRET', 0.95);
}
