// Finds known personal values in a text whatever their case, accents, punctuation or grouping: a trie over tokens, one pass.
// Linear: a walk is bounded by the longest pattern. Never guesses which of two alike values was meant.

import { SallyportError } from '#core';
import { nextGroup } from './anchors.ts';
import { isDigit, isLatin, KIND, kindOf } from './characters.ts';
import type { Folded } from './fold.ts';
import { fold } from './fold.ts';
import type { Pattern } from './known-patterns.ts';
import { patternsOf } from './known-patterns.ts';
import type { KnownPhones } from './known-phones.ts';
import { createKnownPhones } from './known-phones.ts';
import type { Hit, KnownValue } from './types.ts';
import { DLP_TYPES } from './types.ts';

export interface KnownMatcher {
  /** How many known values it looks for. */
  readonly size: number;
  /** More values, for a conversation that learns them on the way. */
  add(values: readonly KnownValue[]): void;
  /** Matches in a canonical text, in order of their start; they may overlap. */
  find(text: string): readonly Hit[];
}

interface Node {
  children: Map<string, Node> | null;
  /** By type and value, so that adding one twice is cheap however many there are. */
  patterns: Map<string, Pattern> | null;
}

const emptyNode = (): Node => ({ children: null, patterns: null });

const MAX_KNOWN = 50_000;
/** Separators between two tokens of one value; between digits fewer, so that unrelated numbers do not join. */
const MAX_GAP = 4;
const MAX_DIGIT_GAP = 2;
const MAX_WORD = 64;
const MAX_GROWN = 64;
const BLOOM = 4096;

function hashStep(hash: number, unit: number): number {
  return (Math.imul(hash, 31) + unit) | 0;
}

function hashOf(token: string): number {
  let hash = 0;
  for (let at = 0; at < token.length; at += 1) hash = hashStep(hash, token.charCodeAt(at));
  return hash & (BLOOM - 1);
}

/** Patterns of values that their owner still holds; forgotten together with the value. */
const made = new WeakMap<KnownValue, readonly Pattern[]>();

function patternsFor(value: KnownValue): readonly Pattern[] {
  const known = made.get(value);
  if (known !== undefined) return known;
  const patterns = patternsOf(value);
  made.set(value, patterns);
  return patterns;
}

function insert(root: Node, pattern: Pattern): void {
  let node = root;
  for (const token of pattern.tokens) {
    node.children ??= new Map();
    let next = node.children.get(token);
    if (next === undefined) {
      next = emptyNode();
      node.children.set(token, next);
    }
    node = next;
  }
  const key = `${pattern.type}\0${pattern.value}`;
  node.patterns ??= new Map();
  if (!node.patterns.has(key)) node.patterns.set(key, pattern);
}

/** End of the token at `at`, or `at` when there is none. */
function tokenEnd(text: string, at: number): number {
  const kind = kindOf(text.charCodeAt(at));
  if (at >= text.length || kind === KIND.separator) return at;
  if (kind !== KIND.letter) return at + 1;
  const most = Math.min(text.length, at + MAX_WORD + 1);
  let end = at + 1;
  while (end < most && kindOf(text.charCodeAt(end)) === KIND.letter) end += 1;
  return end;
}

function isCapital(text: string, at: number): boolean {
  const letter = text[at] ?? '';
  return letter === letter.toUpperCase();
}

/** A number stands for itself: not part of a price, of a longer number or of a code. */
function standsAlone(text: string, start: number, end: number): boolean {
  const before = text.charCodeAt(start - 1);
  const after = text.charCodeAt(end);
  if (isLatin(before) || isLatin(after) || isDigit(before) || isDigit(after)) return false;
  if ((before === 46 || before === 44) && isDigit(text.charCodeAt(start - 2))) return false;
  if ((after === 46 || after === 44) && isDigit(text.charCodeAt(end + 1))) return false;
  return !(before === 36 || before === 0x20ac || before === 0xa3);
}

