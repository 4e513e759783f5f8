// Which characters are letters, digits, separators. One table look-up per character; knows nothing about personal data.

export const KIND = { separator: 0, letter: 1, digit: 2, ideograph: 3 } as const;
export type Kind = (typeof KIND)[keyof typeof KIND];

const UNKNOWN = 255;
const kinds = new Uint8Array(0x10000).fill(UNKNOWN);
const LETTER = /[\p{L}\p{M}]/u;
/** Scripts written without spaces between words: each character stands for itself, so words have no borders to check. */
const UNSPACED = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}]/u;

function computeKind(unit: number): Kind {
  if (unit >= 48 && unit <= 57) return KIND.digit;
  if (unit >= 0xd800 && unit <= 0xdfff) return KIND.ideograph;
  const character = String.fromCharCode(unit);
  if (UNSPACED.test(character)) return KIND.ideograph;
  return LETTER.test(character) ? KIND.letter : KIND.separator;
}

export function kindOf(unit: number): Kind {
  const known = kinds[unit] as number;
  if (known !== UNKNOWN) return known as Kind;
  const computed = computeKind(unit);
  kinds[unit] = computed;
  return computed;
}

export function isDigit(unit: number): boolean {
  return unit >= 48 && unit <= 57;
}

/** ASCII letter. */
export function isLatin(unit: number): boolean {
  const lower = unit | 32;
  return lower >= 97 && lower <= 122;
}

/** Letter or digit of any script; false before the start and after the end of a text (`NaN`). */
export function isWord(unit: number): boolean {
  return unit < 128 ? isDigit(unit) || isLatin(unit) : unit >= 128 && kindOf(unit) !== KIND.separator;
}

export function isSpace(unit: number): boolean {
  return unit === 32 || (unit >= 9 && unit <= 13) || unit === 0xa0 || unit === 0x2028 || unit === 0x2029;
}

/** Hyphen, dashes and the minus sign. */
export function isDash(unit: number): boolean {
  return unit === 45 || (unit >= 0x2010 && unit <= 0x2015) || unit === 0x2212;
}
