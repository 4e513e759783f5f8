// Notices a dead postmaster and, when asked to, starts it again on the same port.
// INVARIANT: it gives up loudly after a few failures in a row; it never restarts a server that is being stopped.

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
/** Deaths in a row, each within the healthy time, before it stays down. */
const MAX_RESTARTS = 5;
const HEALTHY_CHECKS = 60;

export function watch(options: WatchdogOptions): Watchdog {
  let timer: NodeJS.Timeout | null = null;
  let running: Promise<void> = Promise.resolve();
  let isStopped = false;
  let restarts = 0;
  let healthyChecks = 0;

  async function check(): Promise<void> {
    if (await isPostmasterOf(options.host, options.pid(), options.dataDir)) {
      healthyChecks += 1;
      if (healthyChecks >= HEALTHY_CHECKS) restarts = 0;
      return;
    }
    if (isStopped) return;
    healthyChecks = 0;
    restarts += 1;
    const willRestart = options.restart && restarts <= MAX_RESTARTS;
    options.onFault(storageFault('STORAGE_POSTGRES_DIED', willRestart ? 'it is started again' : 'it stays down'));
    if (!willRestart) {
      isStopped = true;
      return;
    }
    await options.relaunch();
  }

  function schedule(): void {
    if (isStopped) return;
    timer = setTimeout(() => {
      running = check()
        .catch((error: unknown) => {
          options.onFault(error instanceof SallyportError ? error : storageFault('STORAGE_POSTGRES_DID_NOT_START', undefined, error));
        })
        .then(schedule);
    }, CHECK_MS);
    timer.unref();
  }

  schedule();
  return {
    async stop() {
      isStopped = true;
      if (timer !== null) clearTimeout(timer);
      await running;
    },
  };
}
