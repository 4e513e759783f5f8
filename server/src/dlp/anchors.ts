// One pass over a text that notes where a recogniser could possibly begin: `@`, digits, `:`, `=`, brackets, escapes, long words.
// Decides nothing itself; a text without anchors holds no structured personal data and costs this one pass.

import { isDash, isDigit, isSpace } from './characters.ts';

export interface Anchors {
  readonly at: number[];
  readonly colon: number[];
  /** `:` or `=` behind the end of a word that may name a password. */
  readonly assignment: number[];
  readonly www: number[];
  /** `<` or `[` before a letter. */
  readonly bracket: number[];
  /** Pairs of start and end of digit groups joined by separators, where a number could be meant. */
  readonly clusters: number[];
  /** Starts of digit groups that follow two letters: check digits of an IBAN. */
  readonly iban: number[];
  /** Groups of three or four digits, for card verification values. */
  readonly short: number[];
  /** Pairs of start and end of long stretches without spaces. */
  readonly long: number[];
  readonly escaped: boolean;
}

const NONE = 0;
const DIGIT = 1;
const AT = 3;
const COLON = 4;
const DOT = 5;
const BRACKET = 6;
const ESCAPE = 7;
const EQUALS = 8;
const classes = new Uint8Array(128);
for (const digit of '0123456789') classes[digit.charCodeAt(0)] = DIGIT;
for (const [characters, kind] of [
  ['@', AT],
  [':', COLON],
  ['.', DOT],
  ['<[', BRACKET],
  ['%\\&', ESCAPE],
  ['=', EQUALS],
] as const) {
  for (const character of characters) classes[character.charCodeAt(0)] = kind;
}

const LONG_WORD = 20;
/** What may stand between two groups of one number: at most this many of them. */
const MAX_GAP = 3;
const MIN_CLUSTER_DIGITS = 7;

export function isNumberSeparator(unit: number): boolean {
  if (unit < 128) return unit === 32 || (unit >= 40 && unit <= 47 && unit !== 42 && unit !== 44) || unit === 9;
  return isDash(unit) || unit === 0xa0 || unit === 0xb7 || unit === 0x2022;
}

/** End of the separators after `at` when a digit follows them closely, else -1. */
export function nextGroup(text: string, at: number): number {
  let next = at;
  while (next < at + MAX_GAP && isNumberSeparator(text.charCodeAt(next))) next += 1;
  return next > at && isDigit(text.charCodeAt(next)) ? next : -1;
}

function isHexOrColon(unit: number): boolean {
  return isDigit(unit) || unit === 58 || ((unit | 32) >= 97 && (unit | 32) <= 102);
}

const SECRET_TAILS: ReadonlySet<number> = new Set(
  ['rd', 'rt', 'wd', 'et', 'ey', 'en', 'on', 'se'].map((tail) => (tail.charCodeAt(0) << 8) | tail.charCodeAt(1)),
);

/** Cheap test for the ends of `password`, `passwort`, `pwd`, `secret`, `key`, `token`, `authorization`, `kennwort`, `passe`. */
function endsLikeSecretName(text: string, at: number): boolean {
  let last = at - 1;
  const unit = text.charCodeAt(last);
  if (unit === 34 || unit === 39 || unit === 32) last -= 1;
  return SECRET_TAILS.has(((text.charCodeAt(last - 1) | 32) << 8) | (text.charCodeAt(last) | 32));
}

/** Where one digit group after another ends, and how many digits they hold. */
function readCluster(text: string, from: number, found: Anchors): number {
  let digits = 0;
  let groups = 0;
  let end = from;
  for (let start = from; start !== -1; start = nextGroup(text, end)) {
    end = start;
    while (isDigit(text.charCodeAt(end))) end += 1;
    const length = end - start;
    digits += length;
    groups += 1;
    if (length === 3 || length === 4) found.short.push(start);
    if (length >= 2 && isLetterAt(text, start - 1) && isLetterAt(text, start - 2)) found.iban.push(start);
  }
  if (digits >= MIN_CLUSTER_DIGITS || groups >= 4) found.clusters.push(from, end);
  return end;
}

function isLetterAt(text: string, at: number): boolean {
  const unit = text.charCodeAt(at) | 32;
  return unit >= 97 && unit <= 122;
}

function noteColon(text: string, at: number, found: Anchors): void {
  const next = text.charCodeAt(at + 1);
  const before = text.charCodeAt(at - 1);
  if (next === 47 ? text.charCodeAt(at + 2) === 47 : isHexOrColon(next) && (isHexOrColon(before) || next === 58)) found.colon.push(at);
  if (endsLikeSecretName(text, at)) found.assignment.push(at);
}

function isEscape(text: string, at: number, unit: number): boolean {
  const next = text.charCodeAt(at + 1);
  if (unit === 38) return (next === 35 || (next | 32) >= 97) && text.slice(at, at + 12).includes(';');
  if (unit === 92) return next < 128;
  return isHexOrColon(next) && isHexOrColon(text.charCodeAt(at + 2));
}

/** Stretches without spaces of at least `LONG_WORD` characters. Such a stretch covers a multiple of that length, so only those are looked at. */
function findLongWords(text: string, long: number[]): void {
  let end = 0;
  for (let at = LONG_WORD - 1; at < text.length; at += LONG_WORD) {
    if (at < end || isSpace(text.charCodeAt(at))) continue;
    let start = at;
    while (start > end && !isSpace(text.charCodeAt(start - 1))) start -= 1;
    end = at + 1;
    while (end < text.length && !isSpace(text.charCodeAt(end))) end += 1;
    if (end - start >= LONG_WORD) long.push(start, end);
  }
}

export function findAnchors(text: string): Anchors {
  const found = { at: [], colon: [], assignment: [], www: [], bracket: [], clusters: [], iban: [], short: [], long: [], escaped: false };
  const anchors: Anchors = found;
  findLongWords(text, anchors.long);
  const { length } = text;
  for (let at = 0; at < length; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit > 127 || classes[unit] === NONE) continue;
    switch (classes[unit]) {
      case DIGIT:
        at = readCluster(text, at, anchors) - 1;
        break;
      case AT:
        anchors.at.push(at);
        break;
      case COLON:
        noteColon(text, at, anchors);
        break;
      case EQUALS:
        if (endsLikeSecretName(text, at)) anchors.assignment.push(at);
        break;
      case DOT:
        if (at >= 3 && text.slice(at - 3, at).toLowerCase() === 'www') anchors.www.push(at - 3);
        break;
      case BRACKET:
        if (isLetterAt(text, at + 1) || text.charCodeAt(at + 1) === 32) anchors.bracket.push(at);
        break;
      default:
        found.escaped ||= isEscape(text, at, unit);
    }
  }
  return found;
}
