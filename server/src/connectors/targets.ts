// Whether a target of the call (who gets money, data or a message) is explained by a record we read ourselves.
// Only equality with a value found there explains; a caller's word, a similar value or a value from text never does.

import { type ArgumentSpec, isObject, type JsonValue, type TargetRule } from '#core';
import { asIdentifier, searchPath } from './field-path.ts';
import { type Ownership, ownershipOf, worse } from './ownership.ts';
import { elements, idsOf, recordOf, type View } from './records.ts';

export interface TargetJudgement {
  readonly argument: string;
  readonly explained: boolean;
  /** The argument breaks a rule that nobody may override. */
  readonly broken: boolean;
  /** Whose record explained it by a rule; null when no rule did. */
  readonly source: Ownership | null;
}

export function judgeTargets(view: View): readonly TargetJudgement[] {
  return view.matched.operation.arguments
    .filter((argument) => (argument.role === 'target' || argument.role === 'secret') && Object.hasOwn(view.matched.args, argument.name))
    .map((argument) => judgeTarget(view, argument, view.matched.args[argument.name] as JsonValue));
}

function judgeTarget(view: View, argument: ArgumentSpec, value: JsonValue): TargetJudgement {
  const { name: argumentName, entity } = argument;
  const parts = elements(value).map((element) => asIdentifier(element));
  if (argument.role === 'target' && argument.targetRules.length > 0) {
    const source = sourceOf(
      parts,
      argument.targetRules.flatMap((rule) => allowedValues(view, rule)),
    );
    // An empty list sends to nobody.
    const explained = parts.length === 0 || (source !== null && source !== 'foreign');
    return { argument: argumentName, explained, broken: !explained && argument.otherTargets === 'refuse', source };
  }
  // A secret is never explained by a record: nobody's data says which password or key to set.
  const owned =
    argument.role === 'target' && entity !== null && parts.every((id) => id !== null && ownershipOf(view, entity, id) === 'owned');
  return { argument: argumentName, explained: owned, broken: false, source: null };
}

interface Allowed {
  readonly value: string;
  readonly ownership: Ownership;
}

/** The worst owner over all parts of the value, each taken from its best matching record; null when a part matches none. */
function sourceOf(parts: readonly (string | null)[], allowed: readonly Allowed[]): Ownership | null {
  let source: Ownership | null = null;
  for (const part of parts) {
    const matches = allowed.filter((candidate) => candidate.value === part);
    if (matches.length === 0) return null;
    const best = matches.map((match) => match.ownership).reduce((left, right) => (worse(left, right) === left ? right : left));
    source = source === null ? best : worse(source, best);
  }
  return source;
}

function allowedValues(view: View, rule: TargetRule): readonly Allowed[] {
  return idsOf(view, rule.entity).flatMap((id) => {
    const record = recordOf(view, rule.entity, id);
    if (record === null) return [];
    const ownership = ownershipOf(view, rule.entity, id);
    return valuesAt(record, rule).map((value) => ({ value, ownership }));
  });
}

function valuesAt(record: JsonValue, rule: TargetRule): readonly string[] {
  const keyed = rule.path === '*' || rule.path.endsWith('.*');
  return searchPath(record, rule.path).found.flatMap(({ value, holder, key }) => {
    // A path that ends in `*` over objects means the keys themselves, with conditions on the member.
    const member = keyed && isObject(value);
    const conditions = member ? value : holder;
    const meets = Object.entries(rule.where).every(
      ([name, expected]) => isObject(conditions) && Object.hasOwn(conditions, name) && conditions[name] === expected,
    );
    const text = member ? key : asIdentifier(value);
    return meets && text !== null ? [text] : [];
  });
}
