// Where the arguments of a run's calls came from: by the labels, which know every value that may have gone into an argument, and by
// finding an argument's whole value in what was read before, which shows what a model took from where. References only, never values.
// Pure: the same journal gives the same origins. They explain; nothing is allowed because of them.

import {
  type Integrity,
  integrityRank,
  isArray,
  isObject,
  type JsonObject,
  type JsonValue,
  type Label,
  labelBy,
  TRUSTED_CONSTANT,
} from '#core';
import type { Action } from './action.ts';
import type { WorkflowDefinition } from './definition.ts';
import { nextAction } from './next-action.ts';
import { type FieldSteps, labelAt, labelled, type ValueLabels, wholeLabel } from './value-labels.ts';
import type { Phase, Progress } from './walk.ts';

export interface Origin {
  readonly argument: string;
  /** `null`: a constant of the signed workflow, or what the run began with. */
  readonly from: { readonly step: string; readonly phase: string; readonly field: string } | null;
  readonly integrity: Integrity;
  readonly sources: readonly string[];
  readonly how: 'label' | 'verbatim';
}

/** Most origins told of one argument, the worst first. */
const MAX_ORIGINS = 12;
/** Shorter values are found everywhere. */
const MIN_VERBATIM_CHARS = 3;
/** Leaves looked at in one phase's value. */
const MAX_LEAVES = 5_000;
const WHOLE = '(result)';
const MARK = '\u0000';

/** Of each call, `step/phase` to the origins of its arguments; of each question to a person, to those of what it shows. */
export function originsOf(definition: WorkflowDefinition, progress: Progress): ReadonlyMap<string, readonly Origin[]> {
  const found = new Map<string, readonly Origin[]>();
  const marked = progress.journal.map((phase) => ({ ...phase, labels: markersOf(phase) }));
  const customerMarks = labelled(mark('customer', 'channel', definition.customer?.id ?? []));
  for (const [nth, phase] of progress.journal.entries()) {
    const before = (journal: readonly Phase[]): Progress => ({
      ...progress,
      journal: journal.slice(0, nth),
      // The first phase names the customer; what comes after knows who it is.
      ...(phase.phase === 'channel' ? { customer: null } : {}),
    });
    const real = nextAction(definition, before(progress.journal));
    const traced = nextAction(definition, { ...before(marked), customerLabels: customerMarks, inputLabels: labelled(TRUSTED_CONSTANT) });
    const [values, labels, marks] = [valuesOf(real), labelsOf(real), labelsOf(traced)];
    const origins = Object.entries(values).flatMap(([argument, value]) => {
      const label = labels[argument] ?? TRUSTED_CONSTANT;
      const byLabel = labelOrigins(argument, { label, marks: marks[argument], progress });
      const verbatim = verbatimOrigins(argument, value, progress.journal.slice(0, nth)).filter(
        ({ from }) =>
          !byLabel.some(
            (known) => known.from?.step === from?.step && known.from?.phase === from?.phase && known.from?.field === from?.field,
          ),
      );
      return [...byLabel, ...verbatim]
        .sort((left, right) => integrityRank(left.integrity) - integrityRank(right.integrity))
        .slice(0, MAX_ORIGINS);
    });
    if (origins.length > 0) found.set(`${phase.step}/${phase.phase}`, origins);
  }
  return found;
}

function valuesOf(action: Action): JsonObject {
  if (action.kind === 'approval') return action.question.shown;
  return action.kind === 'call' || action.kind === 'channel' ? action.args : {};
}

function labelsOf(action: Action): Readonly<Record<string, Label>> {
  if (action.kind === 'approval') return action.shownLabels;
  return action.kind === 'call' || action.kind === 'channel' ? action.argumentLabels : {};
}

/** A label whose only source is the place itself: whatever carries it was made from that place. */
function mark(step: string, phase: string, field: FieldSteps): Label {
  return labelBy('workflow_constant', { sources: new Set([[step, phase, ...field].join(MARK)]) });
}

function markersOf(phase: Phase): ValueLabels {
  return phase.labels.map(({ steps }) => ({ steps, label: mark(phase.step, phase.phase, steps) }));
}

function labelOrigins(
  argument: string,
  { label, marks, progress }: { readonly label: Label; readonly marks: Label | undefined; readonly progress: Progress },
): readonly Origin[] {
  const places = [...(marks?.sources ?? [])].map((text) => text.split(MARK));
  const base = { argument, how: 'label' } as const;
  if (places.length === 0) return [{ ...base, from: null, integrity: label.integrity, sources: [...label.sources].sort() }];
  return places.map(([step = '', phase = '', ...steps]) => {
    const read = progress.journal.find((candidate) => candidate.step === step && candidate.phase === phase);
    const isCustomer = step === 'customer' && phase === 'channel';
    const own = isCustomer ? wholeLabel(progress.customerLabels) : read === undefined ? label : labelAt(read.labels, steps);
    return { ...base, from: { step, phase, field: fieldText(steps) }, integrity: own.integrity, sources: [...own.sources].sort() };
  });
}

/** Earlier results that hold the whole value. What a model said is no place a value comes from. */
function verbatimOrigins(argument: string, value: JsonValue, before: readonly Phase[]): readonly Origin[] {
  const wanted = leavesOf(value).flatMap(({ text }) => (text.length < MIN_VERBATIM_CHARS ? [] : [text]));
  const found: Origin[] = [];
  for (const phase of before) {
    if (phase.outcome !== 'done' || /^(answer|t\d+)$/.test(phase.phase)) continue;
    for (const { steps, text } of leavesOf(phase.value)) {
      if (!wanted.some((one) => holdsWhole(text, one))) continue;
      const from = { step: phase.step, phase: phase.phase, field: fieldText(steps) };
      if (found.some((known) => known.from?.step === from.step && known.from.phase === from.phase && known.from.field === from.field))
        continue;
      const { integrity, sources } = labelAt(phase.labels, steps);
      found.push({ argument, from, integrity, sources: [...sources].sort(), how: 'verbatim' });
    }
  }
  return found;
}

/** The value stands there on its own, not as a part of a longer word. */
function holdsWhole(text: string, value: string): boolean {
  for (let at = text.indexOf(value); at >= 0; at = text.indexOf(value, at + 1)) {
    const [before, after] = [text[at - 1] ?? ' ', text[at + value.length] ?? ' '];
    if (!/[\p{L}\p{N}]/u.test(before) && !/[\p{L}\p{N}]/u.test(after)) return true;
  }
  return false;
}

interface Leaf {
  readonly steps: FieldSteps;
  readonly text: string;
}

function leavesOf(value: JsonValue, steps: FieldSteps = [], found: Leaf[] = []): readonly Leaf[] {
  if (found.length >= MAX_LEAVES) return found;
  if (typeof value === 'string') found.push({ steps, text: value });
  else if (typeof value === 'number') found.push({ steps, text: String(value) });
  else if (isArray(value)) for (const member of value) leavesOf(member, [...steps, '[]'], found);
  else if (isObject(value)) for (const [key, member] of Object.entries(value)) leavesOf(member, [...steps, key], found);
  return found;
}

function fieldText(steps: FieldSteps): string {
  return steps.length === 0 ? WHOLE : steps.map((step, index) => (step === '[]' || index === 0 ? step : `.${step}`)).join('');
}
