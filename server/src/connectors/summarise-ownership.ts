// One answer to "whose objects does this call touch" from all the objects it names. Somebody else's wins over everything, not known over the rest.

import { type Ownership, ownershipOf, worse } from './ownership.ts';
import { entityNamed, namedObjects, type View } from './records.ts';
import type { TargetJudgement } from './targets.ts';

/** One answer for the whole call, and the arguments that name somebody else's object. */
export function summariseOwnership(
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
