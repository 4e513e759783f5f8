// Credentials: key forms of common services (the core table) and values assigned to a name that says password or key.

import { findKeys } from '#core';
import { isDigit, isLatin, isSpace } from './characters.ts';
import type { Report } from './types.ts';

/** Keys are long words; only a private key's block has spaces and line breaks. `long` holds pairs of start and end. */
export function recogniseKeys(text: string, long: readonly number[], report: Report): void {
  if (text.includes('-----BEGIN ')) {
    for (const key of findKeys(text)) report(key.start, key.end, 'SECRET', 0.99);
    return;
  }
  for (let index = 0; index < long.length; index += 2) {
    const from = long[index] as number;
    for (const key of findKeys(text.slice(from, long[index + 1]))) report(from + key.start, from + key.end, 'SECRET', 0.99);
  }
}

const NAME_END =
  /(?:^|[^\p{L}])(?:password|passwort|passwd|pwd|kennwort|mot de passe|contrase(?:ñ|n)a|wachtwoord|client[_ -]?secret|api[_ -]?(?:key|secret)|secret[_ -]?key|access[_ -]?token|refresh[_ -]?token|auth[_ -]?token|authorization)["']?\s{0,2}$/iu;
const LOOK_BACK = 24;
const SCHEME = /^(?:bearer|basic|token)\s{1,2}/i;
const MIN_VALUE = 6;

/** A password has letters and digits or signs; a word of the sentence (`password: required`) has not. */
function looksChosen(value: string): boolean {
  let letters = false;
  let others = false;
  for (let at = 0; at < value.length; at += 1) {
    const unit = value.charCodeAt(at);
    if (isLatin(unit)) letters = true;
    else if (isDigit(unit) || unit === 33 || (unit >= 35 && unit <= 38) || unit === 42 || unit === 64 || unit === 94) others = true;
  }
  return letters && others;
}

/** `at` is the `:` or `=` behind a name. Returns where reading may go on, so that no stretch is read twice. */
export function recogniseAssignment(text: string, at: number, report: Report): number {
  if (!NAME_END.test(text.slice(Math.max(0, at - LOOK_BACK), at))) return at + 1;
  let start = at + 1;
  while (start < at + 4 && (isSpace(text.charCodeAt(start)) || text[start] === '"' || text[start] === "'")) start += 1;
  start += SCHEME.exec(text.slice(start, start + 10))?.[0].length ?? 0;
  let end = start;
  while (end < text.length) {
    const unit = text.charCodeAt(end);
    if (isSpace(unit) || unit === 34 || unit === 39 || unit === 60 || unit === 62 || unit === 44 || unit === 59) break;
    end += 1;
  }
  const next = end;
  while (end > start && (text[end - 1] === '.' || text[end - 1] === ')')) end -= 1;
  if (end - start >= MIN_VALUE && looksChosen(text.slice(start, end))) report(start, end, 'SECRET', 0.8);
  return next;
}
