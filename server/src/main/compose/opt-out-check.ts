// Calls of the log that were made for a use people may opt out of, for the check that nobody who did was in them.

import type { JsonObject } from '#core';
import type { CheckDeps, UsedCall } from '#governance';
import type { Rooms } from './rooms.ts';

/** Events one check looks at; with more it says so. */
const MAX_EVENTS = 50_000;
const PAGE = 500;
const INTENDED = 'enforcement.call.intended';
const HONOURED = 'governance.opt_out.honoured';

export function optOutCheck({ search, optOuts, guard }: Pick<Rooms, 'search' | 'optOuts' | 'guard'>): Omit<CheckDeps, 'places'> {
  return {
    db: guard.database as CheckDeps['db'],
    optOuts,
    async calls(tenant, { uses, sinceMs }) {
      let looked = 0;
      /** Whether all that matches was seen. */
      const each = async (type: string, see: (at: string, facts: JsonObject) => void): Promise<boolean> => {
        for (let before: number | null = null; looked < MAX_EVENTS; ) {
          const page = await search.page(tenant, { type }, { before, limit: PAGE });
          for (const { entry } of page.events) {
            const at = String(entry.at);
            if (sinceMs !== null && Date.parse(at) < sinceMs) return true;
            looked += 1;
            see(at, entry.public as JsonObject);
          }
          before = page.next;
          if (before === null) return true;
        }
        return false;
      };
      const calls: UsedCall[] = [];
      const isFor = (named: unknown): UsedCall['uses'] => uses.filter((use) => Array.isArray(named) && named.includes(use));
      const isWhole = await each(INTENDED, (at, { uses: named, integration, run, workload }) => {
        const of = isFor(named);
        if (of.length > 0)
          calls.push({
            ...{ at, uses: of, integration: String(integration), workload: String(workload) },
            run: typeof run === 'string' ? run : null,
          });
      });
      let honoured = 0;
      const isCounted = await each(HONOURED, (_at, { uses: named }) => {
        if (isFor(named).length > 0) honoured += 1;
      });
      return { calls, honoured, isWhole: isWhole && isCounted };
    },
  };
}
