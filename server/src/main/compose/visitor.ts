// Who acts from another tenant, for what is written about them, and under what of theirs.

import { type Action, isWhole, type PersonPrincipal, parseId } from '#core';

/** Null for somebody at home. */
export const visitorOf = ({ person, home, tenant }: PersonPrincipal) => (home === tenant ? null : { person, home });

/** The delegation by which somebody of an agency does this: what they make with it ends with it. Of several the one that lasts longest. */
export function underOf(person: PersonPrincipal, action: Action) {
  const by = person.grants
    .filter(({ via, actions, scope }) => via.startsWith('delegation:') && actions.has(action) && isWhole(scope))
    .toSorted((left, right) => (right.expiresAtMs ?? 0) - (left.expiresAtMs ?? 0))[0];
  const under = by === undefined ? null : parseId('dlg', by.via.slice('delegation:'.length));
  return under === null ? {} : { under };
}
