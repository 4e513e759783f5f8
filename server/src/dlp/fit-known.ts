// Chooses among overlapping matches of known values, so that two people who stand side by side stay two people
// (`Peter Quist, Anna Quist` also reads as `Quist, Anna`). INVARIANT: whatever any match covered stays covered.

import { isWord } from './characters.ts';
import type { Hit, HitType } from './types.ts';
import { DLP_TYPES } from './types.ts';

const RANK = new Map<HitType, number>(DLP_TYPES.map((type, index) => [type, index]));

/** By start, longest first; of equal stretches the one whose value is certain, then by rank. */
function inOrder(left: Hit, right: Hit): number {
  const certain = Number(left.entry === null) - Number(right.entry === null);
  return left.start - right.start || right.end - left.end || certain || (RANK.get(left.type) ?? 0) - (RANK.get(right.type) ?? 0);
}

/** The stretch without separators at its ends, or `null` when nothing else is in it. */
function piece(text: string, hit: Hit, from: number, to: number): Hit | null {
  let start = from;
  let end = to;
  while (start < end && !isWord(text.charCodeAt(start))) start += 1;
  while (end > start && !isWord(text.charCodeAt(end - 1))) end -= 1;
  return start < end ? { ...hit, start, end, entry: null } : null;
}

/** What of `hit` lies outside `taken`, which is sorted and free of overlaps. Calls must come in order of `hit.start`. */
function remainder(text: string, taken: readonly Hit[]): (hit: Hit) => readonly Hit[] {
  let first = 0;
  return (hit) => {
    while (first < taken.length && (taken[first] as Hit).end <= hit.start) first += 1;
    const pieces: (Hit | null)[] = [];
    let from = hit.start;
    for (let at = first; at < taken.length && (taken[at] as Hit).start < hit.end; at += 1) {
      const { start, end } = taken[at] as Hit;
      if (start > from) pieces.push(piece(text, hit, from, start));
      from = Math.max(from, end);
    }
    if (from < hit.end) pieces.push(piece(text, hit, from, hit.end));
    return pieces.filter((found) => found !== null);
  };
}

/** The matches that begin first, longest first, without overlaps; and those that do not fit between them. */
function choose(sorted: readonly Hit[]): { readonly chosen: readonly Hit[]; readonly rest: readonly Hit[] } {
  const chosen: Hit[] = [];
  const rest: Hit[] = [];
  let end = 0;
  for (const hit of sorted) {
    if (hit.start >= end) {
      chosen.push(hit);
      end = hit.end;
    } else if (hit.end > end) rest.push(hit);
  }
  return { chosen, rest };
}

/** Addresses and links that a name may run into (`Quist, anna@example.com`): the name ends where they begin. */
function isSolid(hit: Hit): boolean {
  return hit.type === 'EMAIL' || hit.type === 'URL';
}

export function fitKnown(text: string, known: readonly Hit[], structural: readonly Hit[]): readonly Hit[] {
  if (known.length === 0) return known;
  const solid = choose(structural.filter(isSolid).sort(inOrder)).chosen;
  const outside = remainder(text, solid);
  const isInside = within(solid);
  const trimmed =
    solid.length === 0 ? [...known] : known.flatMap((hit) => (isSolid(hit) || isInside(hit) ? [hit] : cut(hit, outside(hit))));
  trimmed.sort(inOrder);
  const { chosen, rest } = choose(trimmed);
  return rest.length === 0 ? chosen : [...chosen, ...rest.flatMap(remainder(text, chosen))].sort(inOrder);
}

/** The whole hit when nothing was cut off, so that it keeps its value. */
function cut(hit: Hit, pieces: readonly Hit[]): readonly Hit[] {
  const [only] = pieces;
  return pieces.length === 1 && only?.start === hit.start && only.end === hit.end ? [hit] : pieces;
}

function within(solid: readonly Hit[]): (hit: Hit) => boolean {
  let first = 0;
  return (hit) => {
    while (first < solid.length && (solid[first] as Hit).end <= hit.start) first += 1;
    const candidate = solid[first];
    return candidate !== undefined && candidate.start <= hit.start && candidate.end >= hit.end;
  };
}
