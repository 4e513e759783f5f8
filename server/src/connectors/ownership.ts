// Whose object is it: the bound customer's, somebody else's, nobody's, or not known. Somebody else's wins over everything, not known over the rest.

import { asIdentifier, SELF, valueAt } from './field-path.ts';
import { entityNamed, idsOf, keyOf, memberOf, namedObjects, recordOf, type View } from './records.ts';
import type { TargetJudgement } from './targets.ts';

/** Best first. */
const ORDER = ['owned', 'unowned', 'unknown', 'foreign'] as const;
export type Ownership = (typeof ORDER)[number];

export function worse(left: Ownership, right: Ownership): Ownership {
  return ORDER.indexOf(left) >= ORDER.indexOf(right) ? left : right;
}

export function ownershipOf(view: View, entity: string, id: string): Ownership {
  const spec = entityNamed(view.manifest, entity);
  if (spec.within !== null) return ownershipWithin(view, spec.within, id);
  if (spec.owner === null && spec.ownerThrough === null) return 'unowned';
  if (view.customer === null) return 'unknown';
  if (spec.owner === SELF) {
    // Read for effects only; a bound customer whom the shop does not know is not known.
    if (id !== view.customer.id) return 'foreign';
    return view.records.get(keyOf(entity, id)) === null ? 'unknown' : 'owned';
  }
  const record = recordOf(view, entity, id);
  if (record === null) return 'unknown';
  const owner = asIdentifier(valueAt(record, spec.ownerThrough?.path ?? (spec.owner as string)));
  if (owner === null) return 'unknown';
  if (spec.ownerThrough !== null) return ownershipOf(view, spec.ownerThrough.entity, owner);
  return owner === view.customer.id ? 'owned' : 'foreign';
}

/** A member belongs to whoever owns the record it is found in. Not in any of the records it would have to be in: somebody else's. */
function ownershipWithin(view: View, within: Parameters<typeof memberOf>[1], id: string): Ownership {
  const parents = idsOf(view, within.entity);
  if (parents.length === 0) return 'unknown';
  const holder = parents.find((parent) => memberOf(recordOf(view, within.entity, parent), within, id) !== null);
  if (holder !== undefined) return ownershipOf(view, within.entity, holder);
  const ofParents = parents.map((parent) => ownershipOf(view, within.entity, parent)).reduce(worse);
  return ofParents === 'unknown' || ofParents === 'unowned' ? 'unknown' : 'foreign';
}

/** One answer for the whole call, and the arguments that name somebody else's object. */
export function summarise(
  view: View,
  targets: readonly TargetJudgement[],
): { ownership: Ownership | 'not_applicable'; foreign: readonly string[] } {
  // A target explained by a rule is as good as the record that explained it; every other named object is judged by itself.
  const explained = targets.flatMap(({ argument, source }) => (source === null ? [] : [{ argument, ownership: source }]));
  const named = namedObjects(view.matched)
    .filter((object) => !explained.some((target) => target.argument === object.argument.name))
    .map(({ argument, entity, id }) => ({ argument: argument.name, ownership: ownershipOf(view, entity, id) }));
  const all = [...named, ...explained];
  const ownership = all.map((each): Summary => each.ownership).reduce(combine, 'not_applicable');
  return {
    ownership: (ownership === 'not_applicable' || ownership === 'unowned') && leavesOutOwner(view) ? 'unknown' : ownership,
    foreign: [...new Set(all.filter((each) => each.ownership === 'foreign').map((each) => each.argument))],
  };
}

/**
 * The operation is about somebody's objects, and the call names none: many servers then mean all of them. Only a result that is itself
 * checked for its customer may be asked for that way.
 */
function leavesOutOwner({ manifest, matched }: View): boolean {
  const isOwned = (entity: string): boolean => {
    const { owner, ownerThrough, within } = entityNamed(manifest, entity);
    return owner !== null || ownerThrough !== null || within !== null;
  };
  return matched.operation.returnsCustomer === null && matched.operation.arguments.some(({ entity }) => entity !== null && isOwned(entity));
}

type Summary = Ownership | 'not_applicable';

/** Objects nobody owns say nothing about the call when it also names owned ones. */
function combine(summary: Summary, next: Summary): Summary {
  if (summary === 'not_applicable' || summary === 'unowned') return next;
  return next === 'unowned' || next === 'not_applicable' ? summary : worse(summary, next);
}
