// Phone numbers nobody told us about. The shape decides first and cheaply; libphonenumber-js (slow) only confirms what is left,
// and only so many times per text: beyond that the shape alone is believed, because masking too much is the safe side.

import { type CountryCode, isSupportedCountry, parsePhoneNumberFromString } from 'libphonenumber-js/max';
import { isDash, isDigit, isLatin, isWord } from './characters.ts';
import type { Groups, NumberWord } from './number-groups.ts';
import { passesEan, wordBefore } from './number-groups.ts';
import type { Report } from './types.ts';

/** Where numbers in national form are expected when nobody names the shop's countries: large ecommerce markets. */
export const DEFAULT_REGIONS: readonly string[] = Object.freeze('US GB DE FR ES IT NL BE AT CH PL PT IE SE AU NZ IN TR MX'.split(' '));

/** How national numbers without a leading zero are written, by region: group lengths. Anything else needs a word that says phone. */
const GROUPINGS: Readonly<Record<string, readonly string[]>> = {
  US: ['3-3-4', '1-3-3-4'],
  CA: ['3-3-4', '1-3-3-4'],
  ES: ['3-3-3', '3-2-2-2', '2-3-2-2'],
  PL: ['3-3-3', '2-3-2-2'],
  PT: ['3-3-3', '2-3-4'],
  IT: ['3-3-4', '3-7', '3-6', '3-3-3', '3-2-2-3'],
  MX: ['3-3-4', '2-4-4'],
  IN: ['5-5'],
  CZ: ['3-3-3'],
  DK: ['2-2-2-2'],
  NO: ['2-2-2-2', '3-2-3'],
  GR: ['3-3-4', '2-4-4', '3-7'],
  BR: ['2-5-4', '2-4-4'],
};
/** A region whose numbers keep their leading zero or whose trunk prefix is one. */
const WITHOUT_ZERO: ReadonlySet<string> = new Set('US CA ES PL PT MX CZ DK NO GR'.split(' '));

const MIN_NATIONAL = 8;
const MAX_NATIONAL = 13;
const MIN_INTERNATIONAL = 8;
const MAX_INTERNATIONAL = 16;
const MAX_GROUPS = 8;

/** Confirmations left for one text or conversation, and answers already given. */
export interface PhoneBudget {
  left: number;
  readonly answers: Map<string, boolean>;
}

/** One confirmation takes some ten microseconds, so all of them together cost at most about 40 ms. */
export function phoneBudget(): PhoneBudget {
  return { left: 4000, answers: new Map() };
}

function confirms(digits: string, region: string, budget: PhoneBudget): boolean {
  const key = `${region}${digits}`;
  const known = budget.answers.get(key);
  if (known !== undefined) return known;
  if (budget.left <= 0) return true;
  budget.left -= 1;
  const parsed = region === '+' ? parsePhoneNumberFromString(`+${digits}`) : parsePhoneNumberFromString(digits, region as CountryCode);
  const valid = parsed?.isValid() === true || (region === '+' && parsed?.isPossible() === true);
  budget.answers.set(key, valid);
  return valid;
}

interface Window {
  readonly start: number;
  readonly end: number;
  readonly digits: string;
  /** Group lengths joined by dashes, e.g. `3-3-4`. */
  readonly shape: string;
}

function windowOf(text: string, { starts, ends }: Groups, first: number, last: number): Window {
  let digits = '';
  let shape = '';
  for (let index = first; index <= last; index += 1) {
    digits += text.slice(starts[index], ends[index]);
    shape += `${index > first ? '-' : ''}${(ends[index] as number) - (starts[index] as number)}`;
  }
  return { start: starts[first] as number, end: ends[last] as number, digits, shape };
}

/** Dates, times of day and ranges of years: groups that no phone number has. */
function isDate(window: Window, text: string): boolean {
  const written = text.slice(window.start, window.end);
  return /^(?:\d{1,2}([./-])\d{1,2}\1(?:19|20)?\d{2}(?!\1?\d)|(?:19|20)\d{2}([./-])\d{1,2}\2\d{1,2}(?!\2?\d))/.test(written);
}

const NO_REGIONS: readonly string[] = Object.freeze([]);

/** The expected countries, arranged by what a number looks like. */
export interface PhoneRegions {
  readonly regions: readonly string[];
  readonly withZero: readonly string[];
  readonly byShape: ReadonlyMap<string, readonly string[]>;
}

export function arrangeRegions(wanted: readonly string[]): PhoneRegions {
  const regions = [...new Set(wanted.map((region) => region.toUpperCase()))].filter((region) => isSupportedCountry(region));
  const byShape = new Map<string, string[]>();
  for (const region of regions) {
    for (const shape of GROUPINGS[region] ?? []) byShape.set(shape, [...(byShape.get(shape) ?? []), region]);
  }
  return { regions, withZero: regions.filter((region) => !WITHOUT_ZERO.has(region)), byShape };
}

export const DEFAULT_PHONE_REGIONS: PhoneRegions = arrangeRegions(DEFAULT_REGIONS);

interface PhoneContext extends PhoneRegions {
  readonly budget: PhoneBudget;
  /** Where the stretch of groups begins. */
  readonly start: number;
  /** The telling word before the whole stretch; read once, because a stretch holds no words. */
  word(): NumberWord;
}

