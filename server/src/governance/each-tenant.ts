// The same for one tenant after the other. INVARIANT: what fails for one keeps it from no other; the first fault is thrown at the end.

import type { TenantId } from '#core';

export async function eachTenant(tenants: readonly TenantId[], work: (tenant: TenantId) => Promise<unknown>): Promise<void> {
  const faults: unknown[] = [];
  for (const tenant of tenants)
    try {
      await work(tenant);
    } catch (fault) {
      faults.push(fault);
    }
  if (faults.length > 0) throw faults[0];
}
