// Joins overlapping finds into stretches that are replaced once. INVARIANT: every unit of every personal find is covered;
// dropping one of two overlapping finds is how masked texts leak.

import type { Hit, HitType } from './types.ts';
import { DLP_TYPES } from './types.ts';

const RANK = new Map<HitType, number>([...DLP_TYPES.map((type, index) => [type, index] as const), ['LITERAL', DLP_TYPES.length]]);

function rank(type: HitType): number {
  return RANK.get(type) as number;
}

/** Secrets and card numbers win over everything, for they are never given back; then the longer stretch, then the known, then the rank. */
function outranks(left: Hit, right: Hit): boolean {
  const final = (hit: Hit): boolean => hit.type === 'SECRET' || hit.type === 'CARD';
  if (final(left) !== final(right)) return final(left);
  const lengths = left.end - left.start - (right.end - right.start);
  if (lengths !== 0) return lengths > 0;
  if (left.type === right.type) return left.entry !== null && right.entry === null;
  return rank(left.type) < rank(right.type);
}

function union(hits: readonly Hit[], end: number): Hit {
  const start = (hits[0] as Hit).start;
  let best = hits[0] as Hit;
  let known = false;
  let personal = false;
  for (const hit of hits) {
    if (outranks(hit, best)) best = hit;
    known ||= hit.known;
    personal ||= hit.personal;
  }
  const others = hits.filter((hit) => hit.personal && hit.type !== best.type);
  // What one find says about its value holds for the union only when it is the union.
  const whole = best.start === start && best.end === end;
  const { doubt, ...sure } = best;
  // One certain find among them, and nothing is in doubt.
  const inDoubt = doubt !== undefined && hits.every((hit) => hit.doubt !== undefined);
  return {
    ...sure,
    ...(inDoubt ? { doubt } : {}),
    ...(others.length === 0 ? {} : { within: [...new Set(others.map(({ type }) => type))] }),
    start,
    end,
    known,
    personal,
    plain: whole ? best.plain : null,
    entry: whole ? best.entry : null,
  };
}

export function mergeHits(hits: readonly Hit[]): readonly Hit[] {
  if (hits.length < 2) return hits;
  const sorted = [...hits].sort((left, right) => left.start - right.start || right.end - left.end);
  const merged: Hit[] = [];
  let open: Hit[] = [];
  let end = -1;
  for (const hit of sorted) {
    if (hit.start >= end && open.length > 0) {
      merged.push(union(open, end));
      open = [];
    }
    open.push(hit);
    end = Math.max(open.length === 1 ? hit.end : end, hit.end);
  }
  merged.push(union(open, end));
  return merged;
}