/** Digits of one number are not gathered from several: as the record groups them, or without any separator. */
function groupedAlike(surface: string, value: string): boolean {
  const normal = (written: string): string => written.trim().replace(/[\s._-]+/g, ' ');
  return (
    !/\D/.test(surface) || normal(surface) === normal(value) || /^\d{3}[ .-]?\d{3}$/.test(surface) || surface.replace(/\D/g, '').length > 6
  );
}

function holds(pattern: Pattern, text: string, start: number, end: number): boolean {
  switch (pattern.condition) {
    case 'always':
      return true;
    case 'capital':
      return isCapital(text, start);
    case 'exact':
      return text.slice(start, end) === pattern.value;
    case 'number':
      return standsAlone(text, start, end) && groupedAlike(text.slice(start, end), pattern.value);
    default:
      return pattern.condition satisfies never;
  }
}

/** A name within a user name stands for all of it: `anna.mueller77`, `mueller_anna`. Not across the end of a sentence. */
function grow(text: string, start: number, end: number): readonly [number, number] {
  const alnum = (at: number): boolean => {
    const unit = text.charCodeAt(at);
    return isDigit(unit) || kindOf(unit) === KIND.letter;
  };
  const lower = (at: number): boolean => alnum(at) && (isDigit(text.charCodeAt(at)) || text[at] === text[at]?.toLowerCase());
  let to = end;
  const most = Math.min(text.length, end + MAX_GROWN);
  for (;;) {
    if (to < most && alnum(to)) to += 1;
    else if (to < most && text[to] === '_' && alnum(to + 1)) to += 2;
    else if (to < most && text[to] === '.' && lower(to + 1)) to += 2;
    else if (to < most && text[to] === '-' && isDigit(text.charCodeAt(to + 1))) to += 2;
    else break;
  }
  let from = start;
  const least = Math.max(0, start - MAX_GROWN);
  for (;;) {
    if (from > least && alnum(from - 1)) from -= 1;
    else if (from > least + 1 && text[from - 1] === '_' && alnum(from - 2)) from -= 2;
    else if (from > least + 1 && text[from - 1] === '.' && lower(from - 2) && lower(from)) from -= 2;
    else break;
  }
  return [from, to];
}

/** The value meant by the patterns that fit: the one written exactly so, else the only one, else nobody's. */
function entryOf(fitting: readonly Pattern[], surface: string): string | null {
  const exact = fitting.find((pattern) => pattern.value === surface);
  if (exact !== undefined) return exact.value;
  const values = new Set(fitting.map((pattern) => pattern.value));
  return values.size === 1 ? (fitting[0] as Pattern).value : null;
}

