// Reads one HTML tag and decodes character references, as a browser would and in linear time (WHATWG HTML, sections 13.2.5 and 13.5).
// For scanners of text that merely contains markup; builds no document and judges nothing.

export interface HtmlTag {
  /** Lower case. */
  readonly name: string;
  readonly closing: boolean;
  /** First value of each attribute, names in lower case, values with character references decoded. */
  readonly attributes: ReadonlyMap<string, string>;
  /** Offset after the closing angle bracket, or after the last character read when there is none. */
  readonly end: number;
  /** False when the text ended within the tag. */
  readonly closed: boolean;
}

const SPACE = /[\t\n\f\r ]/;
const NAMES: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: '\u00a0',
  colon: ':',
  semi: ';',
  lpar: '(',
  rpar: ')',
  lsqb: '[',
  lbrack: '[',
  rsqb: ']',
  rbrack: ']',
  sol: '/',
  bsol: '\\',
  num: '#',
  period: '.',
  comma: ',',
  commat: '@',
  lowbar: '_',
  quest: '?',
  equals: '=',
  percnt: '%',
  excl: '!',
  Tab: '\t',
  NewLine: '\n',
  shy: '\u00ad',
  zwj: '\u200d',
  zwnj: '\u200c',
};
const MAX_REFERENCE = 12;

function decodeReference(body: string): { readonly text: string; readonly length: number } | null {
  const numeric = /^#(?:[xX]([0-9a-fA-F]{1,8})|([0-9]{1,10}));?/.exec(body);
  if (numeric !== null) {
    const point = numeric[1] === undefined ? Number(numeric[2]) : Number.parseInt(numeric[1], 16);
    const valid = point > 0 && point <= 0x10ffff && !(point >= 0xd800 && point <= 0xdfff);
    return { text: valid ? String.fromCodePoint(point) : '\ufffd', length: numeric[0].length };
  }
  const named = /^([A-Za-z]{2,8});/.exec(body) ?? /^(amp|lt|gt|quot|nbsp)/.exec(body);
  const text = named === null ? undefined : NAMES[named[1] as string];
  return named === null || text === undefined ? null : { text, length: named[0].length };
}

/** Decodes numeric references and the named ones that matter for URLs and styles; others stay as they are. */
export function decodeCharacterReferences(text: string): string {
  let at = text.indexOf('&');
  if (at === -1) return text;
  let decoded = '';
  let kept = 0;
  for (; at !== -1; at = text.indexOf('&', Math.max(at + 1, kept))) {
    const reference = decodeReference(text.slice(at + 1, at + 1 + MAX_REFERENCE));
    if (reference === null) continue;
    decoded += text.slice(kept, at) + reference.text;
    kept = at + 1 + reference.length;
  }
  return decoded + text.slice(kept);
}

function skipUntil(text: string, from: number, limit: number, stop: (character: string) => boolean): number {
  let at = from;
  while (at < limit && !stop(text[at] as string)) at += 1;
  return at;
}

function isLetter(text: string, at: number): boolean {
  const unit = text.charCodeAt(at) | 0x20;
  return unit >= 0x61 && unit <= 0x7a;
}

/** True when a tag begins at the `<` at `at`; a `<` before anything else is text. */
export function startsTag(text: string, at: number): boolean {
  return isLetter(text, text[at + 1] === '/' ? at + 2 : at + 1);
}

/** The tag at the `<` at `at`, reading no further than `limit`. Call only where `startsTag` holds. */
export function readTag(text: string, at: number, limit = text.length): HtmlTag {
  const closing = text[at + 1] === '/';
  const nameStart = closing ? at + 2 : at + 1;
  let next = skipUntil(text, nameStart, limit, (character) => character === '>' || character === '/' || SPACE.test(character));
  const name = text.slice(nameStart, next).toLowerCase();
  const attributes = new Map<string, string>();
  const finish = (end: number, closed: boolean): HtmlTag => ({ name, closing, attributes, end, closed });
  while (next < limit) {
    const character = text[next] as string;
    if (character === '>') return finish(next + 1, true);
    if (character === '/' || SPACE.test(character)) {
      next += 1;
      continue;
    }
    const start = next;
    next = skipUntil(text, next + 1, limit, (unit) => unit === '=' || unit === '>' || unit === '/' || SPACE.test(unit));
    const attribute = text.slice(start, next).toLowerCase();
    const equals = skipUntil(text, next, limit, (unit) => !SPACE.test(unit));
    if (text[equals] !== '=' || equals >= limit) {
      if (!attributes.has(attribute)) attributes.set(attribute, '');
      continue;
    }
    next = skipUntil(text, equals + 1, limit, (unit) => !SPACE.test(unit));
    const quote = text[next];
    let valueEnd: number;
    if (quote === '"' || quote === "'") {
      const close = text.indexOf(quote, next + 1);
      if (close === -1 || close >= limit) return finish(limit, false);
      valueEnd = close;
      next += 1;
    } else {
      valueEnd = skipUntil(text, next, limit, (unit) => unit === '>' || SPACE.test(unit));
    }
    if (!attributes.has(attribute)) attributes.set(attribute, decodeCharacterReferences(text.slice(next, valueEnd)));
    next = quote === '"' || quote === "'" ? valueEnd + 1 : valueEnd;
  }
  return finish(limit, false);
}
