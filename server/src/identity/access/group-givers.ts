// What the members of a group hold by it, and whether somebody may hand that out by putting people into the group.

import type { GroupId, PersonId, Refusal, TenantId, Tx, UnixMs } from '#core';
import { effectiveRows } from '../store/effective-rows.ts';
import { listGrants } from '../store/grants.ts';
import { findRole } from '../store/roles.ts';
import { actionsOfRole, CUSTOM, toGrant } from './effective.ts';
import { refuseGiver } from './grant-rules.ts';

/** What the group's members hold by it. */
export async function grantsOfGroup(tx: Tx, tenant: TenantId, { group, nowMs }: { readonly group: GroupId; readonly nowMs: UnixMs }) {
  const now = new Date(nowMs);
  const records = (await listGrants(tx, tenant, { subject: group, from: now })).filter(
    ({ expiresAt }) => expiresAt === null || expiresAt > now,
  );
  return Promise.all(
    records.map(async ({ id, role, scope, condition, expiresAt }) => {
      const custom = role.startsWith(CUSTOM) ? await findRole(tx, tenant, role.slice(CUSTOM.length)) : null;
      const actions = actionsOfRole(role, custom?.actions ?? null);
      return { id, role, actions, scope, condition, expiresAtMs: expiresAt?.getTime() ?? null, via: `group:${group}` as const };
    }),
  );
}

type GroupGrants = Awaited<ReturnType<typeof grantsOfGroup>>;

/** Null when the actor may give all of these themselves, or is no person. */
export async function refuseGroupGiver(
  tx: Tx,
  { tenant, actor, nowMs }: { readonly tenant: TenantId; readonly actor: string; readonly nowMs: UnixMs },
  given: GroupGrants,
): Promise<Refusal | null> {
  if (!actor.startsWith('per_')) return null;
  const giver = (await effectiveRows(tx, { tenant, person: actor as PersonId, nowMs })).map(toGrant);
  for (const grant of given) {
    const refused = refuseGiver(giver, grant);
    if (refused !== null) return refused;
  }
  return null;
}
