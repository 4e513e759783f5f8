// Which checks of the guard a call passed, where it was stopped, and what each of them found, told from its events alone. Pure.
// What the ledger does not say is said to be unknown; nothing is guessed.

import type { CallTrace, Json, JsonMap } from '../../api/types.ts';

/** As the guard runs them. */
export const STAGES = [
  'authenticate',
  'label',
  'segment',
  'screen',
  'resolve_facts',
  'authorize',
  'render',
  'commit',
  'send',
  'screen_output',
  'release',
] as const;

export type Stage = (typeof STAGES)[number];
export type StageState = 'passed' | 'refused' | 'asked' | 'unreached' | 'failed' | 'unknown' | 'now';

const COMMIT = STAGES.indexOf('commit');
const SEND = STAGES.indexOf('send');

const isMap = (value: Json | undefined): value is JsonMap => typeof value === 'object' && value !== null && !Array.isArray(value);

/** What the events of a call state, evidence included; a later event wins. */
export function factsOf(trace: CallTrace): JsonMap {
  return Object.assign(
    {},
    ...trace.events.flatMap(({ entry }) => [isMap(entry.public.evidence) ? entry.public.evidence : {}, entry.public]),
  );
}

export function textsOf(trace: CallTrace, name: string): readonly string[] {
  const lists = trace.events.flatMap(({ entry }) => [
    entry.public[name],
    isMap(entry.public.evidence) ? entry.public.evidence[name] : null,
  ]);
  const texts = lists.flatMap((value) => (Array.isArray(value) ? value : [])).filter((value): value is string => typeof value === 'string');
  return [...new Set(texts)];
}

/** How many values of each class were replaced. */
export function replacedOf(trace: CallTrace): readonly { readonly type: string; readonly count: number }[] {
  const counts = new Map<string, number>();
  for (const { entry } of trace.events) {
    if (!isMap(entry.public.tokenised)) continue;
    for (const [type, count] of Object.entries(entry.public.tokenised)) counts.set(type, (counts.get(type) ?? 0) + Number(count));
  }
  return [...counts].map(([type, count]) => ({ type, count })).toSorted((left, right) => right.count - left.count);
}

export function stagesOf(trace: CallTrace): readonly { readonly stage: Stage; readonly state: StageState }[] {
  const states = statesOf(trace);
  return STAGES.map((stage, nth) => ({ stage, state: states(nth) }));
}

function statesOf(trace: CallTrace): (nth: number) => StageState {
  const upTo =
    (at: number, here: StageState, after: StageState) =>
    (nth: number): StageState =>
      nth < at ? 'passed' : nth === at ? here : after;
  const isIntended = trace.events.some(({ entry }) => entry.type === 'enforcement.call.intended');
  const left = (here: StageState, after: StageState): ((nth: number) => StageState) =>
    isIntended ? upTo(SEND, here, after) : upTo(0, 'passed', 'unknown');
  switch (trace.outcome) {
    case 'completed':
      return () => 'passed';
    case 'refused':
    case 'asked': {
      const at = STAGES.indexOf(trace.stage as Stage);
      return at < 0 ? () => 'unknown' : upTo(at, trace.outcome === 'asked' ? 'asked' : 'refused', 'unreached');
    }
    case 'faulted':
      return typeof factsOf(trace).upstreamStatus === 'number' ? upTo(SEND + 1, 'failed', 'unreached') : left('failed', 'unreached');
    case 'unresolved':
      return upTo(COMMIT + 1, 'unknown', 'unknown');
    case 'underway':
      return left('now', 'unreached');
    default:
      return left('unknown', 'unknown');
  }
}
