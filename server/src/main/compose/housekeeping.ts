// Forgets what has long expired: used statements, ended sessions, settled windows. Nothing that still counts is touched.

import type { TenantId } from '#core';
import type { Database } from '#storage';
import { KEEP_DELIVERIES_MS, pruneDeliveries } from '#workflows';
import type { Logger } from '../logger.ts';
import { systemClock } from '../world.ts';
import { recordUnrecorded } from './hook-ports.ts';
import { codeOf, type Rooms } from './rooms.ts';
import type { Workflows } from './workflows.ts';

const EVERY_MS = 10 * 60_000;
/** Windows are days; a week leaves room for a look back. */
const KEEP_LIMITS_MS = 7 * 24 * 60 * 60_000;

/** `people`: what somebody decided and that runs out; the control plane's. `calls`: what a gateway counted and has not written. `work`: the rest. */
export type Chores = 'people' | 'calls' | 'work';

export interface Housekeeping {
  runOnce(chores: Chores): Promise<void>;
  startFor(chores: Chores): void;
  stop(): Promise<void>;
}

export interface HousekeepingParts {
  readonly database: Database;
  readonly workflows: Pick<Workflows, 'deliveries' | 'erase'>;
  readonly logger: Logger;
  /** Tenants with a legal hold: there retention deletes, which looks at each thing. */
  held(): Promise<readonly TenantId[]>;
}

export function createHousekeeping(rooms: Rooms, { database, workflows, logger, held }: HousekeepingParts): Housekeeping {
  const timers: NodeJS.Timeout[] = [];
  let running: Promise<void> = Promise.resolve();
  const doing: Readonly<Record<Chores, () => Promise<void>>> = {
    people: async () => {
      await rooms.identity.sweep();
      await rooms.identity.closeLapsedBreakGlass();
      await rooms.surroundings.risk.sweep();
      await rooms.usage.prune();
      await rooms.dataHits.prune();
      await rooms.shopGoods.prune();
      await rooms.least.sweep();
      await rooms.agency.delegations.sweep();
    },
    calls: () => recordUnrecorded(rooms, workflows),
    work: async () => {
      const except = await held();
      await database.asSystem('resolver', (tx) => pruneDeliveries(tx, systemClock.now() - KEEP_DELIVERIES_MS, except));
      await workflows.erase(except);
      await rooms.limits.prune(systemClock.now() - KEEP_LIMITS_MS);
    },
  };
  return {
    runOnce: (chores) => doing[chores](),
    startFor: (chores) => {
      const timer = setInterval(() => {
        running = running.then(doing[chores]).catch((fault: unknown) => logger.error({ event: 'housekeeping.fault', code: codeOf(fault) }));
      }, EVERY_MS);
      timer.unref();
      timers.push(timer);
    },
    stop: async () => {
      for (const timer of timers) clearInterval(timer);
      await running;
    },
  };
}
