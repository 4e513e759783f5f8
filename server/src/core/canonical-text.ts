// Two views of a text. `canonicalText` is for MATCHING (recognisers and detectors look at it, offsets lead back);
// `stripHidden` is for FORWARDING (what a person would see). Neither ever adds meaning, and the canonical view is never sent on.

import type { HiddenText } from './hidden-characters.ts';
import { CHARACTER_CLASS, characterClass, hiddenKind, isLegitimate } from './hidden-characters.ts';
import { findHiddenMarkup } from './hidden-markup.ts';
import { foldHomoglyph } from './homoglyphs.ts';

export interface CanonicalText {
  readonly text: string;
  readonly changed: boolean;
  /** Hidden characters that do not belong where they stand. */
  readonly findings: readonly HiddenText[];
  /** Offset in the original of the canonical offset; an offset within an expanded character leads to its start. */
  toOriginal(offset: number): number;
  /** The original stretch that covers a canonical one; whole characters, never cut. */
  toOriginalSpan(start: number, end: number): { readonly start: number; readonly end: number };
}

export interface StrippedText {
  readonly text: string;
  readonly removed: readonly HiddenText[];
}

const NO_FINDINGS: readonly HiddenText[] = Object.freeze([]);
const NOT_PLAIN_ASCII = /[^\t\n\f\r\x20-\x7e]/;
const FOLD_CACHE_ENTRIES = 8192;
/** Marks after one base character; more start a new cluster (UAX #15 stream-safe text), so that work stays linear. */
const MAX_MARKS = 30;
const foldCache = new Map<string, string>();

function unchanged(text: string): CanonicalText {
  return {
    text,
    changed: false,
    findings: NO_FINDINGS,
    toOriginal: (offset) => offset,
    toOriginalSpan: (start, end) => ({ start, end }),
  };
}

function foldAll(characters: string): string {
  let folded = '';
  for (const character of characters) folded += foldHomoglyph(character);
  return folded;
}

/** INVARIANT: a fixed point, so that canonical text is its own canonical text. */
function foldCluster(cluster: string): string {
  const known = foldCache.get(cluster);
  if (known !== undefined) return known;
  let folded = cluster;
  for (let round = 0; round < 4; round += 1) {
    const next = foldAll(foldAll(folded).normalize('NFKC'));
    if (next === folded) break;
    folded = next;
  }
  if (foldCache.size < FOLD_CACHE_ENTRIES && cluster.length <= 8) foldCache.set(cluster, folded);
  return folded;
}

/** Collects hidden characters that touch into one finding. */
function noteHidden(found: HiddenText[], start: number, point: number): void {
  const kind = hiddenKind(point);
  const end = start + (point > 0xffff ? 2 : 1);
  const last = found.at(-1);
  if (last !== undefined && last.kind === kind && last.end === start) found[found.length - 1] = { ...last, end, count: last.count + 1 };
  else found.push({ kind, start, end, count: 1 });
}

/** Pieces of the canonical text in order. A piece of equal length on both sides maps offset by offset, any other as a whole. */
interface Piece {
  readonly at: number;
  readonly length: number;
  readonly from: number;
  readonly to: number;
}

function pieceAt(pieces: readonly Piece[], offset: number): Piece | undefined {
  let low = 0;
  let high = pieces.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((pieces[middle] as Piece).at <= offset) low = middle;
    else high = middle - 1;
  }
  return pieces[low];
}

function mapped(text: string, pieces: readonly Piece[], originalLength: number, findings: readonly HiddenText[]): CanonicalText {
  const startOf = (offset: number): number => {
    if (offset >= text.length) return originalLength;
    const piece = pieceAt(pieces, offset);
    if (piece === undefined) return originalLength;
    return piece.to - piece.from === piece.length ? piece.from + (offset - piece.at) : piece.from;
  };
  const endOf = (offset: number): number => {
    const piece = offset <= 0 ? undefined : pieceAt(pieces, offset - 1);
    if (piece === undefined) return 0;
    return piece.to - piece.from === piece.length ? piece.from + (offset - piece.at) : piece.to;
  };
  return {
    text,
    changed: true,
    findings,
    toOriginal: startOf,
    toOriginalSpan: (start, end) => ({ start: startOf(start), end: end <= start ? startOf(start) : endOf(end) }),
  };
}

