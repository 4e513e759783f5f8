// E-mail addresses around an `@`. Linear: each side is read once, never past the neighbouring `@`.

import { isDigit, isLatin, isWord } from './characters.ts';
import type { Report } from './types.ts';

const MAX_LOCAL = 256;
const MAX_DOMAIN = 255;
/** RFC 5321: 64 characters and the quotes. */
const MAX_QUOTED = 66;

/** Unquoted local parts as people write them: `=`, `/`, `&` and the like are legal (RFC 5322) but in practice separate. */
function isLocal(unit: number): boolean {
  return isWord(unit) || unit === 46 || unit === 95 || unit === 43 || unit === 45 || unit === 39 || unit === 37;
}

function localStart(text: string, at: number): number {
  if (text.charCodeAt(at - 1) === 34) {
    const slice = text.slice(Math.max(0, at - MAX_QUOTED), at - 1);
    const quote = slice.lastIndexOf('"');
    if (quote !== -1 && !slice.includes('\n', quote)) return at - 1 - slice.length + quote;
  }
  const least = Math.max(0, at - MAX_LOCAL);
  let start = at;
  while (start > least && isLocal(text.charCodeAt(start - 1))) start -= 1;
  // A percent escape ends before the address begins; leading dots, quotes and signs belong to the sentence.
  for (let inner = start; inner < at; inner += 1) {
    if (text[inner] === '%' && /^%[0-9a-fA-F]{2}/.test(text.slice(inner, inner + 3))) start = inner + 3;
  }
  while (start < at && !isWord(text.charCodeAt(start)) && text[start] !== '_' && text[start] !== '+') start += 1;
  return start;
}

/** `_` is no host name character, but it is written, and a wrong address is still somebody's. */
function isDomain(unit: number): boolean {
  return isWord(unit) || unit === 46 || unit === 45 || unit === 95;
}

/** Retina images (`logo@2x.png`) and packages (`name@1.2.3`) are no addresses. */
const FILE = /^\d+x\.(?:png|jpe?g|gif|webp|svg|avif)$/i;

function domainEnd(text: string, from: number): number {
  if (text[from] === '[') {
    const close = text.slice(from, from + 64).indexOf(']');
    return close > 7 && /^\[[0-9a-fA-F:.]+$/.test(text.slice(from, from + close)) ? from + close + 1 : -1;
  }
  const most = Math.min(text.length, from + MAX_DOMAIN);
  let reach = from;
  while (reach < most && isDomain(text.charCodeAt(reach)) && !(text[reach] === '.' && text[reach + 1] === '.')) reach += 1;
  // Only this stretch is looked at: a search that ran on backwards would make `a@a@a@` quadratic.
  const domain = text.slice(from, reach);
  let end = withoutSigns(domain, domain.length);
  for (;;) {
    const dot = domain.lastIndexOf('.', end - 1);
    if (dot <= 0) return -1;
    const top = domain.charCodeAt(dot + 1);
    // The last label has two characters or more and begins with a letter; digits there give way to the label before.
    if (end - dot > 2 && (isLatin(top) || (top > 127 && isWord(top)))) return from + end;
    if (!isDigit(top) && end - dot > 2) return -1;
    end = withoutSigns(domain, dot);
  }
}

/** End of the domain without the stops and dashes of the sentence around it. */
function withoutSigns(domain: string, length: number): number {
  let end = length;
  while (end > 0 && !isWord(domain.charCodeAt(end - 1))) end -= 1;
  return end;
}

export function recogniseEmail(text: string, at: number, report: Report): void {
  const start = localStart(text, at);
  if (start === at) return;
  const end = domainEnd(text, at + 1);
  if (end === -1 || FILE.test(text.slice(at + 1, end))) return;
  report(start, end, 'EMAIL', 0.99);
}
