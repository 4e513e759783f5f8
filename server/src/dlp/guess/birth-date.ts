// A date is a date of birth when the words before it say so.

import type { Report } from '../types.ts';

const MONTH =
  '(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|jän|mär|mai|okt|dez|janv|févr|avr|juin|juil|août|déc|ene|abr|ago|dic|gen|mag|giu|lug|set|ott|mrt|mei)[\\p{L}]{0,7}\\.?';
const DATE = new RegExp(
  `(?<![\\d\\p{L}])(?:\\d{1,2}[./-]\\s?\\d{1,2}[./-]\\s?(?:\\d{4}|\\d{2})|\\d{4}[./-]\\d{1,2}[./-]\\d{1,2}|\\d{1,2}(?:st|nd|rd|th|\\.|er|º)?\\s(?:de\\s|of\\s)?${MONTH},?\\s(?:de\\s|del\\s)?\\d{4}|${MONTH}\\s\\d{1,2}(?:st|nd|rd|th)?,?\\s\\d{4})(?![\\d\\p{L}])`,
  'giu',
);
const SAYS_BIRTH =
  /(?:(?<!\p{L})(?:born|d\.?o\.?b|geb|née?|nacid[oa]|nac[ií]|nat[oa])(?!\p{L})|birth|geburts|geboren|naissance|nacimiento|nascita|geboorte)[^\n\d]{0,24}$/iu;
/** `am 1.2.1990 geboren`. */
const BORN_THEN = /^\s(?:geboren|né|née|nat[oa]|nacid[oa])(?!\p{L})/iu;
const BEFORE = 60;

export function guessBirthDates(text: string, report: Report): void {
  for (const match of text.matchAll(DATE)) {
    const { index } = match;
    const end = index + match[0].length;
    if (SAYS_BIRTH.test(text.slice(Math.max(0, index - BEFORE), index)) || BORN_THEN.test(text.slice(end, end + 16)))
      report(index, index + match[0].length, 'DATE_OF_BIRTH', 0.95);
  }
}
