// Bare addresses in reply text: https://..., www...., //host, other://..., host.tld/path. Judged as links, because many programs
// that show text make them clickable. A released scheme or host name without its path is harmless, so little has to be held back.

import { type Refusal, refuse } from '#core';
import { carriesData, judgeUrl, leadsToAllowedHost } from './link-rules.ts';
import {
  findAhead,
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

const RUN_END = /[\s<]/;
/** Where an address ends for programs that are not greedy; what follows still belongs to the run for those that are. */
const HEAD_END = /["'`|{}^>]|\\(?![/\\])/;
const TRAILING = /[.,;:!?*_~'")\]]+$/;
const PLACEHOLDER_LENGTH = 48;
const STARTS = ['http://', 'https://', 'http:\\', 'https:\\', 'http:/', 'https:/', 'www.'];

export function linkRefusal(): Refusal {
  return refuse('GUARDRAILS_LINK_CARRIES_DATA', 'A link in the reply carries personal data or a secret.');
}

const REFUSE: Step = Object.freeze({ kind: 'refuse', refusal: linkRefusal() });

/** Offset of the first bracket that closes more than the run opens, or the run's length. */
function balancedEnd(run: string): number {
  let round = 0;
  let square = 0;
  for (let at = 0; at < run.length; at += 1) {
    const character = run[at];
    if (character === '(') round += 1;
    else if (character === '[') square += 1;
    else if (character === ')' && --round < 0) return at;
    else if (character === ']' && --square < 0) return at;
  }
  return run.length;
}

interface Run {
  /** The address as most programs read it. */
  readonly head: string;
  /** What greedy programs would add. */
  readonly rest: string;
}

function splitRun(run: string, insideBrackets: boolean): Run {
  const closing = insideBrackets ? run.indexOf('](') : -1;
  const whole = closing === -1 ? run : run.slice(0, closing);
  // However many slashes of either kind a browser would take before the host.
  const host = /^[A-Za-z]*:?[/\\]*/.exec(whole)?.[0].length ?? 0;
  const stop = whole.slice(host).search(HEAD_END);
  const end = Math.min(balancedEnd(whole), stop === -1 ? whole.length : host + stop);
  const head = whole.slice(0, end).replace(TRAILING, '');
  return { head, rest: whole.slice(head.length) };
}

/** End of the run of address characters at `from`; null while it is undecided. A placeholder in angle brackets belongs to it. */
function runEnd(view: View, from: number): number | null {
  const limit = Math.min(view.end, from + MAX_CONSTRUCT);
  const length = view.text.slice(from, limit).search(RUN_END);
  if (length === -1 && limit - from >= MAX_CONSTRUCT) return from + MAX_CONSTRUCT;
  const end = length === -1 ? limit : from + length;
  return end === view.end && !view.final ? null : end;
}

/** A placeholder that touches the address would be part of it for a lenient reader. Null while undecided. */
function touchesPlaceholder(view: View, at: number, state: ScanState): boolean | null {
  if (at >= view.end || view.text[at] !== '<') return false;
  const close = findAhead(view, '>', at);
  if (close !== -1) {
    return close - at <= PLACEHOLDER_LENGTH && state.policy.hasPlaceholder(view.text.slice(at, close + 1));
  }
  return view.final || view.end - at > PLACEHOLDER_LENGTH ? false : null;
}

/** `"https://..."` as a JSON value: next to nobody reads an address over its closing quote, and JSON must stay whole. */
function isQuoted(text: string, from: number, rest: string): boolean {
  const quote = text[from - 1];
  return (quote === '"' || quote === "'") && new RegExp(`^\\\\?${quote}[\\s,:;}\\])]`).test(rest);
}

interface Address {
  /** Where the run begins in the view. */
  readonly from: number;
  /** What stands before it in the address: a scheme or host that was already released. */
  readonly before: string;
}

/** Reads and judges the address whose characters from `from` on are still held. */
function judgeRun(view: View, state: ScanState, { from, before }: Address): Step {
  const end = runEnd(view, from);
  if (end === null) return WAIT;
  const touching = touchesPlaceholder(view, end, state);
  if (touching === null) return WAIT;
  const tooLong = end - from >= MAX_CONSTRUCT;
  const line = view.text.slice(Math.max(0, from - LOOK_BACK), from);
  const { head, rest } = splitRun(view.text.slice(from, end), line.lastIndexOf('[') > line.lastIndexOf(']'));
  const address = before + head;
  if (touching || carriesData(before + view.text.slice(from, end), state.policy)) return REFUSE;
  if (!tooLong) {
    if (leadsToAllowedHost(address, state.policy)) return pass(from + Math.max(1, head.length));
    // A greedy reader takes the rest along, so it has to be as harmless as the head.
    const harmless = !/[A-Za-z0-9\u0080-\uffff]/.test(rest) || isQuoted(view.text, from, rest) || state.policy.requestText(address + rest);
    const endsOpen = state.strictEnd && view.final && end === view.end && (state.imageOpen || state.angleOpen);
    if (harmless && !endsOpen && judgeUrl(address, 'link', state.policy) === 'allow') return pass(from + Math.max(1, head.length));
  }
  state.dropping = tooLong;
  return replace(tooLong ? end : from + Math.max(1, head.length), LINK_REMOVED, 'link_removed');
}

/** At a letter that begins a word: `http`, `https` or `www.`. */
export function readWebAddress(view: View, at: number, state: ScanState): Step {
  const length = Math.min(view.end - at, 8);
  const start = view.text.slice(at, at + length).toLowerCase();
  if (!view.final && length < 8 && STARTS.some((known) => known.startsWith(start) && known !== start)) return WAIT;
  if (start.startsWith('www.')) return judgeRun(view, state, { from: at, before: '//' });
  return /^https?:[/\\]/.test(start) ? judgeRun(view, state, { from: at, before: '' }) : pass(at + 1);
}

const SCHEME = /[A-Za-z][A-Za-z0-9+.-]{0,31}$/;
const DATA_URL = /^:\s?[a-z]{0,20}(?:\/[a-z0-9.+-]{0,40})?/i;

/** At a colon: what stands before it may be the scheme of an address. */
export function readScheme(view: View, at: number, state: ScanState): Step {
  const scheme = SCHEME.exec(view.text.slice(Math.max(0, at - 33), at))?.[0];
  if (scheme === undefined) return pass(at + 1);
  const known = scheme.toLowerCase();
  const next = view.text.slice(at + 1, Math.min(at + 3, view.end));
  if (next.length < 2 && !view.final && /^[/\\]?$/.test(next)) return WAIT;
  if (/^[/\\]{2}/.test(next) || (/^[/\\]/.test(next) && /https?$/.test(known))) return judgeRun(view, state, { from: at, before: known });
  const isScript = /(?:^|[^a-z])(?:javascript|vbscript|livescript|data|mailto)$/.test(`.${known}`);
  if (!isScript || state.fence !== null || state.codeOnly) return pass(at + 1);
  if (next === '' && !view.final) return WAIT;
  // `JavaScript: the good parts` and `data: see below` are prose.
  if (next === '' || /^[\s"'<>)]/.test(next)) return pass(at + 1);
  if (known.endsWith('data')) {
    const type = DATA_URL.exec(view.text.slice(at, Math.min(view.end, at + 64)))?.[0] ?? '';
    if (at + type.length >= view.end && !view.final) return WAIT;
    if (!/^:[a-z]+\/[a-z0-9.+-]+$/i.test(type) || !/[;,]/.test(view.text[at + type.length] ?? '')) return pass(at + 1);
    state.dropping = true;
    return replace(at + type.length, LINK_REMOVED, 'link_removed');
  }
  if (known.endsWith('mailto')) return readMail(view, at, state);
  return judgeRun(view, state, { from: at, before: known });
}

/** A mail address is text like any other; with a query it would fill in a message. */
function readMail(view: View, at: number, state: ScanState): Step {
  const end = runEnd(view, at);
  if (end === null) return WAIT;
  const hasQuery = view.text.slice(at, end).includes('?');
  return hasQuery ? judgeRun(view, state, { from: at, before: 'mailto' }) : pass(at + 1);
}

/** Suffixes that programs take for a web address without a scheme; two letters are always a country. */
const SUFFIXES = new Set(
  'com org net edu gov info biz name pro museum coop aero asia shop store online site website app dev xyz top link click live cloud tech page blog news club space fun icu test example invalid'.split(
    ' ',
  ),
);
const HOST_BEFORE = /(?:^|[^A-Za-z0-9./\\_-])((?:[A-Za-z0-9-]{1,63}\.){1,8}([A-Za-z]{2,24})(?::[0-9]{1,5})?)$/;
const MAX_HOST = 200;

function isHostUnit(unit: number): boolean {
  const letter = unit | 0x20;
  return (letter >= 97 && letter <= 122) || (unit >= 48 && unit <= 58) || unit === 45 || unit === 46;
}

/** The host name, with its port, that ends right before `at`. */
function hostBefore(view: View, at: number): string | null {
  let from = at;
  while (from > 0 && at - from < MAX_HOST && isHostUnit(view.text.charCodeAt(from - 1))) from -= 1;
  if (at - from < 3) return null;
  const found = HOST_BEFORE.exec(view.text.slice(Math.max(0, from - 1), at));
  const suffix = found?.[2]?.toLowerCase();
  return found !== null && suffix !== undefined && (suffix.length === 2 || SUFFIXES.has(suffix)) ? (found[1] as string) : null;
}

/** At a slash: the path of an address without a scheme, or `//host`. */
export function readSlash(view: View, at: number, state: ScanState): Step {
  const host = hostBefore(view, at);
  if (host !== null) return judgeRun(view, state, { from: at, before: `//${host}` });
  if (at + 1 >= view.end && !view.final) return WAIT;
  if (view.text[at + 1] !== '/') return pass(at + 1);
  const end = runEnd(view, at);
  if (end === null) return WAIT;
  const named = /^[/\\]{2,}(?:[^\s/\\?#@]*@)?[^\s/\\?#]*\.[a-z]{2,24}(?::[0-9]+)?(?:[/\\?#]|$)/i.test(view.text.slice(at, end));
  return named ? judgeRun(view, state, { from: at, before: '' }) : pass(view.text[at + 2] === '/' ? at + 1 : at + 2);
}

/** At a question mark right after a host name. */
export function readQuery(view: View, at: number, state: ScanState): Step {
  const host = hostBefore(view, at);
  if (host === null) return pass(at + 1);
  const end = runEnd(view, at);
  if (end === null) return WAIT;
  return /^\?[\w%.[\]-]+=/.test(view.text.slice(at, end)) ? judgeRun(view, state, { from: at, before: `//${host}` }) : pass(at + 1);
}
