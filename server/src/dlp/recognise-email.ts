// E-mail addresses around an `@`. Linear: each side is read once, never past the neighbouring `@`.

import { isDigit, isLatin, isWord } from './characters.ts';
import type { Report } from './types.ts';

const MAX_LOCAL = 256;
const MAX_DOMAIN = 255;

/** Unquoted local parts as people write them: `=`, `/`, `&` and the like are legal (RFC 5322) but in practice separate. */
function isLocal(unit: number): boolean {
  return isWord(unit) || unit === 46 || unit === 95 || unit === 43 || unit === 45 || unit === 39 || unit === 37;
}

function localStart(text: string, at: number): number {
  const quoted = text.charCodeAt(at - 1) === 34 ? text.lastIndexOf('"', at - 2) : -1;
  if (quoted !== -1 && at - quoted <= 66 && !text.slice(quoted, at).includes('\n')) return quoted;
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
  let end = from;
  while (end < most && isDomain(text.charCodeAt(end)) && !(text[end] === '.' && text[end + 1] === '.')) end += 1;
  while (end > from && !isWord(text.charCodeAt(end - 1))) end -= 1;
  // The last label has two characters or more and begins with a letter; `a@b.c9` gives way to nothing.
  for (;;) {
    const dot = text.lastIndexOf('.', end - 1);
    if (dot <= from) return -1;
    const top = text.charCodeAt(dot + 1);
    if (end - dot > 2 && (isLatin(top) || (top > 127 && isWord(top)))) return end;
    if (!isDigit(top) && end - dot > 2) return -1;
    end = dot;
    while (end > from && !isWord(text.charCodeAt(end - 1))) end -= 1;
  }
}

export function recogniseEmail(text: string, at: number, report: Report): void {
  const start = localStart(text, at);
  if (start === at) return;
  const end = domainEnd(text, at + 1);
  if (end === -1 || FILE.test(text.slice(at + 1, end))) return;
  report(start, end, 'EMAIL', 0.99);
}
