// Whether somebody may do something on the control plane.

import type { AuthorizePorts } from '#control';
import { BUILT_IN_ROLES, may, maySomewhere, ROLES, refuse } from '#core';

export function authorizePort(): AuthorizePorts['authorize'] {
  return (person, action, on) => {
    if (on === 'something' ? maySomewhere(person, action) : may(person, action, on)) return null;
    const allowed = ROLES.filter((role) => BUILT_IN_ROLES[role].actions.includes(action));
    return refuse('CONTROL_ROLE_FORBIDDEN', 'Your roles do not allow this; ask somebody who can give access.', { action, allowed });
  };
}
