// The form of a placeholder, `<EMAIL_1>`, and every form in which a model may give it back. One reader serves restoring, hold-back
// and the search for look-alikes. INVARIANT: whatever can be restored is also recognised as a look-alike.

import type { HitType, Report } from './types.ts';
import { DLP_TYPES } from './types.ts';

export function formatPlaceholder(type: HitType, number: number): string {
  return `<${type}_${number}>`;
}

/** The type in a placeholder as we write it. */
export function typeOfPlaceholder(placeholder: string): HitType {
  return placeholder.slice(1, placeholder.lastIndexOf('_')) as HitType;
}

/** Longest written form of a placeholder; a stream never holds back more. */
export const MAX_PLACEHOLDER = 48;
const MAX_DIGITS = 6;
const MAX_SEPARATORS = 3;

const ANGLE_OPEN = ['<', '\uff1c', '&lt;', '&#60;', '&#x3c;', '\\u003c'];
const ANGLE_CLOSE = ['>', '\uff1e', '&gt;', '&#62;', '&#x3e;', '\\u003e'];
const SQUARE_OPEN = ['[', '\uff3b'];
const SQUARE_CLOSE = [']', '\uff3d'];

const TYPES: readonly HitType[] = [...DLP_TYPES, 'LITERAL'];
const BY_LETTERS: ReadonlyMap<string, HitType> = new Map(TYPES.map((type) => [type.replaceAll('_', ''), type]));
/** Beginnings of names, letters only; after each part of a name of several words a separator may stand. */
const BEGINNINGS: ReadonlySet<string> = new Set(
  [...BY_LETTERS.keys()].flatMap((letters) => Array.from({ length: letters.length }, (_, length) => letters.slice(0, length + 1))),
);
const BEFORE_SEPARATOR: ReadonlySet<string> = new Set([
  ...BY_LETTERS.keys(),
  ...TYPES.flatMap((type) => type.split('_').map((_, index, parts) => parts.slice(0, index + 1).join(''))),
]);

export type PlaceholderReading =
  | { readonly kind: 'none' }
  /** Could become a placeholder when more text follows. */
  | { readonly kind: 'partial' }
  | { readonly kind: 'placeholder'; readonly end: number; readonly type: HitType; readonly number: number };

const NONE: PlaceholderReading = Object.freeze({ kind: 'none' });
const PARTIAL: PlaceholderReading = Object.freeze({ kind: 'partial' });

/** Length of the form that stands at `at`, 0 for none, -1 when the text ends within one. */
function readForm(text: string, at: number, forms: readonly string[]): number {
  for (const form of forms) {
    const slice = text.slice(at, at + form.length).toLowerCase();
    if (slice === form) return form.length;
    if (at + slice.length === text.length && form.startsWith(slice)) return -1;
  }
  return 0;
}

/** ASCII for full-width letters and digits, upper case. */
function plainUnit(unit: number): number {
  const ascii = unit >= 0xff01 && unit <= 0xff5e ? unit - 0xfee0 : unit;
  return ascii >= 97 && ascii <= 122 ? ascii - 32 : ascii;
}

function isSpaceUnit(unit: number): boolean {
  return unit === 32 || unit === 0xa0 || unit === 0x3000;
}

/** Space, `_`, dashes, and the backslash with which Markdown escapes `_`. */
function isSeparator(unit: number): boolean {
  return isSpaceUnit(unit) || unit === 95 || unit === 45 || unit === 92 || (unit >= 0x2010 && unit <= 0x2014);
}

function isDigitUnit(unit: number): boolean {
  return unit >= 48 && unit <= 57;
}

/** The number behind the name and the closing bracket. Leading zeros make a number that was never given out. */
function readNumber(text: string, from: number, close: readonly string[], type: HitType): PlaceholderReading {
  let digits = '';
  let at = from;
  while (at < text.length && digits.length <= MAX_DIGITS && isDigitUnit(plainUnit(text.charCodeAt(at)))) {
    digits += String.fromCharCode(plainUnit(text.charCodeAt(at)));
    at += 1;
  }
  if (digits.length > MAX_DIGITS) return NONE;
  if (at < text.length && isSpaceUnit(text.charCodeAt(at))) at += 1;
  if (at >= text.length) return PARTIAL;
  const closing = readForm(text, at, close);
  if (closing === -1) return PARTIAL;
  if (closing === 0) return NONE;
  return { kind: 'placeholder', end: at + closing, type, number: digits.startsWith('0') ? -1 : Number(digits) };
}

/** What stands at `at`: a placeholder in any tolerated form, the beginning of one at the end of the text, or neither. */
export function readPlaceholder(text: string, at: number): PlaceholderReading {
  const angle = readForm(text, at, ANGLE_OPEN);
  if (angle === -1) return PARTIAL;
  const square = angle > 0 ? 0 : readForm(text, at, SQUARE_OPEN);
  if (angle === 0 && square <= 0) return NONE;
  const close = angle > 0 ? ANGLE_CLOSE : SQUARE_CLOSE;
  let next = at + (angle > 0 ? angle : square);
  if (isSpaceUnit(text.charCodeAt(next))) next += 1;
  let letters = '';
  let separators = 0;
  for (; next < text.length; next += 1) {
    const unit = plainUnit(text.charCodeAt(next));
    if (isDigitUnit(unit)) {
      const type = BY_LETTERS.get(letters);
      return type === undefined ? NONE : readNumber(text, next, close, type);
    }
    if (isSeparator(unit)) {
      separators += 1;
      if (separators > MAX_SEPARATORS || !BEFORE_SEPARATOR.has(letters)) return NONE;
      continue;
    }
    separators = 0;
    letters += String.fromCharCode(unit);
    if (!BEGINNINGS.has(letters)) return NONE;
  }
  return PARTIAL;
}

/** First offset from `from` at which a placeholder could begin, or the length of the text. */
export function nextOpener(text: string, from: number): number {
  for (let at = from; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit === 60 || unit === 91 || unit === 38 || unit === 92 || unit === 0xff1c || unit === 0xff3b) return at;
  }
  return text.length;
}

/** True when the text holds anything that restoring would take for a placeholder. */
export function hasPlaceholder(text: string): boolean {
  for (let at = nextOpener(text, 0); at < text.length; at = nextOpener(text, at + 1)) {
    if (readPlaceholder(text, at).kind === 'placeholder') return true;
  }
  return false;
}

/** The caller's own text in the form of a placeholder, at the given brackets of a canonical reading. */
export function findLookAlikes(text: string, brackets: readonly number[], report: Report): void {
  for (const at of brackets) {
    const reading = readPlaceholder(text, at);
    if (reading.kind === 'placeholder') report(at, reading.end, 'LITERAL', 1);
  }
}

export interface PlaceholderWatch {
  push(text: string): void;
  /** Every placeholder that came by, as it would be restored. */
  readonly found: readonly string[];
}

/** Notices placeholders in text that passes by, however it is cut, and holds nothing back. */
export function watchPlaceholders(): PlaceholderWatch {
  const found = new Set<string>();
  let tail = '';
  return {
    push: (chunk) => {
      const text = tail === '' ? chunk : tail + chunk;
      tail = '';
      for (let at = nextOpener(text, 0); at < text.length; at = nextOpener(text, at)) {
        const reading = readPlaceholder(text, at);
        if (reading.kind === 'partial') {
          tail = text.slice(at);
          return;
        }
        if (reading.kind === 'placeholder') found.add(formatPlaceholder(reading.type, reading.number));
        at = reading.kind === 'placeholder' ? reading.end : at + 1;
      }
    },
    get found() {
      return [...found];
    },
  };
}
