// Addresses and phone numbers in the forms in which they are compared: what is written differently and reaches the same person is equal.
// Pure. It never decides whether two people are one.

import { parsePhoneNumberFromString } from 'libphonenumber-js/max';

const MAX_CHARS = 320;

/** Null for a text that is no address. Case is ignored; dots and tags of a mailbox are not, for most providers tell them apart. */
export function emailForm(text: string): string | null {
  const form = text.normalize('NFKC').trim().toLowerCase();
  return form.length <= MAX_CHARS && /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(form) ? form : null;
}

/**
 * `+` and all digits for a number with its country, followed by its national form; the national form alone for one without. Empty for a text
 * that is no number.
 */
export function phoneForms(text: string): readonly string[] {
  const written = text.normalize('NFKC').trim().slice(0, 64);
  const digits = written.replace(/\D/g, '');
  if (digits.length < 6 || digits.length > 17 || /\p{L}{3,}/u.test(written)) return [];
  const isWhole = /^\(?\+/.test(written) || digits.startsWith('00');
  if (!isWhole) return [digits.replace(/^0+/, '')];
  const whole = digits.replace(/^00/, '');
  const parsed = parsePhoneNumberFromString(`+${whole}`);
  return parsed === undefined ? [`+${whole}`] : [`+${whole}`, String(parsed.nationalNumber)];
}
