// HTML in reply text: what loads by itself, runs or submits is judged or removed; plain formatting passes.
// Comments go, as hidden text. A `<` that begins nothing passes at once, so that prose and comparisons are not held.

import { type HtmlTag, readTag } from '#core';
import { judgeUrl, type LinkUse } from './link-rules.ts';
import { linkRefusal } from './read-address.ts';
import {
  findAhead,
  IMAGE_REMOVED,
  type Inner,
  LINK_REMOVED,
  MARKUP_REMOVED,
  MAX_CONSTRUCT,
  pass,
  replace,
  type ScanState,
  type Step,
  type View,
  WAIT,
} from './scan-state.ts';
import { parseUrl } from './url.ts';

const REFUSE: Step = Object.freeze({ kind: 'refuse', refusal: linkRefusal() });

/** Never released: they run, re-base, restyle or submit. */
const ACTIVE = new Set('script style base meta form applet object template noscript portal'.split(' '));
/** Load by themselves; released only with addresses that may load by themselves. */
const EMBEDS = new Set(
  'img image source video audio track iframe frame frameset embed input link body table tr td th bgsound use feimage svg picture layer ilayer isindex'.split(
    ' ',
  ),
);
const IMAGES = new Set(['img', 'image', 'picture', 'source', 'input']);
const LINKS = new Set(['a', 'area']);
/** Attributes that hold an address, by any element. */
const ADDRESSES = new Set(
  'src srcset href xlink:href data poster background action formaction lowsrc dynsrc longdesc cite ping manifest code archive codebase profile usemap imagesrcset from to values'.split(
    ' ',
  ),
);
const NAME = /[A-Za-z][A-Za-z0-9:_-]*/y;
const MAX_NAME = 40;
/** Words without a value that a tag of prose may begin with, e.g. `a <b and so on`, before it is taken for text. */
const MAX_BARE_WORDS = 4;

type Verdict = 'allow' | 'remove' | 'refuse';

function worst(left: Verdict, right: Verdict): Verdict {
  if (left === 'refuse' || right === 'refuse') return 'refuse';
  return left === 'remove' || right === 'remove' ? 'remove' : 'allow';
}

function judgeAddresses(value: string, attribute: string, use: LinkUse, state: ScanState): Verdict {
  const several = attribute === 'srcset' || attribute === 'imagesrcset' || attribute === 'ping' || attribute === 'archive';
  const addresses = several ? value.split(/[\s,]+/).filter((part) => part !== '' && !/^[0-9.]+[wx]$/.test(part)) : [value];
  // Both readings: a comma may also belong to the one address there is.
  return [...addresses, ...(several ? [value] : [])].reduce<Verdict>(
    (verdict, address) => worst(verdict, judgeUrl(address, use, state.policy)),
    'allow',
  );
}

