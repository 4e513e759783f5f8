// What a program may do in a person's name: what the person could have a workflow do, and nothing more. Pure.
// INVARIANT: a grant with a condition is no ground: whether it holds can not be known while the person is away.

import { type ActedOn, type Action, type Grant, may } from '#core';

/** `action` is one of the guard's. Held itself, or by the right to start workflows on the same thing. */
export function mayThrough(grants: readonly Grant[], action: Action, on: ActedOn): boolean {
  const holder = { grants: grants.filter(({ condition }) => condition === null) };
  return may(holder, action, on) || may(holder, 'workflows.run', on);
}
