// Finds HTML that a browser would not show: comments and elements hidden by attribute or inline style.
// One linear pass, no backtracking; works on text that merely contains markup. Changes nothing.

import type { HiddenText } from './hidden-characters.ts';
import { backgroundOf, isHiddenStyle, readDeclarations, WHITE } from './hidden-style.ts';
import { type HtmlTag, readTag, startsTag } from './html-tag.ts';

const VOID = new Set('area base br col embed hr img input link meta param source track wbr'.split(' '));
const NEVER_SHOWN = new Set(['template', 'noembed', 'noframes', 'datalist']);
/** Elements that never hold one of their kind: the next one closes them. */
const NEVER_NESTED = new Set(['p', 'dt', 'dd', 'option']);
/** Open elements whose backgrounds are remembered; deeper ones count as unknown. */
const MAX_DEPTH = 64;

interface OpenElement {
  readonly name: string;
  /** A colour, or null when it is not understood. */
  readonly background: string | null;
}

interface HiddenElement {
  readonly start: number;
  readonly name: string;
  depth: number;
}

function isHidden(tag: HtmlTag, background: string | null): boolean {
  if (NEVER_SHOWN.has(tag.name) || tag.attributes.has('hidden') || tag.attributes.get('aria-hidden')?.trim().toLowerCase() === 'true')
    return true;
  if (tag.name === 'input' && tag.attributes.get('type')?.trim().toLowerCase() === 'hidden') return true;
  if (!tag.attributes.has('style') && !tag.attributes.has('color')) return false;
  return isHiddenStyle(readDeclarations(tag.attributes.get('style') ?? ''), tag.attributes.get('color'), background);
}

/** The background a tag's content stands on, given what is open around it. */
function backgroundAt(tag: HtmlTag, open: readonly OpenElement[]): string | null {
  const own = backgroundOf(readDeclarations(tag.attributes.get('style') ?? ''), tag.attributes.get('bgcolor'));
  if (own !== undefined) return own;
  const around = open.at(-1);
  return around === undefined ? WHITE : around.background;
}

function closeElement(open: OpenElement[], name: string): void {
  for (let at = open.length - 1; at >= 0; at -= 1) {
    if (open[at]?.name !== name) continue;
    open.length = at;
    return;
  }
}

/** End of the comment or declaration at `at`; null when it is not one that hides text. */
function commentEnd(text: string, at: number, lastBracket: number): number | null {
  if (text.startsWith('<!--', at)) {
    if (text.startsWith('>', at + 4)) return at + 5;
    if (text.startsWith('->', at + 4)) return at + 6;
    const close = /--!?>/g;
    close.lastIndex = at + 4;
    const found = close.exec(text);
    return found === null ? text.length : found.index + found[0].length;
  }
  // `<!anything>` is a comment to a browser, too.
  if (
    at > lastBracket ||
    !/^<!(?:\[CDATA\[|[a-z])/i.test(text.slice(at, at + 10)) ||
    /^<!(?:doctype|element|entity|attlist)/i.test(text.slice(at, at + 10))
  )
    return null;
  return text.indexOf('>', at) + 1;
}

/** Reads tags as a browser does until one never ends; from there on a tag ends at the next bracket, so that work stays linear. */
function createTagReader(text: string): (at: number) => HtmlTag | null {
  let quotesMatter = true;
  return (at) => {
    if (!startsTag(text, at)) return null;
    if (quotesMatter) {
      const tag = readTag(text, at);
      if (tag.closed) return tag;
      quotesMatter = false;
    }
    const next = text.indexOf('<', at + 1);
    const length = text.slice(at, next === -1 ? text.length : next).indexOf('>');
    return length === -1 ? null : { ...readTag(text, at, at + length), end: at + length + 1 };
  };
}

/** Stretches of hidden markup in order, not overlapping. A hidden element that is never closed hides the rest, as in a browser. */
export function findHiddenMarkup(text: string): readonly HiddenText[] {
  const found: HiddenText[] = [];
  const open: OpenElement[] = [];
  const tagAt = createTagReader(text);
  let hidden: HiddenElement | null = null;
  const note = (kind: 'html_comment' | 'html_hidden', start: number, end: number): void => {
    found.push({ kind, start, end, count: end - start });
  };
  const lastBracket = text.lastIndexOf('>');
  for (let at = text.indexOf('<'); at !== -1; ) {
    const afterComment = text[at + 1] === '!' ? commentEnd(text, at, lastBracket) : null;
    if (afterComment !== null) {
      if (hidden === null) note('html_comment', at, afterComment);
      at = text.indexOf('<', afterComment);
      continue;
    }
    const tag = at < lastBracket ? tagAt(at) : null;
    if (tag === null) {
      at = text.indexOf('<', at + 1);
      continue;
    }
    if (hidden !== null) {
      if (tag.name === hidden.name) {
        const replaced = !tag.closing && NEVER_NESTED.has(tag.name);
        hidden.depth += tag.closing ? -1 : replaced ? 0 : 1;
        if (hidden.depth === 0 || replaced) {
          note('html_hidden', hidden.start, replaced ? at : tag.end);
          hidden = null;
          // The element that took its place is looked at in its own right.
          if (replaced) continue;
        }
      }
    } else if (tag.closing) {
      closeElement(open, tag.name);
    } else {
      const background = open.length < MAX_DEPTH ? backgroundAt(tag, open) : null;
      if (isHidden(tag, background)) {
        if (VOID.has(tag.name)) note('html_hidden', at, tag.end);
        else hidden = { start: at, name: tag.name, depth: 1 };
      } else if (!VOID.has(tag.name) && open.length < MAX_DEPTH) {
        open.push({ name: tag.name, background });
      }
    }
    at = text.indexOf('<', tag.end);
  }
  if (hidden !== null) note('html_hidden', hidden.start, text.length);
  return found;
}
