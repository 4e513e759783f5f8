// Work that one process of an installation does at a time, round after round: who has the job says a lease in the database, and who dies
// loses it within seconds.
// INVARIANT: a round is begun only by who holds the lease, and only when the last one has ended.

import { endLease, takeLease } from '#audit';
import type { Database, SystemRole } from '#storage';
import { systemClock } from '../world.ts';

const LEASE_MS = 15_000;
/** Whoever holds the lease asks for it anew this often: nobody can take it before it is over. */
const RENEW_MS = 5_000;
/** After a fault, for the database may be away. */
const FAULT_PAUSE_MS = 5_000;

/** Whether a moment set at most `pauseMs` ahead has come; one that lies further ahead was set before the clock was put back. */
export const isTime = (atMs: number, nowMs: number, pauseMs: number): boolean => nowMs >= atMs || atMs - nowMs > pauseMs;

export interface LedRounds {
  start(): void;
  /** Returns when the round under way has ended and another process may begin. */
  stop(): Promise<void>;
}

export interface LedRoundsOptions {
  readonly database: Pick<Database, 'asSystem'>;
  /** Who may take leases. */
  readonly role: SystemRole;
  readonly job: string;
  /** This process. */
  readonly holder: string;
  readonly everyMs: number;
  readonly work: (nowMs: number) => Promise<void>;
  readonly onFault: (thrown: unknown) => void;
  /** Breaks off what the round under way waits for. */
  readonly breakOff: () => void;
  /** What rounds began and did not wait for. */
  readonly drain?: () => Promise<unknown>;
}

export function createLedRounds({ database, role, job, holder, everyMs, work, onFault, breakOff, drain }: LedRoundsOptions): LedRounds {
  const lease = { job, holder };
  let timer: NodeJS.Timeout | null = null;
  let round: Promise<void> | null = null;
  let [roundAtMs, renewAtMs] = [0, 0];

  async function doRound(nowMs: number): Promise<void> {
    if (isTime(renewAtMs, nowMs, RENEW_MS)) {
      if (!(await database.asSystem(role, (tx) => takeLease(tx, { ...lease, forMs: LEASE_MS })))) return;
      renewAtMs = nowMs + RENEW_MS;
    }
    await work(nowMs);
  }

  return {
    start: () => {
      timer = setInterval(() => {
        const nowMs = systemClock.now();
        if (!isTime(roundAtMs, nowMs, FAULT_PAUSE_MS)) return;
        round ??= doRound(nowMs)
          .catch((thrown: unknown) => {
            roundAtMs = systemClock.now() + FAULT_PAUSE_MS;
            onFault(thrown);
          })
          .finally(() => {
            round = null;
          });
      }, everyMs);
      timer.unref();
    },
    stop: async () => {
      if (timer !== null) clearInterval(timer);
      breakOff();
      await round;
      await drain?.();
      await database.asSystem(role, (tx) => endLease(tx, lease)).catch(() => undefined); // it is over by itself in seconds
    },
  };
}
