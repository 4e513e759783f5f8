// Notices a dead postmaster and, when asked to, starts it again on the same port, ever more slowly when it keeps dying.
// INVARIANT: every death and every failed restart is reported; a server that is being stopped is never restarted.

import { SallyportError } from '#core';
import { storageFault } from '../errors.ts';
import type { Host } from './host.ts';
import { isPostmasterOf } from './process-identity.ts';

export interface WatchdogOptions {
  readonly host: Host;
  readonly dataDir: string;
  readonly restart: boolean;
  readonly onFault: (fault: SallyportError) => void;
  readonly pid: () => number;
  readonly relaunch: () => Promise<void>;
}

export interface Watchdog {
  stop(): Promise<void>;
}

const CHECK_MS = 500;
const MAX_BACKOFF_MS = 30_000;
/** Alive for this many checks in a row, earlier deaths are forgotten. */
const HEALTHY_CHECKS = 60;

export function backoffMs(deaths: number): number {
  return Math.min(MAX_BACKOFF_MS, CHECK_MS * 2 ** Math.max(0, deaths - 1));
}

export function watch(options: WatchdogOptions): Watchdog {
  let timer: NodeJS.Timeout | null = null;
  let running: Promise<void> = Promise.resolve();
  let isStopped = false;
  let deaths = 0;
  let healthyChecks = 0;

  /** Returns after how long to look again, or null for never. */
  async function check(): Promise<number | null> {
    if (await isPostmasterOf(options.host, options.pid(), options.dataDir)) {
      healthyChecks += 1;
      if (healthyChecks >= HEALTHY_CHECKS) deaths = 0;
      return CHECK_MS;
    }
    if (isStopped) return null;
    healthyChecks = 0;
    deaths += 1;
    options.onFault(storageFault('STORAGE_POSTGRES_DIED', options.restart ? 'it is started again' : 'it stays down'));
    if (!options.restart) return null;
    try {
      await options.relaunch();
    } catch (error) {
      options.onFault(error instanceof SallyportError ? error : storageFault('STORAGE_POSTGRES_DID_NOT_START', undefined, error));
    }
    return backoffMs(deaths);
  }

  function schedule(delayMs: number): void {
    timer = setTimeout(() => {
      running = check().then((nextMs) => {
        if (nextMs !== null && !isStopped) schedule(nextMs);
      });
    }, delayMs);
    timer.unref();
  }

  schedule(CHECK_MS);
  return {
    async stop() {
      isStopped = true;
      if (timer !== null) clearTimeout(timer);
      await running;
    },
  };
}
