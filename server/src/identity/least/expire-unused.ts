// Ends grants that were to end when nobody uses them, and did not get used for that long.
// INVARIANT: the last owner's never ends; the time counts from the grant, from its last use and from when counting began, whichever is later.

import { type Clock, makeEvent, type Random, type TenantId } from '#core';
import { appendEvents, type Database } from '#storage';
import { actionsOfRole } from '../access/effective.ts';
import { announceSubject, closeGrant } from '../store/grants.ts';
import { collect, NO_OFFERS } from './collect.ts';
import { DAY_MS, indexUse, isOwning, usedActions } from './propose.ts';

export interface ExpireDeps {
  readonly db: Pick<Database, 'inTenant'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly refresh: (change: { readonly tenant: TenantId; readonly kind: 'person'; readonly id: string }) => Promise<void>;
}

export async function expireUnused(deps: ExpireDeps, tenant: TenantId): Promise<number> {
  const ended = await deps.db.inTenant(tenant, async (tx) => {
    const nowMs = deps.clock.now();
    const facts = await collect(tx, tenant, { nowMs, offered: NO_OFFERS });
    const use = indexUse(facts.used);
    const people: string[] = [];
    let count = 0;
    for (const grant of facts.roles) {
      const days = grant.expireUnusedDays;
      if (days === null || isOwning(grant)) continue;
      const lastUsed = usedActions(use, grant, actionsOfRole(grant.role, grant.actions)).map(({ lastAtMs }) => lastAtMs);
      const sinceMs = Math.max(grant.createdAt.getTime(), facts.settings.observedSinceMs, ...lastUsed);
      if (sinceMs > nowMs - days * DAY_MS) continue;
      if (!(await closeGrant(tx, tenant, grant.id, { by: 'system:least', at: new Date(nowMs) }))) continue;
      people.push(...(await announceSubject(tx, tenant, grant.subject)));
      const lastUsedAt = lastUsed.length === 0 ? null : new Date(Math.max(...lastUsed)).toISOString();
      const told = { subject: grant.subject, role: grant.role, days, lastUsedAt };
      await appendEvents(tx, [
        makeEvent(deps, { tenant, type: 'identity.grant.expired_unused', actor: 'system:least', subject: grant.id, public: told }),
      ]);
      count += 1;
    }
    return { people, count };
  });
  for (const id of ended.people) await deps.refresh({ tenant, kind: 'person', id });
  return ended.count;
}
