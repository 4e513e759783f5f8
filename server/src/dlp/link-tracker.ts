// Follows output text and knows whether the next character would stand inside a link: a bare URL, a Markdown target, an HTML attribute.
// A personal value written there leaves as soon as something loads or follows the link, so when in doubt the answer is yes.

import { isSpace, isWord } from './characters.ts';

const RECENT = 48;
const SCHEME_END = /(?:^|[^\p{L}\p{N}])(?:https?|ftps?|wss?|mailto|javascript)$/iu;
const ATTRIBUTE_END = /(?:href|src|srcset|action|formaction|poster|cite|background|ping|manifest|longdesc)\s{0,4}=\s{0,4}$/i;
const DOMAIN_END = /[\p{L}\p{N}-]\.\p{L}{2,24}(?::\d{1,5})?$/u;
/** Stands for an unescaped quote: the border of a JSON string, where every link ends. */
const BORDER = 0xffff;

/** Characters that can begin or end a link; all others leave everything as it is. */
const telling = new Uint8Array(128);
for (const character of ' \t\n\v\f\r"\'`<>():./\\?#') telling[character.charCodeAt(0)] = 1;

export interface LinkTracker {
  readonly inLink: boolean;
  /** Text as it is written to the destination. */
  feed(text: string): void;
  /** A restored value, not escaped. */
  feedPlain(text: string): void;
}

/** Decodes JSON string escapes piece by piece; unescaped quotes become `BORDER`. */
function createUnescaper(): (text: string) => string {
  let pending = '';
  return (text) => {
    const all = pending + text;
    pending = '';
    let out = '';
    for (let at = 0; at < all.length; at += 1) {
      const character = all[at] as string;
      if (character === '"') out += String.fromCharCode(BORDER);
      else if (character !== '\\') out += character;
      else {
        const length = all[at + 1] === 'u' ? 6 : 2;
        if (at + length > all.length) {
          pending = all.slice(at);
          break;
        }
        out += decodeEscape(all.slice(at, at + length));
        at += length - 1;
      }
    }
    return out;
  };
}

function decodeEscape(sequence: string): string {
  if (sequence.length === 6) {
    const code = Number.parseInt(sequence.slice(2), 16);
    return Number.isNaN(code) ? ' ' : String.fromCharCode(code);
  }
  return { n: '\n', r: '\r', t: '\t', b: ' ', f: ' ' }[sequence[1] as string] ?? (sequence[1] as string);
}

export function createLinkTracker(escaping: 'none' | 'json'): LinkTracker {
  let recent = '';
  /** The current word is a link. */
  let word = false;
  /** Open parentheses of a Markdown target or a CSS `url(`. */
  let target = 0;
  /** Within `](<...>`, where spaces are allowed. */
  let angle = false;
  /** The quote that ends the attribute value, or 0. */
  let attribute = 0;
  const unescapeText = escaping === 'json' ? createUnescaper() : null;

  const close = (): void => {
    word = false;
    target = 0;
    angle = false;
    attribute = 0;
  };

  const inTarget = (all: string, at: number, unit: number): void => {
    if (unit === 40) target += 1;
    else if (unit === 41) target -= 1;
    else if (unit === 10) target = 0;
    else if (unit === 60 && all[at - 1] === '(' && all[at - 2] === ']') angle = true;
  };

  const inText = (all: string, at: number, unit: number): void => {
    if (isSpace(unit)) word = false;
    else if (unit === 34 || unit === 39 || unit === 96) {
      if (unit !== 39) word = false;
      if (unit !== 96 && ATTRIBUTE_END.test(all.slice(Math.max(0, at - RECENT), at))) attribute = unit;
    } else if (unit === 60 || unit === 62) word = false;
    else if (unit === 40) {
      if (all[at - 1] === ']' || all.slice(Math.max(0, at - 3), at).toLowerCase() === 'url') target = 1;
    } else if (unit === 58) {
      if (!word && SCHEME_END.test(all.slice(Math.max(0, at - 14), at))) word = true;
    } else if (unit === 46) {
      if (!word && all.slice(Math.max(0, at - 3), at).toLowerCase() === 'www' && !isWord(all.charCodeAt(at - 4))) word = true;
    } else if (!word && (unit === 47 || unit === 92 || unit === 63 || unit === 35)) {
      const before = all.charCodeAt(at - 1);
      const slashes = (unit === 47 || unit === 92) && (before === 47 || before === 92);
      const opening = all.charCodeAt(at - 2);
      if (slashes && (at < 2 || opening === 58 || !isWord(opening))) word = true;
      else if (DOMAIN_END.test(all.slice(Math.max(0, at - 36), at))) word = true;
    }
  };

  const follow = (text: string): void => {
    const all = recent + text;
    for (let at = recent.length; at < all.length; at += 1) {
      const unit = all.charCodeAt(at);
      if (unit < 128 ? telling[unit] === 0 : unit !== BORDER && !isSpace(unit)) continue;
      if (unit === BORDER) close();
      else if (angle) {
        if (unit === 62 || unit === 10) angle = false;
      } else if (attribute !== 0) {
        if (unit === attribute) attribute = 0;
      } else if (target > 0) inTarget(all, at, unit);
      else inText(all, at, unit);
    }
    recent = all.slice(-RECENT);
  };

  return {
    get inLink() {
      return word || target > 0 || angle || attribute !== 0;
    },
    feed: (text) => follow(unescapeText === null ? text : unescapeText(text)),
    feedPlain: follow,
  };
}
