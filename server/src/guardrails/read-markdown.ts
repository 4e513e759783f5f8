// Markdown constructs of reply text that lead somewhere or hold code: images, link destinations, reference definitions, fences and
// code spans (CommonMark 0.31). Destinations are judged in every spelling Markdown would undo.

import { judgeUrl, type LinkUse, type LinkVerdict } from './link-rules.ts';
import { linkRefusal } from './read-address.ts';
import {
  findAhead,
  IMAGE_REMOVED,
  type Inner,
  LINK_REMOVED,
  LOOK_BACK,
  MAX_CONSTRUCT,
  pass,
  replace,
  type ScanState,
  type Step,
  type View,
  WAIT,
} from './scan-state.ts';

const MAX_DESCRIPTION = 512;
const MAX_CODE_SPAN = 512;
const MAX_INFO = 120;
const ESCAPED = /\\([!-/:-@[-`{-~])/g;

const REFUSE: Step = Object.freeze({ kind: 'refuse', refusal: linkRefusal() });

export function isEscaped(text: string, at: number): boolean {
  let slashes = 0;
  while (text[at - 1 - slashes] === '\\') slashes += 1;
  return slashes % 2 === 1;
}

function judgeDestination(written: string, use: LinkUse, state: ScanState): LinkVerdict {
  const verdicts = [judgeUrl(written, use, state.policy)];
  if (written.includes('\\')) verdicts.push(judgeUrl(written.replace(ESCAPED, '$1'), use, state.policy));
  if (verdicts.includes('refuse')) return 'refuse';
  return verdicts.includes('remove') ? 'remove' : 'allow';
}

interface Destination {
  readonly written: string;
  /** End of the construct, after its closing bracket. */
  readonly to: number;
}

function skipSpace(view: View, from: number): number {
  let at = from;
  while (at < view.end && /\s/.test(view.text[at] as string)) at += 1;
  return at;
}

/** Offset of the bracket that closes the one before `from`; -1 when there is none, null while undecided. */
function closingParenthesis(view: View, from: number): number | null {
  const limit = Math.min(view.end, from + MAX_CONSTRUCT);
  let depth = 0;
  let lineBlank = false;
  for (let at = from; at < limit; at += 1) {
    const character = view.text[at];
    if (character === '\n') {
      if (lineBlank) return -1;
      lineBlank = true;
    } else if (character !== ' ' && character !== '\t' && character !== '\r') lineBlank = false;
    if (character === '\\') at += 1;
    else if (character === '(') depth += 1;
    else if (character === ')') {
      if (depth === 0) return at;
      depth -= 1;
    }
  }
  return limit < from + MAX_CONSTRUCT && !view.final ? null : -1;
}

/** The destination after `(`; lenient about spaces, as some readers are. */
function readDestination(view: View, from: number): Destination | 'wait' | null {
  const start = skipSpace(view, from);
  if (view.text[start] === '<' && start < view.end) {
    const angle = findAhead(view, '>', start);
    if (angle === -1) {
      if (!view.final && view.end - start < MAX_CONSTRUCT) return 'wait';
    } else if (!view.text.slice(start, angle).includes('\n')) {
      const close = closingParenthesis(view, angle + 1);
      if (close === null) return 'wait';
      if (close !== -1) return { written: view.text.slice(start + 1, angle), to: close + 1 };
    }
  }
  const close = closingParenthesis(view, start);
  if (close === null) return 'wait';
  if (close === -1) return null;
  const inside = view.text.slice(start, close).trimEnd();
  return { written: /^(\S*)\s+["'(]/.exec(inside)?.[1] ?? inside, to: close + 1 };
}

/** Offset of the bracket that closes the description opened before `from`; -1 when there is none, null while undecided. */
function closingBracket(view: View, from: number): number | null {
  const limit = Math.min(view.end, from + MAX_DESCRIPTION);
  let depth = 0;
  for (let at = from; at < limit; at += 1) {
    const character = view.text[at];
    if (character === '\\') at += 1;
    else if (character === '[') depth += 1;
    else if (character === ']') {
      if (depth === 0) return at;
      depth -= 1;
    }
  }
  return limit < from + MAX_DESCRIPTION && !view.final ? null : -1;
}

/** At `!`: an image with a description. */
export function readImage(view: View, at: number, state: ScanState, inner: Inner): Step {
  if (at + 1 >= view.end) return view.final ? pass(at + 1) : WAIT;
  if (view.text[at + 1] !== '[' || isEscaped(view.text, at)) return pass(at + 1);
  const close = closingBracket(view, at + 2);
  if (close === null) return WAIT;
  if (close === -1) {
    state.imageOpen = true;
    return pass(at + 1);
  }
  if (close + 1 >= view.end && !view.final) return WAIT;
  // With a reference instead of an address, the definition of the reference is judged.
  if (view.text[close + 1] !== '(' || close + 1 >= view.end) return pass(at + 1);
  const destination = readDestination(view, close + 2);
  if (destination === 'wait') return WAIT;
  if (destination === null) {
    state.imageOpen = true;
    return pass(at + 1);
  }
  const verdict = judgeDestination(destination.written, 'embed', state);
  if (verdict === 'refuse') return REFUSE;
  const description = view.text.slice(at + 2, close);
  const screened = inner(description, false);
  if (screened === null) return REFUSE;
  if (verdict === 'remove')
    return replace(destination.to, screened === '' ? IMAGE_REMOVED : `${screened} ${IMAGE_REMOVED}`, 'image_removed');
  // Released up to the bracket: not every reader takes what follows for an image, so it is read as text, too.
  return screened === description ? pass(close + 2) : replace(close + 2, `![${screened}](`, null);
}

/** At `](`: the destination of a link, or of an image whose description was too long to read. */
export function readLink(view: View, at: number, state: ScanState): Step {
  const destination = readDestination(view, at + 2);
  if (destination === 'wait') return WAIT;
  if (destination === null) {
    // No construct to Markdown; what looks like an address in it is judged as it comes. In one string of a JSON reply it may go on.
    if (state.strictEnd) state.imageOpen = true;
    return pass(at + 2);
  }
  const embeds = state.imageOpen;
  state.imageOpen = false;
  const verdict = judgeDestination(destination.written, embeds ? 'embed' : 'link', state);
  if (verdict === 'refuse') return REFUSE;
  if (verdict === 'allow') return pass(at + 2);
  return replace(destination.to, `] ${embeds ? IMAGE_REMOVED : LINK_REMOVED}`, embeds ? 'image_removed' : 'link_removed');
}

const DEFINITION_BEFORE = /(?:^|\n)[ \t>*+0-9.)-]*\[(?:[^[\]\\]|\\.){1,200}$/s;
const MAX_DEFINITION_GAP = 64;

/** At `]:`: a reference definition. Images may use it, so only addresses that may load by themselves are released. */
export function readDefinition(view: View, at: number, state: ScanState): Step {
  if (!DEFINITION_BEFORE.test(view.text.slice(Math.max(0, at - LOOK_BACK + 1), at))) return pass(at + 2);
  const start = skipSpace(view, at + 2);
  if (start - at > MAX_DEFINITION_GAP) return pass(at + 2);
  if (start >= view.end) return view.final ? pass(at + 2) : WAIT;
  const angled = view.text[start] === '<';
  const limit = Math.min(view.end, start + MAX_CONSTRUCT);
  const length = view.text.slice(start, limit).search(angled ? />|\n/ : /\s/);
  const end = length === -1 ? limit : start + length;
  if (length === -1 && !view.final && end - start < MAX_CONSTRUCT) return WAIT;
  const written = view.text.slice(angled ? start + 1 : start, end);
  const verdict = judgeDestination(written, 'embed', state);
  if (verdict === 'refuse') return REFUSE;
  if (verdict === 'allow') return pass(at + 2);
  state.dropping = end - start >= MAX_CONSTRUCT;
  return replace(angled && end < view.end && view.text[end] === '>' ? end + 1 : end, `] ${LINK_REMOVED}`, 'link_removed');
}

function markEnd(view: View, at: number): number {
  let end = at;
  while (end < view.end && view.text[end] === view.text[at]) end += 1;
  return end;
}

/** At a mark within a fence: closes it when it stands alone on its line and is long enough. */
function readFenceEnd(view: View, at: number, end: number, state: ScanState): Step {
  const fence = state.fence as string;
  const startsLine = /(?:^|\n) {0,3}$/.test(view.text.slice(Math.max(0, at - 4), at));
  if (!startsLine || view.text[at] !== fence[0] || end - at < fence.length) return pass(end);
  let after = end;
  while (after < view.end && (view.text[after] === ' ' || view.text[after] === '\t' || view.text[after] === '\r') && after - end < MAX_INFO)
    after += 1;
  if (after === view.end && !view.final) return WAIT;
  if (after === view.end || view.text[after] === '\n') state.fence = null;
  return pass(end);
}

/** At a mark at the start of a line: a fence, when its line says so; null when it is none. */
function readFenceStart(view: View, at: number, end: number, state: ScanState): Step | null {
  const mark = view.text[at] as string;
  if (end - at < 3 || state.html || state.rawHtml || !(at === 0 || view.text[at - 1] === '\n')) return null;
  const line = findAhead(view, '\n', end);
  const known = line !== -1;
  if (!known && !view.final && view.end - end < MAX_INFO) return WAIT;
  const info = view.text.slice(end, known ? line : view.end);
  if (!known || info.length >= MAX_INFO || (mark === '`' && info.includes('`'))) return null;
  state.fence = mark.repeat(end - at);
  return pass(end);
}

/** At a backtick or tilde: a fence, a code span, or just the mark. */
export function readCodeMark(view: View, at: number, state: ScanState, inner: Inner): Step {
  const end = markEnd(view, at);
  if (end === view.end && !view.final && end - at < MAX_INFO) return WAIT;
  if (state.fence !== null) return readFenceEnd(view, at, end, state);
  const fence = readFenceStart(view, at, end, state);
  if (fence !== null) return fence;
  if (view.text[at] === '~' || state.html || state.rawHtml || state.angleOpen || isEscaped(view.text, at)) return pass(end);
  return readCodeSpan(view, at, end, inner) ?? pass(end);
}

function readCodeSpan(view: View, at: number, end: number, inner: Inner): Step | null {
  const limit = Math.min(view.end, end + MAX_CODE_SPAN);
  for (let next = end; next < limit; next += 1) {
    const character = view.text[next];
    if (character === '\n') return null;
    if (character !== '`') continue;
    const close = markEnd(view, next);
    if (close === view.end && !view.final) return WAIT;
    if (close - next === end - at) {
      const code = view.text.slice(end, next);
      const screened = inner(code, true);
      if (screened === null) return REFUSE;
      return screened === code ? pass(close) : replace(close, view.text.slice(at, end) + screened + view.text.slice(next, close), null);
    }
    next = close - 1;
  }
  return limit < end + MAX_CODE_SPAN && !view.final ? WAIT : null;
}
