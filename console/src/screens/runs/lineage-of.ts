// Follows the arguments of one phase back to the text they came from. Pure; the drawing and its table both read what this gives.

import type { Integrity, Origin, Phase } from '../../api/runs.ts';

/** Arguments with the same way behind them. */
export interface Lane {
  readonly args: readonly string[];
  readonly integrity: Integrity;
  readonly sources: readonly string[];
  readonly how: Origin['how'];
  /** Where the text stands; `null` when no single place is known. */
  readonly from: { readonly step: string; readonly phase: string; readonly field: string } | null;
  /** The answer of a model that carried it. */
  readonly through: { readonly step: string; readonly phase: string } | null;
  readonly isOutside: boolean;
}

/** Lowest first, as the server orders them. */
const LEVELS: readonly Integrity[] = ['third_party', 'verified_customer', 'system_of_record', 'staff', 'signed_workflow'];
const OUTSIDE: ReadonlySet<Integrity> = new Set(['third_party', 'verified_customer']);

export const keyOf = ({ step, phase }: { readonly step: string; readonly phase: string }): string => `${step}/${phase}`;
export const isOutside = (integrity: Integrity | null): boolean => integrity !== null && OUTSIDE.has(integrity);

/** The answer in which a model asked for this call: `t0` of `t0.c1`. */
export function askedBy(phases: readonly Phase[], { step, phase, kind }: Phase): Phase | null {
  if (kind !== 'tool' && kind !== 'tool_refused') return null;
  const turn = phase.split('.', 1)[0];
  return phases.find((other) => other.step === step && other.phase === turn && other.kind === 'model') ?? null;
}

const rank = ({ integrity }: Origin): number => LEVELS.indexOf(integrity);

/**
 * What is drawn of an argument: the least trusted place where its whole value stands, and beside it the record that says the same, if
 * there is one; without such a place the model that said it, or the least trusted text that may have shaped it. The table holds all.
 */
function drawnOf(origins: readonly Origin[], isSpoken: (origin: Origin) => boolean): readonly Origin[] {
  const worstFirst = origins.toSorted((left, right) => rank(left) - rank(right));
  const verbatim = worstFirst.filter(({ how }) => how === 'verbatim');
  const [worst] = verbatim;
  if (worst === undefined) return [worstFirst.findLast(isSpoken) ?? worstFirst[0]].filter((origin) => origin !== undefined);
  const record = verbatim.find(({ integrity }) => !isOutside(integrity));
  return record === undefined || record === worst ? [worst] : [worst, record];
}

export function lanesOf(phases: readonly Phase[], phase: Phase): readonly Lane[] {
  const asker = askedBy(phases, phase);
  const args = [...new Set(phase.origins.map(({ argument }) => argument))];
  const lanes = new Map<string, Lane>();
  const sourceOf = ({ from }: Origin): Phase | null =>
    from === null ? null : (phases.find((other) => keyOf(other) === keyOf(from)) ?? null);
  const isSpoken = (origin: Origin): boolean => sourceOf(origin)?.kind === 'model';
  for (const origin of args.flatMap((name) =>
    drawnOf(
      phase.origins.filter(({ argument }) => argument === name),
      isSpoken,
    ),
  )) {
    const source = sourceOf(origin);
    // What a model wrote into a later step came through that model.
    const spoken = source?.kind === 'model' ? source : null;
    const through = asker ?? spoken;
    const from = spoken === null ? origin.from : null;
    const key = JSON.stringify([from, origin.integrity, origin.sources, origin.how, through === null ? null : keyOf(through)]);
    const known = lanes.get(key);
    lanes.set(key, {
      args: [...(known?.args ?? []), origin.argument],
      integrity: origin.integrity,
      sources: origin.sources,
      how: origin.how,
      from,
      through: through === null ? null : { step: through.step, phase: through.phase },
      isOutside: isOutside(origin.integrity),
    });
  }
  return [...lanes.values()].toSorted((left, right) => LEVELS.indexOf(left.integrity) - LEVELS.indexOf(right.integrity));
}

/** Where a stripe begins, what it passes and where it ends, as places in the timeline; `null` without text from outside behind it. */
export function stripeOf(
  phases: readonly Phase[],
  phase: Phase,
): { readonly start: number; readonly via: number | null; readonly end: number } | null {
  const lane = lanesOf(phases, phase).find((each) => each.isOutside);
  if (lane === undefined) return null;
  const indexOf = (place: { step: string; phase: string } | null): number =>
    place === null ? -1 : phases.findIndex((other) => keyOf(other) === keyOf(place));
  const end = indexOf(phase);
  const via = indexOf(lane.through);
  const start = indexOf(lane.from);
  const first = start >= 0 ? start : via;
  return first < 0 || first >= end ? null : { start: first, via: via > first ? via : null, end };
}
