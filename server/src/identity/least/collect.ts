// Collects, in one transaction of the tenant, what was granted and what was used.

import type { TenantId, Tx, UnixMs } from '#core';
import { identityFault } from '../errors.ts';
import { customRoles, grantedKeys, grantedRoles, grantedWorkloads, readSettings } from '../store/least.ts';
import { readUsage } from '../store/usage.ts';
import { DAY_MS, type LeastFacts, type Offer } from './propose.ts';

/** What integrations offer, and what approved versions reach: known to the rooms above. */
export interface Offers {
  /** By workload, then integration; and the workloads whose reach an approved version decides. */
  of(
    tenant: TenantId,
    workloads: readonly { readonly id: string; readonly workflow: string | null; readonly integrations: readonly string[] }[],
  ): Promise<Pick<LeastFacts, 'offers' | 'approved'>>;
}

export const NO_OFFERS: Pick<LeastFacts, 'offers' | 'approved'> = {
  offers: new Map<string, ReadonlyMap<string, Offer>>(),
  approved: new Set<string>(),
};

/** `offered` is asked for before: it may look elsewhere, and a transaction does not wait for that. */
export async function collect(
  tx: Tx,
  tenant: TenantId,
  { nowMs, offered }: { readonly nowMs: UnixMs; readonly offered: Pick<LeastFacts, 'offers' | 'approved'> },
): Promise<LeastFacts> {
  const settings = await readSettings(tx, tenant);
  if (settings === null) throw identityFault('IDENTITY_LEAST_INPUT_INVALID', 'tenant');
  const now = new Date(nowMs);
  return {
    nowMs,
    settings,
    workloads: await grantedWorkloads(tx, tenant),
    keys: await grantedKeys(tx, tenant, now),
    roles: await grantedRoles(tx, tenant, now),
    customRoles: await customRoles(tx, tenant),
    used: await readUsage(tx, tenant, { sinceMs: nowMs - settings.windowDays * DAY_MS }),
    ...offered,
  };
}
