// Watches how much room the disk of the data folder has: Postgres that runs out of it in the middle of a commit has to be started anew.
// INVARIANT: what is refused here is only the beginning of something; what has begun may use the room that is kept to be written down.

import { statfs } from 'node:fs/promises';
import type { SallyportError } from '#core';
import { storageFault } from '../errors.ts';

export interface DiskGuard {
  /** Looks now; tells the fault, or null while there is room. */
  look(): Promise<SallyportError | null>;
  /** What the last look found. */
  readonly fault: SallyportError | null;
}

/** Room kept for what has begun, and for Postgres to write the log of half a second between two looks. */
export const MIN_FREE_BYTES = 100_000_000;
/** So much more has to be free before work goes on: a disk at the edge would else refuse and allow by turns. */
const RESUME_RATIO = 1.3;

async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

export function createDiskGuard(folder: string, minFreeBytes: number): DiskGuard {
  let fault: SallyportError | null = null;
  return {
    get fault() {
      return fault;
    },
    async look() {
      // A folder that can not be asked is not full; whatever is wrong with it is found out by the server.
      const free = await freeBytes(folder).catch(() => Number.POSITIVE_INFINITY);
      const wanted = fault === null ? minFreeBytes : minFreeBytes * RESUME_RATIO;
      if (free >= wanted) fault = null;
      else
        fault ??= storageFault(
          'STORAGE_DISK_FULL',
          `${Math.floor(free / 1_000_000)} MB are free in ${folder}, ${Math.ceil(wanted / 1_000_000)} MB are kept`,
        );
      return fault;
    },
  };
}
