// Who owns a tenant: everything, on all of it, without an end or a condition. Somebody always does.

import { isOwner, isWhole, type PersonId, type TenantId, type Tx, type UnixMs } from '#core';
import { toGrant } from '../access/effective.ts';
import type { EffectiveRow } from '../store/effective-rows.ts';
import { holdersOf } from '../store/people.ts';

export function makesOwner({ role, scope, condition, expires_at, via, group_id }: EffectiveRow): boolean {
  return role === 'owner' && isWhole(scope) && condition === null && expires_at === null && via === 'direct' && group_id === null;
}

/** The first one first. */
export function ownersIn(tx: Tx, tenant: TenantId, nowMs: UnixMs): Promise<readonly PersonId[]> {
  return holdersOf(tx, tenant, makesOwner, nowMs);
}

/** Everybody who owns it at this moment, also those for whom that ends by itself: nobody but an owner becomes or removes one of them. */
export function actingOwnersIn(tx: Tx, tenant: TenantId, nowMs: UnixMs): Promise<readonly PersonId[]> {
  return holdersOf(tx, tenant, (row) => isOwner({ grants: [toGrant(row)] }), nowMs);
}
