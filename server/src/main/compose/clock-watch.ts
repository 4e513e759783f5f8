// Watches the machine's clock while the server runs, and compares it with the ledger at the start: entries may only ever be dated
// before earlier ones when the ledger itself says so.

import { newestMoment } from '#audit';
import { formatTime, makeEvent, type TenantId, type UnixMs } from '#core';
import type { Database, EventWriter } from '#storage';
import type { Logger } from '../logger.ts';
import type { SteadyClock } from '../steady-clock.ts';
import { systemRandom } from '../world.ts';
import { codeOf } from './rooms.ts';

/** Two machines of one installation may differ by this, and an entry takes a moment to be signed. */
export const CLOCK_TOLERANCE_MS = 5_000;
const LOOK_MS = 1_000;

export interface ClockWatch {
  stop(): Promise<void>;
}

export interface ClockWatchDeps {
  readonly clock: SteadyClock;
  readonly database: Database;
  readonly events: Pick<EventWriter, 'append'>;
  readonly tenant: TenantId;
  readonly logger: Logger;
}

export async function newestInLedger(database: Database): Promise<UnixMs | null> {
  return database.asSystem('sequencer', newestMoment);
}

export async function watchClock({ clock, database, events, tenant, logger }: ClockWatchDeps): Promise<ClockWatch> {
  let running: Promise<void> = Promise.resolve();
  const tell = (seen: 'start' | 'running', byMs: number, newestMs: UnixMs | null): void => {
    const code = byMs < 0 ? 'MAIN_CLOCK_SET_BACK' : 'MAIN_CLOCK_SET_FORWARD';
    logger.error({ event: 'clock.jumped', code, durationMs: byMs });
    const newest = newestMs === null ? null : formatTime(newestMs);
    const event = makeEvent(
      { clock, random: systemRandom },
      { tenant, type: 'audit.clock.jumped', actor: 'system:clock', subject: tenant, public: { seen, byMs, newest } },
    );
    running = running
      .then(() => events.append(event))
      .catch((fault: unknown) => logger.error({ event: 'clock.fault', code: codeOf(fault) }));
  };

  const newestMs = await newestInLedger(database);
  const behindMs = newestMs === null ? 0 : newestMs - clock.now();
  if (behindMs > CLOCK_TOLERANCE_MS) tell('start', -behindMs, newestMs);

  const unhear = clock.onJump(({ byMs }) => tell('running', byMs, null));
  const timer = setInterval(() => clock.now(), LOOK_MS);
  timer.unref();
  return {
    async stop() {
      clearInterval(timer);
      unhear();
      await running;
    },
  };
}
