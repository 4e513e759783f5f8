// Notices a dead postmaster and, when asked to, starts it again on the same port, ever more slowly when it keeps dying.
// A full disk is told when it is noticed, and a server that died of one is started again as soon as there is room.
// INVARIANT: every death and every failed restart is reported; a server that is being stopped is never restarted.

import { SallyportError } from '#core';
import { storageFault } from '../errors.ts';
import type { DiskGuard } from './disk-space.ts';
import type { Host } from './host.ts';
import { isPostmasterOf } from './process-identity.ts';

export interface WatchdogOptions {
  readonly host: Host;
  readonly dataDir: string;
  readonly restart: boolean;
  readonly onFault: (fault: SallyportError) => void;
  readonly pid: () => number;
  readonly relaunch: () => Promise<void>;
  readonly disk: DiskGuard;
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
  /** It can not start before there is room again. */
  let waitsForRoom = false;

  async function lookAtDisk(): Promise<boolean> {
    const wasFull = options.disk.fault !== null;
    const fault = await options.disk.look();
    if (fault !== null && !wasFull) options.onFault(fault);
    return fault === null;
  }

  /** Returns after how long to look again, or null for never. */
  async function check(): Promise<number | null> {
    const hasRoom = await lookAtDisk();
    if (await isPostmasterOf(options.host, options.pid(), options.dataDir)) {
      healthyChecks += 1;
      if (healthyChecks >= HEALTHY_CHECKS) deaths = 0;
      return CHECK_MS;
    }
    if (isStopped) return null;
    healthyChecks = 0;
    if (waitsForRoom && !hasRoom) return CHECK_MS;
    deaths += 1;
    if (!waitsForRoom) options.onFault(storageFault('STORAGE_POSTGRES_DIED', options.restart ? 'it is started again' : 'it stays down'));
    if (!options.restart) return null;
    try {
      await options.relaunch();
      waitsForRoom = false;
    } catch (error) {
      waitsForRoom = error instanceof SallyportError && error.code === 'STORAGE_DISK_FULL';
      options.onFault(error instanceof SallyportError ? error : storageFault('STORAGE_POSTGRES_DID_NOT_START', undefined, error));
    }
    return waitsForRoom ? CHECK_MS : backoffMs(deaths);
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
