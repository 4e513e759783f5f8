// IP addresses of both versions, told apart from version numbers and times of day.

import { isDigit, isLatin, isWord } from './characters.ts';
import type { Report } from './types.ts';

/** Words before four dotted numbers that make them a version or a section. Matched at the end of a short slice only. */
const VERSION_WORD =
  /(?:^|[^\p{L}\p{N}])(?:v|ver|vers|versions?|versionen|versie|versione|versión|firmware|fw|releases?|rel|builds?|apps?|drivers?|treiber|sdk|kernel|ios|android|macos|windows|chrome|firefox|updates?|patch|rev|revision|section|abschnitt|chapter|kapitel|§)\.?(?:\s{1,2}(?:is|no|nr|number|to|of|from|auf|von))?\.?\s{0,2}[:#=(]?\s{0,2}$/iu;
const PRERELEASE = /^-(?:alpha|beta|rc|snapshot|dev|pre|nightly)/i;
const LOOK_BACK = 24;

function octet(text: string, at: number): number {
  let end = at;
  while (end < at + 4 && isDigit(text.charCodeAt(end))) end += 1;
  const length = end - at;
  if (length === 0 || length > 3 || (length > 1 && text[at] === '0')) return -1;
  return Number(text.slice(at, end)) <= 255 ? end : -1;
}

function ipv4End(text: string, start: number): number {
  let end = octet(text, start);
  for (let count = 1; count < 4 && end !== -1; count += 1) end = text[end] === '.' ? octet(text, end + 1) : -1;
  return end;
}

function isVersion(text: string, start: number, end: number): boolean {
  if (text[start] === '0') return true;
  if (text[start - 1] === '/' && isLatin(text.charCodeAt(start - 2))) return true;
  return VERSION_WORD.test(text.slice(Math.max(0, start - LOOK_BACK), start)) || PRERELEASE.test(text.slice(end, end + 10));
}

/** Every dotted quad among the digit groups between `from` and `to`. */
export function recogniseIpv4(text: string, from: number, to: number, report: Report): void {
  for (let at = from; at < to; ) {
    if (!isDigit(text.charCodeAt(at))) {
      at += 1;
      continue;
    }
    const end = ipv4End(text, at);
    const joinedBefore = isWord(text.charCodeAt(at - 1)) || (text[at - 1] === '.' && isDigit(text.charCodeAt(at - 2)));
    const joinedAfter = end !== -1 && (isWord(text.charCodeAt(end)) || (text[end] === '.' && isDigit(text.charCodeAt(end + 1))));
    if (end !== -1 && !joinedBefore && !joinedAfter) {
      if (!isVersion(text, at, end)) report(at, end, 'IP', 0.95);
      at = end;
      continue;
    }
    while (at < to && isDigit(text.charCodeAt(at))) at += 1;
  }
}

const MAX_IPV6 = 45;

function isHex(unit: number): boolean {
  return isDigit(unit) || ((unit | 32) >= 97 && (unit | 32) <= 102);
}

function isIpv6Unit(unit: number): boolean {
  return isHex(unit) || unit === 58 || unit === 46;
}

/** RFC 4291 section 2.2: eight groups, or fewer with one `::`; the last two groups may be a dotted quad. */
function isIpv6(candidate: string): boolean {
  const gap = candidate.indexOf('::');
  if (gap !== candidate.lastIndexOf('::') || candidate.includes(':::')) return false;
  const groups = candidate.split(':').filter((group) => group !== '');
  const quad = groups.at(-1)?.includes('.') === true;
  if (quad && ipv4End(groups.at(-1) as string, 0) !== groups.at(-1)?.length) return false;
  const plain = quad ? groups.slice(0, -1) : groups;
  if (plain.some((group) => group.length > 4 || group.includes('.'))) return false;
  const count = plain.length + (quad ? 2 : 0);
  if (gap === -1) return count === 8 && !candidate.startsWith(':') && !candidate.endsWith(':');
  // `std::dec` and `::1` look alike: two groups and a digit make an address that could be somebody's.
  return count >= 2 && count <= 7 && /[0-9]/.test(candidate) && candidate.replaceAll(':', '').length >= 4;
}

/** Returns where reading may go on, so that the colons of one candidate are looked at once. */
export function recogniseIpv6(text: string, colon: number, report: Report): number {
  let start = colon;
  while (start > 0 && start > colon - MAX_IPV6 && isIpv6Unit(text.charCodeAt(start - 1))) start -= 1;
  let end = colon + 1;
  while (end < text.length && end < start + MAX_IPV6 && isIpv6Unit(text.charCodeAt(end))) end += 1;
  const next = end;
  while (end > colon && text[end - 1] === '.') end -= 1;
  if (text[end - 1] === ':' && text[end - 2] !== ':') end -= 1;
  // A label and its colon may touch the address: `ip:2001:db8::1`.
  while (start < colon && (text[start] === '.' || (text[start] === ':' && text[start + 1] !== ':'))) start += 1;
  if (isWord(text.charCodeAt(start - 1)) || isWord(text.charCodeAt(end)) || text.charCodeAt(end) === 95) return next;
  if (isIpv6(text.slice(start, end))) report(start, end, 'IP', 0.95);
  return next;
}
