// Leaves a transaction so that it is rolled back, with the refusal that is its answer. It never leaves this room.

import { isRefusal, type Refusal, SallyportError, type TenantId, type Tx } from '#core';
import type { Database } from '#storage';

class RolledBack extends SallyportError {
  readonly refusal: Refusal;

  constructor(refusal: Refusal) {
    super(refusal.code, refusal.reason);
    this.refusal = refusal;
  }
}

/** INVARIANT: what ends in a refusal has changed nothing. */
export async function inTenantOrNot<T extends object>(
  db: Pick<Database, 'inTenant'>,
  tenant: TenantId,
  work: (tx: Tx) => Promise<T | Refusal>,
): Promise<T | Refusal> {
  try {
    return await db.inTenant(tenant, async (tx) => {
      const result = await work(tx);
      if (isRefusal(result)) throw new RolledBack(result);
      return result;
    });
  } catch (error) {
    if (error instanceof RolledBack) return error.refusal;
    throw error;
  }
}