function plainAsciiEnd(text: string, from: number): number {
  let at = from;
  for (; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit > 0x7e || (unit < 0x20 && unit !== 10 && unit !== 13 && unit !== 9 && unit !== 12)) break;
  }
  return at;
}

function canonicalize(text: string): CanonicalText {
  const pieces: Piece[] = [];
  const findings: HiddenText[] = [];
  let out = '';
  let at = 0;
  const push = (piece: string, from: number, to: number): void => {
    if (piece === '') return;
    pieces.push({ at: out.length, length: piece.length, from, to });
    out += piece;
  };
  const skipHidden = (point: number): void => {
    if (!isLegitimate(text, at, point)) noteHidden(findings, at, point);
    at += point > 0xffff ? 2 : 1;
  };
  while (at < text.length) {
    const asciiEnd = plainAsciiEnd(text, at);
    // The last ASCII character may compose with a mark that follows it, so it joins the next cluster.
    const runEnd = asciiEnd < text.length ? asciiEnd - 1 : asciiEnd;
    if (runEnd > at) {
      push(text.slice(at, runEnd), at, runEnd);
      at = runEnd;
      continue;
    }
    const first = text.codePointAt(at) as number;
    if (characterClass(first) === CHARACTER_CLASS.hidden) {
      skipHidden(first);
      continue;
    }
    const from = at;
    let cluster = String.fromCodePoint(first);
    at += cluster.length;
    let to = at;
    let marks = 0;
    while (at < text.length && marks < MAX_MARKS) {
      const next = text.codePointAt(at) as number;
      const kind = characterClass(next);
      if (kind === CHARACTER_CLASS.plain) break;
      if (kind === CHARACTER_CLASS.hidden) {
        skipHidden(next);
        continue;
      }
      cluster += String.fromCodePoint(next);
      marks += 1;
      at += next > 0xffff ? 2 : 1;
      to = at;
    }
    push(foldCluster(cluster), from, to);
  }
  return out === text ? unchanged(text) : mapped(out, pieces, text.length, findings);
}

/** The text as recognisers should see it: NFKC, invisible characters gone, look-alikes folded to ASCII; case kept. */
export function canonicalText(text: string): CanonicalText {
  return NOT_PLAIN_ASCII.test(text) ? canonicalize(text) : unchanged(text);
}

/** Invisible characters that do not belong where they stand, in order. */
export function findHiddenCharacters(text: string): readonly HiddenText[] {
  if (!NOT_PLAIN_ASCII.test(text)) return NO_FINDINGS;
  const found: HiddenText[] = [];
  for (let at = 0; at < text.length; ) {
    const point = text.codePointAt(at) as number;
    if (characterClass(point) === CHARACTER_CLASS.hidden && !isLegitimate(text, at, point)) noteHidden(found, at, point);
    at += point > 0xffff ? 2 : 1;
  }
  return found;
}

function cut(text: string, ranges: readonly HiddenText[]): string {
  let kept = '';
  let at = 0;
  for (const range of ranges) {
    kept += text.slice(at, range.start);
    at = range.end;
  }
  return kept + text.slice(at);
}

/** The text as a person would see it: without invisible characters that do not belong and without hidden HTML. */
export function stripHidden(text: string): StrippedText {
  const characters = findHiddenCharacters(text);
  const visible = characters.length === 0 ? text : cut(text, characters);
  const markup = visible.includes('<') ? findHiddenMarkup(visible) : NO_FINDINGS;
  if (markup.length === 0) return { text: visible, removed: characters };
  return { text: cut(visible, markup), removed: [...characters, ...markup] };
}
