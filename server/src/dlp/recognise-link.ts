// Links: where a URL begins and ends, and whether its own form shows that it is about a person.

import { isLatin, isSpace, isWord } from './characters.ts';

const MAX_SCHEME = 16;

function endsLink(unit: number): boolean {
  // Whitespace, quotes, angle brackets, backquote, pipe, braces, backslash.
  return (
    isSpace(unit) || unit === 34 || unit === 60 || unit === 62 || unit === 96 || unit === 124 || unit === 123 || unit === 125 || unit === 92
  );
}

const TRAILING = new Set('.,;:!?\'")]*_~');

export function linkEnd(text: string, from: number): number {
  let end = from;
  while (end < text.length && !endsLink(text.charCodeAt(end))) end += 1;
  let open = 0;
  for (let at = from; at < end; at += 1) {
    if (text[at] === '(') open += 1;
    else if (text[at] === ')') open -= 1;
  }
  while (end > from && TRAILING.has(text[end - 1] as string)) {
    if (text[end - 1] === ')') {
      if (open >= 0) break;
      open += 1;
    }
    end -= 1;
  }
  return end;
}

/** Start of the scheme before the `:` of `://`, or -1. */
export function schemeStart(text: string, colon: number): number {
  let start = colon;
  const least = Math.max(0, colon - MAX_SCHEME);
  while (start > least && (isLatin(text.charCodeAt(start - 1)) || (start < colon && /[0-9+.-]/.test(text[start - 1] as string))))
    start -= 1;
  while (start < colon && !isLatin(text.charCodeAt(start))) start += 1;
  return start === colon ? -1 : start;
}

export interface Link {
  readonly start: number;
  readonly end: number;
}

export function readLink(text: string, colon: number): Link | null {
  const start = schemeStart(text, colon);
  if (start === -1) return null;
  const end = linkEnd(text, colon + 3);
  return end > colon + 3 ? { start, end } : null;
}

export function readBareLink(text: string, www: number): Link | null {
  if (isWord(text.charCodeAt(www - 1))) return null;
  const end = linkEnd(text, www + 4);
  return text.slice(www + 4, end).includes('.') ? { start: www, end } : null;
}

/** A person's page, or a parameter that carries who somebody is or lets its holder in. Bounded: both look at one link. */
const PERSONAL_PATH = /\/(?:u|users?|profiles?|profil|members?|people|person|account|kunden?|customers?|in)\/[^/?#]{2,}|\/@[^/?#]{2,}/i;
const PERSONAL_PARAMETER =
  /[?&#;](?:[a-z]{0,20}[_.-]?(?:e?mail|phone|mobile|user(?:name)?|customer|name|address|token|auth|session|sig|signature|key|secret|password|pwd|code|otp|jwt))=[^&#;]/i;
const CREDENTIALS = /^[a-z][a-z0-9+.-]*:\/\/[^/?#@]*@/i;
const MAX_LOOKED_AT = 4096;

export function isPersonalLink(text: string, link: Link): boolean {
  const slice = text.slice(link.start, Math.min(link.end, link.start + MAX_LOOKED_AT));
  return PERSONAL_PATH.test(slice) || PERSONAL_PARAMETER.test(slice) || CREDENTIALS.test(slice);
}

/** `user:password@` within a link, or `null`. */
export function linkPassword(text: string, link: Link): Link | null {
  const from = text.indexOf('://', link.start) + 3;
  if (from < link.start + 3) return null;
  const match = /^[^/?#@:\s]{0,128}:[^/?#@\s]{1,256}@/.exec(text.slice(from, Math.min(link.end, from + 400)));
  return match === null ? null : { start: from, end: from + match[0].length - 1 };
}
