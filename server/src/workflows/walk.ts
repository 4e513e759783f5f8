// What a run knows on its way through the steps: the values so far, the label of each part of them, and what the present branch was
// chosen by.
// INVARIANT: whatever is given inside a branch also carries the label of the branch's condition, and so does its absence.

import { type ApprovalId, type JsonObject, type JsonValue, join, joinAll, type Label } from '#core';
import type { Action } from './action.ts';
import type { Expressions, OnRefusal, Step } from './definition.ts';
import type { LabelScope } from './expression-labels.ts';
import type { Scope } from './expressions.ts';
import { type FieldEntry, labelled, placedAt, type ValueLabels, wholeLabel } from './value-labels.ts';

/** What one phase of a step gave, opened. */
export interface Phase {
  readonly step: string;
  readonly phase: string;
  readonly outcome: 'done' | 'refused' | 'waiting';
  readonly code: string | null;
  readonly approval: ApprovalId | null;
  readonly value: JsonValue;
  readonly labels: ValueLabels;
}

export interface Progress {
  readonly input: JsonObject;
  readonly inputLabels: ValueLabels;
  /** `null` until the customer is known, and for good when the workflow names none. */
  readonly customer: { readonly id: string } | null;
  readonly customerLabels: ValueLabels;
  readonly journal: readonly Phase[];
}

export interface Walk {
  readonly progress: Progress;
  readonly phases: ReadonlyMap<string, Phase>;
  /** What the steps so far gave, under their ids. */
  readonly steps: Record<string, JsonValue>;
  /** The labels of `steps`. */
  readonly labels: FieldEntry[];
  /** What decided that the present step is done at all. */
  readonly context: Label;
}

export const isOpen = (phase: Phase | undefined): phase is undefined | (Phase & { outcome: 'waiting' }) =>
  phase === undefined || phase.outcome === 'waiting';

export const scopeOf = ({ progress, steps }: Walk): Scope => ({ input: progress.input, customer: progress.customer, steps });
export const labelScopeOf = ({ progress, labels }: Walk): LabelScope => ({
  input: progress.inputLabels,
  customer: progress.customerLabels,
  steps: labels,
});

/** The step's expressions have no value here. */
export const stop = (step: string): Action => ({ kind: 'stop', step, code: 'WORKFLOWS_EXPRESSION_FAULT' });

export interface Given {
  readonly value: JsonValue;
  readonly labels: ValueLabels;
  readonly code: string | null;
  /** What the ending of the step depended on. */
  readonly told: Label;
}

/** Later steps see `value`, `refused` and `code` of every step before them. */
export function give(walk: Walk, step: string, { value, labels, code, told }: Given): void {
  walk.steps[step] = { value, refused: code !== null, code };
  const ending = labelled(join(told, walk.context));
  const members = [
    ...placedAt(
      'value',
      labels.map((entry) => ({ ...entry, label: join(entry.label, walk.context) })),
    ),
    ...placedAt('refused', ending),
    ...placedAt('code', ending),
  ];
  for (const { steps, label } of members) walk.labels.push({ steps: [step, ...steps], label });
}

/** Steps of the branch that was not taken: that they are missing tells what the condition was. */
export function leaveOut(walk: Walk, steps: readonly Step[], condition: Label): void {
  for (const step of steps) {
    walk.labels.push({ steps: [step.id], label: condition });
    if (step.kind === 'when') for (const inner of [step.do, step.else]) leaveOut(walk, inner, condition);
  }
}

/** Ends the step with what its phase gave, or the run when the step says so. */
export function settle(walk: Walk, step: { readonly id: string; readonly onRefusal: OnRefusal }, phase: Phase, told: Label): Action | null {
  const code = phase.outcome === 'refused' ? (phase.code ?? 'WORKFLOWS_UNKNOWN') : null;
  if (code !== null && step.onRefusal === 'stop') return { kind: 'stop', step: step.id, code };
  give(walk, step.id, { value: phase.value, labels: phase.labels, code, told: join(told, wholeLabel(phase.labels)) });
  return null;
}

export type Evaluated =
  | { readonly kind: 'values'; readonly values: JsonObject; readonly labels: Readonly<Record<string, ValueLabels>> }
  | { readonly kind: 'fault' };

export function evaluateAll(expressions: Expressions, scope: Scope, labels: LabelScope): Evaluated {
  const values: Record<string, JsonValue> = {};
  const found: Record<string, ValueLabels> = {};
  for (const [name, expression] of Object.entries(expressions)) {
    const result = expression.evaluate(scope);
    if ('fault' in result) return { kind: 'fault' };
    values[name] = result.value;
    found[name] = expression.labels(labels);
  }
  return { kind: 'values', values, labels: found };
}

export function evaluateHere(walk: Walk, expressions: Expressions): Evaluated {
  return evaluateAll(expressions, scopeOf(walk), labelScopeOf(walk));
}

/** One label a member. */
export function wholeLabels(labels: Readonly<Record<string, ValueLabels>>): Readonly<Record<string, Label>> {
  return Object.fromEntries(Object.entries(labels).map(([name, entries]) => [name, wholeLabel(entries)]));
}

export const joined = (labels: Readonly<Record<string, Label>>): Label => joinAll(Object.values(labels));
