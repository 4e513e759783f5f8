// The rules by which a value may have a better label than what it was made from. Everything else in the product joins labels, which only gets worse.
// INVARIANT: outside this file and `labels.ts` no label is written down member by member (the gate `label-rules` looks), so the list is complete.

import { DATA_CLASS_NAMES, DATA_CLASSES, SENSITIVITIES, type Sensitivity } from './data-classes.ts';
import { type Integrity, join, type Label, TRUSTED_CONSTANT, WORST } from './labels.ts';

interface LabelRule {
  /** Who lowers it: a person by deciding, or what a person has approved beforehand. */
  readonly by: 'person' | 'approved';
  readonly integrity: Integrity;
  readonly meaning: string;
}

export const LABEL_RULES = {
  workflow_constant: rule('approved', 'signed_workflow', 'Stands in the text of an approved workflow'),
  registered_prompt: rule('approved', 'staff', 'A system prompt whose digest somebody registered for the integration'),
  person_entered: rule('person', 'staff', 'Typed by somebody who started the run'),
  person_decided: rule('person', 'staff', 'What somebody decided when they were asked'),
  trusted_field: rule('approved', 'system_of_record', 'A field the reviewed manifest of an integration calls trusted'),
  system_said: rule('approved', 'system_of_record', 'What an integration itself says: a signed delivery, that it refused'),
  outsider_said: rule('approved', 'third_party', 'A field, reply or model’s words about which only the kinds of data are declared'),
  caller_sent: rule('approved', 'third_party', 'What a program sent of its own accord: it may read what it wrote'),
} as const satisfies Readonly<Record<string, LabelRule>>;

export type LabelRuleName = keyof typeof LABEL_RULES;

function rule(by: LabelRule['by'], integrity: Integrity, meaning: string): LabelRule {
  return Object.freeze({ by, integrity, meaning });
}

/** The label a rule gives, with the integrity of that rule. What is left out is nobody's, about nobody, for everybody. */
export function labelBy(name: LabelRuleName, given: Partial<Omit<Label, 'integrity'>> = {}): Label {
  return { ...TRUSTED_CONSTANT, ...given, integrity: LABEL_RULES[name].integrity };
}

/** What a program sent: everything may stand in it, and it may read it itself. */
export function sentBy(caller: string): Label {
  const self = new Set([caller]);
  const { pii, subject, regions } = WORST;
  return labelBy('caller_sent', { sources: self, readers: self, pii, subject, regions });
}

/** The same value, of which nobody knows any more who wrote it. */
export function writtenByAnybody(label: Label): Label {
  return join(label, { ...WORST, pii: label.pii, readers: label.readers });
}

/** How sensitive the most sensitive kind of data is that the label says may stand there; it follows from the classes, so no rule lowers it by itself. */
export function sensitivityOf(label: Pick<Label, 'pii'>): Sensitivity {
  let highest = 0;
  for (const component of label.pii) highest = Math.max(highest, RANK_OF[component] ?? SENSITIVITIES.length - 1);
  return SENSITIVITIES[highest] ?? 'restricted';
}

/** A component counts as the most sensitive class that is made of it alone: an identity may be a number of a state. */
const RANK_OF: Readonly<Record<string, number>> = Object.fromEntries(
  [...WORST.pii].map((component) => {
    const alone = DATA_CLASS_NAMES.filter((name) => DATA_CLASSES[name].pii.length === 1 && DATA_CLASSES[name].pii[0] === component);
    const ranks = alone.map((name) => SENSITIVITIES.indexOf(DATA_CLASSES[name].sensitivity));
    return [component, Math.max(...ranks)];
  }),
);
