// What an approver is shown of a request to a model: its doubtful texts, cut to what stands around the doubts. Pure, and bounded.
// INVARIANT: a doubt that is not shown is not among those that can be let through.

import type { Doubt } from '#core';
import type { MarkedText } from '../types.ts';

/** A stretch of an excerpt: words, something found that is handled anyway, something in doubt, or what was left out. */
export interface Piece {
  readonly kind: 'words' | 'found' | 'doubt' | 'cut';
  readonly text: string;
  readonly types: readonly string[];
}

export interface Excerpt {
  /** Where the text stood: `user`, `tool_result`. */
  readonly role: string;
  readonly pieces: readonly Piece[];
}

export interface Excerpts {
  readonly excerpts: readonly Excerpt[];
  /** What is in doubt in them, each once. */
  readonly doubts: readonly Doubt[];
  /** Doubtful places beyond those that are shown. */
  readonly left: number;
}

/** A text is shown whole up to here; of a longer one, what stands around its doubts. */
const WHOLE_CHARS = 1_500;
const AROUND_CHARS = 300;
/** Doubtful places one person is shown for one call, and characters of all excerpts together. */
const MAX_DOUBTS = 50;
const MAX_CHARS = 24_000;

type Mark = MarkedText['marks'][number];

export function excerptsOf(texts: readonly MarkedText[]): Excerpts {
  const excerpts: Excerpt[] = [];
  const doubts = new Map<string, Doubt>();
  let places = 0;
  let chars = 0;
  let left = 0;
  for (const { role, text, marks } of texts) {
    const pieces: Piece[] = [];
    let at = 0;
    for (const window of windowsOf(text, marks)) {
      const inside = marks.filter(({ start, end }) => start >= window.start && end <= window.end);
      const asked = inside.filter(({ isAsked }) => isAsked);
      if (places + asked.length > MAX_DOUBTS || chars + (window.end - window.start) > MAX_CHARS) {
        left += asked.length;
        continue;
      }
      places += asked.length;
      chars += window.end - window.start;
      if (window.start > at) pieces.push(CUT);
      pieces.push(...cutAt(text, window, inside));
      at = window.end;
      for (const { start, end, types } of asked) {
        const doubt = { types, text: text.slice(start, end) };
        doubts.set(`${types.join(' ')}\0${doubt.text}`, doubt);
      }
    }
    if (pieces.length === 0) continue;
    if (at < text.length) pieces.push(CUT);
    excerpts.push({ role, pieces });
  }
  return { excerpts, doubts: [...doubts.values()], left };
}

const CUT: Piece = Object.freeze({ kind: 'cut', text: '…', types: [] });

interface Window {
  readonly start: number;
  readonly end: number;
}

/** Stretches to show: no find is cut through, and those that touch are one. */
function windowsOf(text: string, marks: readonly Mark[]): readonly Window[] {
  if (text.length <= WHOLE_CHARS) return [{ start: 0, end: text.length }];
  const windows: Window[] = [];
  for (const { start, end, isAsked } of marks) {
    if (!isAsked) continue;
    const from = outside(marks, Math.max(0, start - AROUND_CHARS), 'start');
    const to = outside(marks, Math.min(text.length, end + AROUND_CHARS), 'end');
    const last = windows.at(-1);
    if (last !== undefined && from <= last.end) windows[windows.length - 1] = { start: last.start, end: Math.max(last.end, to) };
    else windows.push({ start: from, end: to });
  }
  return windows;
}

/** The place, or the edge of the find it is in. */
function outside(marks: readonly Mark[], at: number, edge: 'start' | 'end'): number {
  return marks.find(({ start, end }) => start < at && at < end)?.[edge] ?? at;
}

function cutAt(text: string, { start, end }: Window, marks: readonly Mark[]): readonly Piece[] {
  const pieces: Piece[] = [];
  let at = start;
  const words = (to: number): void => {
    if (to > at) pieces.push({ kind: 'words', text: text.slice(at, to), types: [] });
  };
  for (const mark of marks) {
    words(mark.start);
    pieces.push({ kind: mark.isAsked ? 'doubt' : 'found', text: text.slice(mark.start, mark.end), types: mark.types });
    at = mark.end;
  }
  words(end);
  return pieces;
}
