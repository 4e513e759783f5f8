// What stands in the timeline of a run: its phases, and calls that belong to none of them. Pure.

import type { Phase, RunDetails } from '../../api/runs.ts';
import type { Call } from '../../api/types.ts';
import { keyOf } from './lineage-of.ts';

export interface Moment {
  /** As it stands in the address. */
  readonly key: string;
  readonly at: string;
  readonly phase: Phase | null;
  /** `null` for a phase that made no call. */
  readonly call: string | null;
  /** Known when the call came with the run. */
  readonly view: Call | null;
}

export function momentsOf({ phases, callViews }: RunDetails): { readonly steps: readonly Moment[]; readonly calls: readonly Moment[] } {
  const views = new Map(callViews.map((view) => [view.call, view]));
  const named = new Set(phases.map(({ call }) => call));
  const steps = phases.map((phase) => ({
    key: keyOf(phase),
    at: phase.at,
    phase,
    call: phase.call,
    view: phase.call === null ? null : (views.get(phase.call) ?? null),
  }));
  const calls = callViews
    .filter(({ call }) => !named.has(call))
    .map((view) => ({ key: view.call, at: view.at, phase: null, call: view.call, view }))
    .toSorted((left, right) => left.at.localeCompare(right.at));
  return { steps, calls };
}

/** What is looked at when the address names nothing: what was refused first, what waits, else the newest. */
export function firstLook(moments: readonly Moment[]): Moment | undefined {
  const ended = (outcome: string) => (moment: Moment) => (moment.phase?.outcome ?? moment.view?.outcome) === outcome;
  return moments.find(ended('refused')) ?? moments.find(ended('waiting')) ?? moments.at(-1);
}
