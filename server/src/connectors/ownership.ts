// Whose one object is: the bound customer's, somebody else's, nobody's, or not known.

import { asIdentifier, SELF, valueAt } from './field-path.ts';
import { entityNamed, idsOf, keyOf, memberOf, recordOf, type View } from './records.ts';

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
