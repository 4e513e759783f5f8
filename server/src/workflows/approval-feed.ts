// Hears that an approval changed, and wakes the runs that wait for it. When the feed was lost every waiting run is worth a look.

import { parseId } from '#core';
import { type Database, type Following, follow } from '#storage';
import type { Pauses } from './pauses.ts';
import { runsWaitingFor } from './store/ownership.ts';

const CHANNEL = 'workflows_approval';

export interface ApprovalFeed {
  /** Follows unless it does; called again and again, as the first time may fail. */
  open(): Promise<void>;
  close(): Promise<void>;
}

export function createApprovalFeed(deps: {
  readonly database: Pick<Database, 'inTenant' | 'listen'>;
  readonly pauses: Pauses;
  readonly onFault: (fault: unknown) => void;
}): ApprovalFeed {
  const { database, pauses, onFault } = deps;
  let feed: Following | null = null;
  const hear = async (payload: string): Promise<void> => {
    const [tenantText, approval] = payload.split(' ');
    const tenant = parseId('ten', tenantText);
    if (tenant === null || approval === undefined) return;
    for (const run of await database.inTenant(tenant, (tx) => runsWaitingFor(tx, tenant, approval))) pauses.wake(run);
  };
  return {
    open: async () => {
      feed ??= await follow({
        db: database,
        // It only counts whether the feed is lost, not for how long.
        clock: { now: () => 0 },
        channel: CHANNEL,
        hear,
        // What happened while nobody listened was not heard.
        reload: () => pauses.wakeAll(),
        onFault,
      });
    },
    close: async () => {
      await feed?.close();
      feed = null;
    },
  };
}
