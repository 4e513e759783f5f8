// Who owns a tenant: everything, on all of it, without an end or a condition. Somebody always does.

import { isWhole, type PersonId, type TenantId, type Tx, type UnixMs } from '#core';
import type { EffectiveRow } from './store/effective-rows.ts';
import { holdersOf } from './store/people.ts';

export function makesOwner({ role, scope, condition, expires_at, via, group_id }: EffectiveRow): boolean {
  return role === 'owner' && isWhole(scope) && condition === null && expires_at === null && via === 'direct' && group_id === null;
}

/** The first one first. */
export function ownersIn(tx: Tx, tenant: TenantId, nowMs: UnixMs): Promise<readonly PersonId[]> {
  return holdersOf(tx, tenant, makesOwner, nowMs);
}