/** Style text that loads or runs; escapes and comments could hide either, so they are not released. */
function judgeStyle(style: string, state: ScanState): Verdict {
  let verdict: Verdict = /@import|expression\s*\(|-moz-binding|behavior\s*:|\\|\/\*/i.test(style) ? 'remove' : 'allow';
  for (const [, address] of style.matchAll(/(?:url|image|image-set|src)\(\s*["']?([^"')]*)/gi)) {
    verdict = worst(verdict, judgeUrl(address as string, 'embed', state.policy));
  }
  return verdict;
}

function judgeTag(tag: HtmlTag, state: ScanState): Verdict {
  if (ACTIVE.has(tag.name)) return 'remove';
  let verdict: Verdict = 'allow';
  for (const [name, value] of tag.attributes) {
    const local = name.slice(name.lastIndexOf(':') + 1);
    if (name.startsWith('on') || local === 'srcdoc' || name === 'http-equiv') verdict = worst(verdict, 'remove');
    else if (name === 'style') verdict = worst(verdict, judgeStyle(value, state));
    else if (ADDRESSES.has(name) || ADDRESSES.has(local)) {
      const isLink = LINKS.has(tag.name) && name !== 'ping';
      verdict = worst(verdict, judgeAddresses(value, name, isLink ? 'link' : 'embed', state));
    } else if (state.policy.hasPlaceholder(value) && /[/\\]{2}/.test(value)) verdict = 'refuse';
  }
  return verdict;
}

function removedTag(
  tag: HtmlTag,
  state: ScanState,
): { readonly by: string; readonly signal: 'image_removed' | 'link_removed' | 'markup_removed' } {
  if (tag.closing) return { by: '', signal: 'markup_removed' };
  if (LINKS.has(tag.name)) return { by: LINK_REMOVED, signal: 'link_removed' };
  if (!IMAGES.has(tag.name)) return { by: MARKUP_REMOVED, signal: 'markup_removed' };
  const description = (tag.attributes.get('alt') ?? '').replace(/[<>`[\]()!:/\\&"\n]/g, ' ').trim();
  const safe = description !== '' && !state.policy.hasPlaceholder(description) ? `${description} ` : '';
  return { by: `${safe}${IMAGE_REMOVED}`, signal: 'image_removed' };
}

/** True when no reader would go on taking this for a tag worth holding: several words, no value, or signs of prose. */
function looksLikeProse(text: string): boolean {
  let words = 0;
  for (const [token] of text.matchAll(/=\s*(?:"[^"]*"?|'[^']*'?|[^\s>]*)|[^\s=]+/g)) {
    if (token.startsWith('=')) return false;
    words += 1;
    if (words > MAX_BARE_WORDS || /[^A-Za-z0-9:_@/-]/.test(token)) return true;
  }
  return false;
}

function asText(at: number, state: ScanState): Step {
  state.angleOpen = true;
  return pass(at + 1);
}

/** A quote opens a value only right after an equals sign, as in a browser. */
function followsEquals(text: string, at: number, from: number): boolean {
  let before = at - 1;
  while (before > from && /\s/.test(text[before] as string)) before -= 1;
  return text[before] === '=';
}

/** Where the tag at `at` ends; -1 when it is text, null while undecided. */
function tagEnd(view: View, at: number, nameEnd: number, name: string): number | null {
  const limit = Math.min(view.end, at + MAX_CONSTRUCT);
  const known = ACTIVE.has(name) || EMBEDS.has(name) || LINKS.has(name);
  let quote = '';
  for (let next = nameEnd; next < limit; next += 1) {
    const character = view.text[next] as string;
    if (quote !== '') {
      if (character === quote) quote = '';
    } else if (character === '>') return next + 1;
    else if (character === '<') return -1;
    else if ((character === '"' || character === "'") && followsEquals(view.text, next, nameEnd)) quote = character;
    else if (!known && /\s/.test(character) && looksLikeProse(view.text.slice(nameEnd, next))) return -1;
  }
  return limit < at + MAX_CONSTRUCT && !view.final ? null : -1;
}

function readComment(view: View, at: number, state: ScanState): Step {
  const opening = view.text.slice(at, Math.min(at + 4, view.end));
  if (opening !== '<!--') {
    if (!view.final && '<!--'.startsWith(opening)) return WAIT;
    state.rawHtml = true;
    return asText(at, state);
  }
  const close = findAhead(view, '-->', at + 4);
  if (close !== -1) return replace(close + 3, '', 'hidden_text_removed');
  if (!view.final && view.end - at - 4 < MAX_CONSTRUCT) return WAIT;
  state.rawHtml = true;
  return asText(at, state);
}

/** `<https://...>`: a link between angle brackets. Anything else with a colon after the first word is text. */
function readAutolink(view: View, at: number, state: ScanState): Step {
  const limit = Math.min(view.end, at + MAX_CONSTRUCT);
  for (let next = at + 1; next < limit; next += 1) {
    const character = view.text[next] as string;
    if (character === '<' || /\s/.test(character)) return asText(at, state);
    if (character !== '>') continue;
    const address = view.text.slice(at + 1, next);
    if (parseUrl(address).kind === 'relative') return asText(at, state);
    const verdict = judgeUrl(address, 'link', state.policy);
    if (verdict === 'refuse') return REFUSE;
    return verdict === 'allow' ? pass(next + 1) : replace(next + 1, LINK_REMOVED, 'link_removed');
  }
  return limit < at + MAX_CONSTRUCT && !view.final ? WAIT : asText(at, state);
}

/** At `<`. */
export function readAngle(view: View, at: number, state: ScanState, inner: Inner): Step {
  if (at + 1 >= view.end) return view.final ? pass(at + 1) : WAIT;
  const next = view.text[at + 1] as string;
  if (next === '!') return readComment(view, at, state);
  if (next === '?') {
    state.rawHtml = true;
    return asText(at, state);
  }
  const closing = next === '/';
  if (closing && at + 2 >= view.end) return view.final ? pass(at + 1) : WAIT;
  NAME.lastIndex = closing ? at + 2 : at + 1;
  const name = NAME.exec(view.text)?.[0];
  if (name === undefined) return pass(at + 1);
  const nameEnd = NAME.lastIndex;
  if (nameEnd >= view.end && !view.final && name.length <= MAX_NAME) return WAIT;
  const after = nameEnd < view.end ? (view.text[nameEnd] as string) : '';
  // A name with a colon may be the scheme of an autolink or the prefix of an element.
  if (!closing && (after === ':' || name.includes(':') || /^[+.]/.test(after)) && !/^[A-Za-z]+:[A-Za-z-]+$/.test(name))
    return readAutolink(view, at, state);
  if (name.length > MAX_NAME || !/[\s/>]/.test(after)) return view.final && after === '' ? asText(at, state) : pass(at + 1);
  const end = tagEnd(view, at, nameEnd, name.toLowerCase());
  if (end === null) return WAIT;
  if (end === -1) return asText(at, state);
  return judgeWhole(view.text.slice(at, end), at, state, inner);
}

function judgeWhole(written: string, at: number, state: ScanState, inner: Inner): Step {
  const end = at + written.length;
  // A placeholder in angle brackets is text.
  if (state.policy.hasPlaceholder(written) && !written.includes('=')) return pass(end);
  const tag = readTag(written, 0);
  if (!tag.closed || tag.end !== written.length) return asText(at, state);
  const verdict = tag.closing && !ACTIVE.has(tag.name) ? 'allow' : judgeTag(tag, state);
  if (verdict === 'refuse') return REFUSE;
  if (verdict === 'remove') {
    const { by, signal } = removedTag(tag, state);
    return replace(end, by, signal);
  }
  state.html = true;
  if (tag.name === 'pre' || tag.name === 'textarea' || tag.name === 'xmp' || tag.name === 'listing') state.rawHtml = true;
  // Not every reader takes this for a tag, so the addresses in it are judged as text, too.
  const screened = inner(written, true);
  if (screened === null) return REFUSE;
  return screened === written ? pass(end) : replace(end, screened, null);
}

const RUNNING_ATTRIBUTE = /(?:^|[\s"'/<])(?:on[a-z]{2,30}|style|srcdoc)\s*$/i;
const LOADING_ATTRIBUTE = /(?:^|[\s"'/<])(?:src|srcset|href|xlink:href|background|poster|data|action|formaction|ping)\s*$/i;

/** At `=` after a `<` that was released as text: no attribute that runs may follow, and no address in disguise. */
export function readAttribute(view: View, at: number): Step {
  const before = view.text.slice(Math.max(0, at - 40), at);
  if (RUNNING_ATTRIBUTE.test(before)) return replace(at + 1, MARKUP_REMOVED, 'markup_removed');
  if (!LOADING_ATTRIBUTE.test(before)) return pass(at + 1);
  const limit = Math.min(view.end, at + MAX_CONSTRUCT);
  const value = /^=\s*(?:"[^"]*|'[^']*|[^\s>]*)/.exec(view.text.slice(at, limit))?.[0] ?? '';
  if (/[&\t\r\n]/.test(value.trim())) return replace(at + 1, MARKUP_REMOVED, 'markup_removed');
  return at + value.length >= view.end && !view.final && limit < at + MAX_CONSTRUCT ? WAIT : pass(at + 1);
}
