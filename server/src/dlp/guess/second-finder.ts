// What a model of names adds to our own guesses. It only ever covers more: where both found something the stretches are joined and ours says what it
// is, and what has a form keeps what it was recognised as.

import type { NerSpan } from '../ner/find-names.ts';
import type { Hit, HitType } from '../types.ts';

interface Stretch {
  readonly start: number;
  readonly end: number;
}

/** What is left of a find outside stretches that are something else for certain, both in order. */
function outside(find: Stretch, taken: readonly Stretch[]): readonly Stretch[] {
  const left: Stretch[] = [];
  let from = find.start;
  for (const { start, end } of taken) {
    if (start > from) left.push({ start: from, end: start });
    from = Math.max(from, end);
  }
  if (from < find.end) left.push({ start: from, end: find.end });
  return left;
}

const OF_A_NAME = /^[\p{L}\p{M}\p{N}]$/u;

/** Without spaces and punctuation at its ends; null when nothing is left. */
function trimmed(text: string, { start, end }: Stretch): Stretch | null {
  const isInner = (at: number): boolean => OF_A_NAME.test(String.fromCodePoint(text.codePointAt(at) ?? 32));
  let from = start;
  while (from < end && !isInner(from)) from += 1;
  let to = end;
  // The second half of a pair is judged with its first.
  while (to > from && !isInner(to - 1) && !(to - 2 >= from && isInner(to - 2) && text.charCodeAt(to - 1) >= 0xdc00)) to -= 1;
  return from === to ? null : { start: from, end: to };
}

const touches = (left: Stretch, right: Stretch): boolean => left.start < right.end && right.start < left.end;
const BY_START = (left: Stretch, right: Stretch): number => left.start - right.start;

/** The part of a sorted list that touches a stretch; asked in order of `start`. No entry reaches over the next by more than it is long. */
function sweep<T extends Stretch>(sorted: readonly T[]): (stretch: Stretch) => T[] {
  let first = 0;
  return (stretch) => {
    while (first < sorted.length && (sorted[first] as T).end <= stretch.start) first += 1;
    const found: T[] = [];
    for (let at = first; at < sorted.length && (sorted[at] as T).start < stretch.end; at += 1)
      if (touches(sorted[at] as T, stretch)) found.push(sorted[at] as T);
    return found;
  };
}

export function withSecond(text: string, own: readonly Hit[], certain: readonly Hit[], second: readonly NerSpan[]): readonly Hit[] {
  if (second.length === 0) return own;
  const certainInOrder = [...certain].sort(BY_START);
  // A known name may be part of a longer one; everything else that is certain stays what it is.
  const isOther = (type: HitType) => (hit: Hit) => !hit.known || hit.type !== type;
  const nearOwn = sweep(certainInOrder);
  const standing = [...own].sort(BY_START).filter((hit) => !nearOwn(hit).some(isOther(hit.type)));
  const takenNear = sweep(certainInOrder);
  const ownNear = sweep(standing);
  const added: Hit[] = [];
  for (const find of [...second].sort(BY_START)) {
    for (const rest of outside(find, takenNear(find).filter(isOther(find.type)))) {
      const stretch = trimmed(text, rest);
      if (stretch === null) continue;
      const both = ownNear(stretch);
      const place = both.find(({ type }) => type !== 'PERSON') ?? both[0];
      added.push({
        start: Math.min(stretch.start, ...both.map(({ start }) => start)),
        end: Math.max(stretch.end, ...both.map(({ end }) => end)),
        type: place?.type ?? find.type,
        confidence: Math.max(find.confidence, ...both.map(({ confidence }) => confidence)),
        ...{ known: false, personal: true, plain: null, entry: null },
      });
    }
  }
  return added.length === 0 ? own : [...own, ...added];
}
