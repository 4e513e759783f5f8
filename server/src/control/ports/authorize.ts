// Whether somebody may do something, as the control plane asks it: before any route's own code, with what is known of the request.

import type { ActedOn, Action, PersonPrincipal, Refusal } from '#core';

/** `something`: the route shows or changes only what the person's grants cover, so any grant of the action opens it. */
export type AskedOn = ActedOn | 'something';

/** Why somebody may or may not. */
export interface Explanation {
  readonly isAllowed: boolean;
  readonly code: string | null;
  readonly reason: string | null;
  /** The policy that decided. */
  readonly rule: string | null;
  /** What gives it. */
  readonly grant: { readonly id: string; readonly role: string; readonly via: string } | null;
  /** Built-in roles that have it. */
  readonly allowedRoles: readonly string[];
  readonly roles: readonly string[];
  readonly main: string | null;
  /** Names of people who can give it. */
  readonly ask: readonly string[];
}

export interface AuthorizePorts {
  /** Null when they may. `takesAway`: the request only ends something, which no freeze stops. */
  authorize(person: PersonPrincipal, action: Action, on: AskedOn, takesAway?: boolean): Refusal | null;
  /** Which things the person's grants of this action cover: for lists, and for one thing that was looked up. */
  sees(person: PersonPrincipal, action: Action): (on: ActedOn) => boolean;
}
