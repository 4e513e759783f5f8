// A lookup by name, e-mail or filter may only lead to the customer the run is bound to. Checked on the result, before anything of it is released.
// INVARIANT: a result that can not be checked, and a search that found nobody, are refused in the same words as somebody else's.

import { type BoundCustomer, isObject, type JsonValue, type OperationSpec, proven, type Refusal, refuse } from '#core';
import { asIdentifier, searchPath } from './field-path.ts';

export function checkReturnedCustomer(operation: OperationSpec, result: JsonValue, customer: BoundCustomer | null): Refusal | null {
  if (operation.returnsCustomer === null) return null;
  const bound = proven(customer);
  const { found, missing } = searchPath(result, operation.returnsCustomer);
  const ids = found.map(({ value }) => asIdentifier(value));
  const own = bound !== null && !missing && ids.every((id) => id === bound.id);
  // Nobody found: harmless when the call named the bound customer itself (no orders yet). For a search it would tell strangers from
  // customers, so it reads like a stranger.
  const scoped = operation.arguments.some((argument) => argument.entity !== null);
  if (own && (ids.length > 0 || (scoped && isEmpty(result)))) return null;
  return refuse(
    'CONNECTORS_LOOKUP_NOT_BOUND_CUSTOMER',
    'The lookup did not lead to the customer this run is bound to, so its result is withheld.',
    {
      operation: operation.name,
    },
  );
}

/** Nothing but empty lists: counts and cursors beside them are fine, a record is not. */
function isEmpty(result: JsonValue): boolean {
  if (Array.isArray(result)) return result.length === 0;
  return isObject(result) && Object.values(result).every((member) => !isObject(member) && (!Array.isArray(member) || member.length === 0));
}
