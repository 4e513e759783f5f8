// The refusal of a call that would go over the budget of a department: the one limit whose owner is named.

import { type Refusal, refuse } from '#core';

export function overDepartment(
  department: string,
  over: { readonly what: string; readonly window: string; readonly limit: string },
): Refusal {
  return refuse('LIMITS_DEPARTMENT_EXCEEDED', `The call would go over the budget of the workspace ${department}.`, {
    limitOf: 'department',
    workspace: department,
    ...over,
  });
}
