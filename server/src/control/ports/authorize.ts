// Whether somebody may do something, as the control plane asks it: before any route's own code, with what is known of the request.

import type { ActedOn, Action, PersonPrincipal, Refusal } from '#core';

/** `something`: the route filters what it shows by the person's grants, so any grant of the action opens it. */
export type AskedOn = ActedOn | 'something';

export interface AuthorizePorts {
  authorize(person: PersonPrincipal, action: Action, on: AskedOn): Refusal | null;
}