/** Brackets, quotes and colons end a name; only a disguised address (`anna (at) example.com`) runs through them. */
const APART = /["()[\]{}<>:;|]/;

function report(patterns: readonly Pattern[], text: string, start: number, end: number, out: Hit[]): void {
  const apart = APART.test(text.slice(start, end));
  const fitting = patterns.filter((pattern) => (!apart || pattern.type !== 'PERSON') && holds(pattern, text, start, end));
  if (fitting.length === 0) return;
  const type = DLP_TYPES.find((candidate) => fitting.some((pattern) => pattern.type === candidate)) as Pattern['type'];
  const same = fitting.filter((pattern) => pattern.type === type);
  const [from, to] = type === 'PERSON' || type === 'CUSTOMER_ID' ? grow(text, start, end) : [start, end];
  const grown = from !== start || to !== end;
  const entry = grown ? null : entryOf(same, text.slice(start, end));
  out.push({ start: from, end: to, type, confidence: 1, known: true, personal: true, plain: null, entry });
}

/** Follows the trie from the token at `at`; reports the longest pattern and every shorter one on the way. */
function walk(root: Node, folded: string, at: number, onEnd: (patterns: readonly Pattern[], end: number) => void): void {
  let node: Node | undefined = root;
  let next = at;
  for (;;) {
    const end = tokenEnd(folded, next);
    if (end === next || end - next > MAX_WORD) return;
    node = node.children?.get(folded.slice(next, end));
    if (node === undefined) return;
    const digit = isDigit(folded.charCodeAt(end - 1));
    if (node.patterns !== null && !(digit && isDigit(folded.charCodeAt(end)))) onEnd([...node.patterns.values()], end);
    if (node.children === null) return;
    next = end;
    while (next < end + MAX_GAP && next < folded.length && kindOf(folded.charCodeAt(next)) === KIND.separator) next += 1;
    if (digit && isDigit(folded.charCodeAt(next)) && next - end > MAX_DIGIT_GAP) return;
  }
}

function findPhones(text: string, phones: KnownPhones, out: Hit[]): void {
  for (let at = 0; at < text.length; at += 1) {
    if (!isDigit(text.charCodeAt(at))) continue;
    let end = at;
    for (let start = at; start !== -1; start = nextGroup(text, end)) {
      end = start;
      while (isDigit(text.charCodeAt(end))) end += 1;
    }
    for (const { start, end: to, value } of end - at < 6 ? [] : phones.find(text, at, end)) {
      out.push({ start, end: to, type: 'PHONE', confidence: 1, known: true, personal: true, plain: null, entry: value });
    }
    at = end;
  }
}

export function createKnownMatcher(values: readonly KnownValue[]): KnownMatcher {
  const root = emptyNode();
  const phones = createKnownPhones();
  /** Most conversations know nobody and never need it. */
  let starts: Uint8Array | null = null;
  let size = 0;

  const add = (more: readonly KnownValue[]): void => {
    size += more.length;
    if (size > MAX_KNOWN) {
      throw new SallyportError('DLP_TOO_MANY_KNOWN_VALUES', 'More personal values are known for this run than can be matched at once.');
    }
    if (more.length > 0) starts ??= new Uint8Array(BLOOM);
    for (const value of more) {
      if (value.type === 'PHONE') phones.add(value.value);
      for (const pattern of patternsFor(value)) {
        insert(root, pattern);
        (starts as Uint8Array)[hashOf(pattern.tokens[0] as string)] = 1;
      }
    }
  };

  const find = (text: string): readonly Hit[] => {
    const out: Hit[] = [];
    if (starts !== null && root.children !== null) {
      const folded = fold(text);
      const onStart = (at: number): void =>
        walk(root, folded.text, at, (patterns, end) => report(patterns, text, original(folded, at), originalEnd(folded, end), out));
      findTokens(folded, onStart, starts);
    }
    if (phones.size > 0) findPhones(text, phones, out);
    return out.length < 2 ? out : out.sort((left, right) => left.start - right.start || right.end - left.end);
  };

  add(values);
  return {
    get size() {
      return size;
    },
    add,
    find,
  };
}

function original({ map }: Folded, at: number): number {
  return map === null ? at : (map[at] as number);
}

/** Past the last source character that folded into the stretch. */
function originalEnd({ map }: Folded, end: number): number {
  if (map === null) return end;
  let at = end;
  while (at < map.length - 1 && map[at] === map[end - 1]) at += 1;
  return map[at] as number;
}

/** Calls `onStart` wherever a token begins that some pattern begins with. */
function findTokens({ text }: Folded, onStart: (at: number) => void, starts: Uint8Array): void {
  for (let at = 0; at < text.length; ) {
    const kind = kindOf(text.charCodeAt(at));
    if (kind === KIND.separator) {
      at += 1;
      continue;
    }
    let hash = 0;
    let end = at;
    if (kind === KIND.letter) {
      for (; end < text.length && kindOf(text.charCodeAt(end)) === KIND.letter; end += 1) hash = hashStep(hash, text.charCodeAt(end));
    } else {
      hash = text.charCodeAt(at);
      end = at + 1;
    }
    if (starts[hash & (BLOOM - 1)] === 1) onStart(at);
    if (kind === KIND.digit) while (isDigit(text.charCodeAt(end))) end += 1;
    at = end;
  }
}
