// What the labels of single arguments say about a call of our own runtime: which targets they explain, and whether what leaves may be read
// where it goes. Other callers have no such labels; for them only our own records explain.
// INVARIANT: labels never overrule a closed rule over freshly read records, and never explain a secret below staff.

import type { Facts, MatchedOperation } from '#connectors';
import { type BoundCustomer, type Integrity, integrityRank, type Label, labelToJson, mayRead, minIntegrity } from '#core';
import type { Labelled } from '../types.ts';

type Call = Pick<Labelled, 'argumentLabels' | 'customer' | 'label' | 'integration'>;
type Argument = MatchedOperation['operation']['arguments'][number];

/** The facts with those targets counted as explained that the label of their own value explains. */
export function explainByLabels<Known extends Pick<Facts, 'targets'>>(call: Call, matched: MatchedOperation, facts: Known): Known {
  const labels = call.argumentLabels ?? null;
  if (labels === null) return facts;
  const targets = Object.entries(facts.targets).map(([name, state]) => {
    const argument = matched.operation.arguments.find((candidate) => candidate.name === name);
    const label = labels[name];
    const explained = argument !== undefined && label !== undefined && explains(argument, label, call.customer);
    return [name, explained ? 'explained' : state] as const;
  });
  return { ...facts, targets: Object.fromEntries(targets) };
}

/** Staff's word, or a value of a system of record about the customer of this run and nobody else. */
function explains(argument: Argument, label: Label, customer: BoundCustomer | null): boolean {
  if (argument.targetRules.length > 0) return false;
  if (integrityRank(label.integrity) >= integrityRank('staff')) return true;
  if (argument.role === 'secret' || customer === null) return false;
  const isTheirs = label.subject.size === 1 && label.subject.has(`customer:${customer.id}`);
  return isTheirs && integrityRank(label.integrity) >= integrityRank('system_of_record');
}

/** Worst integrity of the targets and secrets: a value our facts explain stands as high as the record. */
export function strictIntegrity(call: Call, matched: MatchedOperation, facts: Pick<Facts, 'targets'>): Integrity {
  const labels = call.argumentLabels ?? null;
  const own = (name: string): Integrity => (labels === null ? call.label.integrity : (labels[name]?.integrity ?? 'third_party'));
  const strict = strictArguments(matched);
  if (strict.length === 0) return highest(call.label.integrity);
  return strict
    .map(({ name }) => (facts.targets[name] === 'explained' ? highest(own(name)) : own(name)))
    .reduce((left, right) => minIntegrity(left, right));
}

const highest = (integrity: Integrity): Integrity =>
  integrityRank(integrity) > integrityRank('system_of_record') ? integrity : 'system_of_record';

function strictArguments(matched: MatchedOperation): readonly Argument[] {
  return matched.operation.arguments.filter(
    ({ role, name }) => (role === 'target' || role === 'secret') && Object.hasOwn(matched.args, name),
  );
}

/** Whether every text that leaves may be read by the customer it is for, or else by the integration it goes to. */
export function contentReadable(call: Call, matched: MatchedOperation): boolean {
  const labels = call.argumentLabels ?? null;
  if (labels === null) return true;
  const readers = [`integration:${call.integration.name}`, ...(call.customer === null ? [] : [`customer:${call.customer.id}`])];
  return matched.operation.arguments
    .filter(({ role, name }) => role === 'content' && Object.hasOwn(matched.args, name))
    .every(({ name }) => {
      const label = labels[name];
      return label !== undefined && readers.some((reader) => mayRead(label, reader));
    });
}

export function argumentLabelsToJson(labels: Labelled['argumentLabels']) {
  return labels == null ? null : Object.fromEntries(Object.entries(labels).map(([name, label]) => [name, labelToJson(label)]));
}
