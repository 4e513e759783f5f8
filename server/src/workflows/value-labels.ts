// The labels of one value, field by field: who may have written each part of it, what it holds and who may see it.
// INVARIANT: the label of a part is the join of every entry that may speak of it; a part nobody speaks of takes the join of what holds it,
// and a value without any entry is the worst there is.

import type { FieldLabel } from '#connectors';
import { isArray, isObject, type JsonValue, join, joinAll, type Label, type LabelJson, labelFromJson, labelToJson, WORST } from '#core';

/** Keys from the value's root; members of a list share the step `[]`. */
export type FieldSteps = readonly string[];

export interface FieldEntry {
  readonly steps: FieldSteps;
  readonly label: Label;
}

export type ValueLabels = readonly FieldEntry[];

export const MEMBER = '[]';

/** One label for all of it. */
export function labelled(label: Label): ValueLabels {
  return [{ steps: [], label }];
}

/** What a manifest says about the fields of a result. */
export function fromFields(fields: readonly FieldLabel[]): ValueLabels {
  return fields.map(({ steps, label }) => ({ steps, label }));
}

/** The label of the whole value. */
export function wholeLabel(labels: ValueLabels): Label {
  return labels.length === 0 ? WORST : joinAll(labels.map((entry) => entry.label));
}

/** The same fields, each also made from what `label` stands for. */
export function tainted(labels: ValueLabels, label: Label): ValueLabels {
  return labels.length === 0 ? labelled(WORST) : labels.map((entry) => ({ steps: entry.steps, label: join(entry.label, label) }));
}

/** The same labels as the member `key` of a new value. */
export function placedAt(key: string, labels: ValueLabels): ValueLabels {
  const entries = labels.length === 0 ? labelled(WORST) : labels;
  return entries.map(({ steps, label }) => ({ steps: [key, ...steps], label }));
}

/** Labels of the member `key`. What is not known by name is judged by all that holds it. */
export function memberOf(labels: ValueLabels, key: string): ValueLabels {
  const found = labels.flatMap(({ steps, label }): FieldEntry[] => {
    if (steps.length === 0) return [{ steps, label }];
    return steps[0] === key ? [{ steps: steps.slice(1), label }] : [];
  });
  return found.length === 0 ? labelled(wholeLabel(labels)) : found;
}

/** Labels of any member, whichever it is. */
export function anyMemberOf(labels: ValueLabels): ValueLabels {
  return labels.length === 0 ? labelled(WORST) : labels.map(({ steps, label }) => ({ steps: steps.slice(1), label }));
}

/** The label of what stands at `steps`. */
export function labelAt(labels: ValueLabels, steps: FieldSteps): Label {
  return wholeLabel(steps.reduce(memberOf, labels));
}

/** Short form for storing: every distinct label once. */
export function labelsToJson(labels: ValueLabels): JsonValue {
  const known = new Map<string, number>();
  const table: LabelJson[] = [];
  const fields = labels.map(({ steps, label }) => {
    const json = labelToJson(label);
    const key = JSON.stringify(json);
    const at = known.get(key) ?? table.push(json) - 1;
    known.set(key, at);
    return [at, ...steps];
  });
  return { table, fields } as unknown as JsonValue;
}

/** INVARIANT: what is not a whole, known form is the worst label; a lost part never raises trust. */
export function labelsFromJson(json: JsonValue | undefined): ValueLabels {
  if (!isObject(json) || !isArray(json.table) || !isArray(json.fields) || json.fields.length === 0) return labelled(WORST);
  const table = json.table.map(labelFromJson);
  const entries: FieldEntry[] = [];
  for (const field of json.fields) {
    if (!isArray(field)) return labelled(WORST);
    const [at, ...steps] = field;
    const label = typeof at === 'number' ? table[at] : undefined;
    if (label === undefined || !steps.every((step) => typeof step === 'string')) return labelled(WORST);
    entries.push({ steps: steps as readonly string[], label });
  }
  return entries;
}
