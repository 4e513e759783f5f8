// Hears that an approval changed, and wakes the runs that wait for it. When the feed was lost every waiting run is worth a look.

import { parseId } from '#core';
import type { Database } from '#storage';
import type { Pauses } from './pauses.ts';
import { runsWaitingFor } from './store/ownership.ts';

const CHANNEL = 'workflows_approval';

export interface ApprovalFeed {
  /** Listens unless it does; called again and again. */
  open(): Promise<void>;
  close(): Promise<void>;
}

export function createApprovalFeed(deps: {
  readonly database: Pick<Database, 'inTenant' | 'listen'>;
  readonly pauses: Pauses;
  readonly onFault: (fault: unknown) => void;
}): ApprovalFeed {
  const { database, pauses, onFault } = deps;
  let stop: (() => Promise<void>) | null = null;
  const hear = async (payload: string): Promise<void> => {
    const [tenantText, approval] = payload.split(' ');
    const tenant = parseId('ten', tenantText);
    if (tenant === null || approval === undefined) return;
    for (const run of await database.inTenant(tenant, (tx) => runsWaitingFor(tx, tenant, approval))) pauses.wake(run);
  };
  return {
    open: async () => {
      if (stop !== null) return;
      const lost = (): void => {
        stop = null;
      };
      stop = await database.listen(CHANNEL, (payload) => void hear(payload).catch(onFault), lost);
      // What happened while nobody listened was not heard.
      pauses.wakeAll();
    },
    close: async () => {
      await stop?.();
      stop = null;
    },
  };
}
