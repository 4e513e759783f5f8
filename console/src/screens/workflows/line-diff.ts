// The difference of two texts as lines, with what is the same folded away and changed words marked. Pure; the drawing is elsewhere.

import { diffLines, diffWordsWithSpace } from 'diff';

export interface Piece {
  readonly text: string;
  readonly isChanged: boolean;
}

export interface Line {
  readonly kind: 'same' | 'added' | 'removed';
  readonly before: number | null;
  readonly after: number | null;
  readonly pieces: readonly Piece[];
}

/** A run of lines that are shown, or of equal ones that are folded. */
export interface Part {
  readonly isFolded: boolean;
  readonly lines: readonly Line[];
}

/** Equal lines that stay visible on each side of a change. */
const CONTEXT = 3;
/** Folding fewer lines than this saves nothing. */
const MIN_FOLDED = 4;
/** Longer lines are compared as whole lines: words of such a line would cost more than they tell. */
const MAX_WORD_DIFF = 2_000;

const linesOf = (text: string): readonly string[] => (text === '' ? [] : text.replace(/\n$/, '').split('\n'));
const whole = (text: string): readonly Piece[] => [{ text, isChanged: false }];

export function diffTexts(before: string, after: string): readonly Line[] {
  const lines: Line[] = [];
  let old = 0;
  let next = 0;
  const changes = diffLines(before, after);
  for (let index = 0; index < changes.length; index += 1) {
    const change = changes[index];
    if (change === undefined) break;
    const following = changes[index + 1];
    if (change.removed && following?.added === true) {
      const removed = linesOf(change.value);
      const added = linesOf(following.value);
      const pairs = removed.map((line, at) => wordsOf(line, added[at] ?? null));
      for (const [at, line] of removed.entries())
        lines.push({ kind: 'removed', before: ++old, after: null, pieces: pairs[at]?.[0] ?? whole(line) });
      for (const [at, line] of added.entries())
        lines.push({ kind: 'added', before: null, after: ++next, pieces: pairs[at]?.[1] ?? whole(line) });
      index += 1;
      continue;
    }
    for (const line of linesOf(change.value)) {
      if (change.added) lines.push({ kind: 'added', before: null, after: ++next, pieces: whole(line) });
      else if (change.removed) lines.push({ kind: 'removed', before: ++old, after: null, pieces: whole(line) });
      else lines.push({ kind: 'same', before: ++old, after: ++next, pieces: whole(line) });
    }
  }
  return lines;
}

function wordsOf(before: string, after: string | null): readonly [readonly Piece[], readonly Piece[]] | null {
  if (after === null || before.length + after.length > MAX_WORD_DIFF) return null;
  const words = diffWordsWithSpace(before, after);
  const side = (isOther: (word: { added?: boolean; removed?: boolean }) => boolean): readonly Piece[] =>
    words
      .filter((word) => !isOther(word))
      .map(({ value, added, removed }) => ({ text: value, isChanged: added === true || removed === true }));
  return [side(({ added }) => added === true), side(({ removed }) => removed === true)];
}

export function foldLines(lines: readonly Line[]): readonly Part[] {
  const isNear = lines.map((_, index) =>
    lines.slice(Math.max(0, index - CONTEXT), index + CONTEXT + 1).some(({ kind }) => kind !== 'same'),
  );
  const parts: { isFolded: boolean; lines: Line[] }[] = [];
  for (const [index, line] of lines.entries()) {
    const isFolded = isNear[index] !== true;
    const last = parts.at(-1);
    if (last?.isFolded === isFolded) last.lines.push(line);
    else parts.push({ isFolded, lines: [line] });
  }
  return parts.map((part) => (part.lines.length < MIN_FOLDED ? { ...part, isFolded: false } : part));
}