function isNational(text: string, window: Window, context: PhoneContext): boolean {
  const { regions, withZero, byShape, budget, word } = context;
  const { digits, shape, start } = window;
  if (digits.length < MIN_NATIONAL || digits.length > MAX_NATIONAL) return false;
  const before = text[start - 1];
  if (before === '#' || before === '$' || before === '€' || before === '£') return false;
  const single = !shape.includes('-');
  const zero = digits.startsWith('0');
  if (zero && (shape.startsWith('1-') || digits.startsWith('00') || (single && digits.length < 9))) return false;
  const fits = zero ? withZero : (byShape.get(shape) ?? NO_REGIONS);
  const saysPhone = before === '(' || word() === 'phone';
  if ((fits.length === 0 && !saysPhone) || isDate(window, text)) return false;
  if (word() === 'other' && (start === context.start || before === '(')) return false;
  if (single && digits.length === 13 && passesEan(digits, 0, 13)) return false;
  return (saysPhone ? regions : fits).some((region) => confirms(digits, region, budget));
}

/** `+` or `00` before the number; the sign may stand before a parenthesis. */
function internationalStart(text: string, start: number): number {
  if (text[start - 1] === '+') return start - 1;
  return text[start - 1] === '(' && text[start - 2] === '+' ? start - 2 : -1;
}

function isInternational(digits: string, budget: PhoneBudget): boolean {
  if (digits.length < MIN_INTERNATIONAL || digits.length > MAX_INTERNATIONAL) return false;
  // `+49 (0) 151 ...`: the zero in parentheses is not dialled.
  return confirms(digits, '+', budget) || confirms(digits.replace(/^(4[0-9]|3[0-9]|2[0-9]{2}|[0-9]{2})0/, '$1'), '+', budget);
}

const EXTENSION = /^[\s,;]{0,2}(?:ext|extension|x|durchwahl|dw|poste)\.?\s?\d{1,6}(?!\d)/i;

function extended(text: string, end: number): number {
  const match = /[a-z]/i.test(text.slice(end, end + 3)) ? EXTENSION.exec(text.slice(end, end + 24)) : null;
  return match === null ? end : end + match[0].length;
}

/** Longest window first from every group, so that a postcode before a number does not spoil it. */
export function recognisePhones(
  text: string,
  { starts, ends }: Groups,
  options: { readonly context: PhoneContext; readonly report: Report },
): void {
  const { context, report } = options;
  for (let first = 0; first < starts.length; first += 1) {
    const start = starts[first] as number;
    const sign = internationalStart(text, start);
    const before = text.charCodeAt(start - 1);
    if (isWord(before) || before === 95 || (isDash(before) && isLatin(text.charCodeAt(start - 2)))) continue;
    const midway = (isDash(before) || before === 46) && isDigit(text.charCodeAt(start - 2));
    const lasts = windowsFrom(starts, ends, first);
    for (const last of lasts) {
      const end = ends[last] as number;
      if (isWord(text.charCodeAt(end)) && !/^x\d/i.test(text.slice(end, end + 2))) continue;
      const window = windowOf(text, { starts, ends }, first, last);
      const abroad = sign !== -1 ? window.digits : window.digits.startsWith('00') ? window.digits.slice(2) : '';
      const international = abroad !== '' && isInternational(abroad, context.budget);
      if (!international && (midway || !isNational(text, window, context))) continue;
      const from = sign !== -1 ? sign : text[start - 1] === '(' ? start - 1 : start;
      report(from, extended(text, end), 'PHONE', international ? 0.98 : 0.85);
      first = last;
      break;
    }
  }
}

/** Last groups of the windows that begin at `first` and hold a plausible count of digits; longest first. */
function windowsFrom(starts: readonly number[], ends: readonly number[], first: number): readonly number[] {
  const lasts: number[] = [];
  let digits = 0;
  for (let last = first; last < starts.length && last < first + MAX_GROUPS; last += 1) {
    digits += (ends[last] as number) - (starts[last] as number);
    if (digits > MAX_INTERNATIONAL) break;
    if (digits >= MIN_NATIONAL) lasts.unshift(last);
  }
  return lasts;
}

export function phoneContext(
  text: string,
  start: number,
  shared: { readonly phones: PhoneRegions; readonly budget: PhoneBudget },
): PhoneContext {
  let word: NumberWord | null = null;
  return {
    ...shared.phones,
    budget: shared.budget,
    start,
    word: () => (word ??= wordBefore(text, text[start - 1] === '(' ? start - 1 : start)),
  };
}

/** The runs of groups that lie outside stretches already explained (a card, an address of a machine). Both lists are sorted. */
export function groupsOutside(
  { starts, ends }: Groups,
  taken: readonly { readonly start: number; readonly end: number }[],
): readonly Groups[] {
  const runs: { starts: number[]; ends: number[] }[] = [];
  let fresh = true;
  let at = 0;
  for (let index = 0; index < starts.length; index += 1) {
    const [start, end] = [starts[index] as number, ends[index] as number];
    while (at < taken.length && (taken[at] as { end: number }).end <= start) at += 1;
    if (at < taken.length && (taken[at] as { start: number }).start < end) {
      fresh = true;
      continue;
    }
    if (fresh) runs.push({ starts: [], ends: [] });
    fresh = false;
    const run = runs.at(-1) as { starts: number[]; ends: number[] };
    run.starts.push(start);
    run.ends.push(end);
  }
  return runs;
}
