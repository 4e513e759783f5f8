// What bounds somebody's own access - its end, its condition, its end when unused - is not theirs to lift, unless they own the tenant.

import { type Grant, isOwner, type PersonId, type Refusal, type TenantId, type Tx, type UnixMs } from '#core';
import { refusal } from '../errors.ts';
import { effectiveRows } from '../store/effective-rows.ts';
import { toGrant } from './effective.ts';
import { loosensOwn } from './grant-rules.ts';

interface Who {
  readonly tenant: TenantId;
  readonly actor: string;
  readonly nowMs: UnixMs;
}

/** Why the actor may not hold these as well; null when they are no owner's and lift nothing that bounds what the actor has. */
export async function refuseOwnLimits(tx: Tx, { tenant, actor, nowMs }: Who, made: readonly Grant[]): Promise<Refusal | null> {
  const rows = await effectiveRows(tx, { tenant, person: actor as PersonId, nowMs });
  const held = rows.map((row) => ({ grant: toGrant(row), expireUnusedDays: row.expire_unused_days }));
  if (isOwner({ grants: held.map(({ grant }) => grant) })) return null;
  return made.some((grant) => loosensOwn(held, { grant, expireUnusedDays: null })) ? refusal('IDENTITY_OWN_ACCESS') : null;
}

/** Whether the grant is the actor's, their own or by a group, and they own nothing that would let them change it. */
export async function isBoundBy(tx: Tx, { tenant, actor, nowMs }: Who, grant: string): Promise<boolean> {
  const rows = await effectiveRows(tx, { tenant, person: actor as PersonId, nowMs });
  return rows.some(({ id }) => id === grant) && !isOwner({ grants: rows.map(toGrant) });
}
