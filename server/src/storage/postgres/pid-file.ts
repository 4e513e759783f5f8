// Reads what a postmaster says of itself in its data folder, and tells a living one from a stale file.
// INVARIANT: a claim is believed only when the process is proven to be a postmaster of exactly this folder.

import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Host } from './host.ts';
import { isPostmasterOf, processesIn } from './process-identity.ts';

export interface PidFile {
  readonly pid: number;
  readonly port: number;
  readonly isReady: boolean;
}

const POLL_MS = 20;
/** How long a start waits for another postmaster's crash recovery. */
const RECOVERY_TIMEOUT_MS = 120_000;

/** What a postmaster says of itself in its data folder, or null when none claims to run. */
export async function readPidFile(dataDir: string): Promise<PidFile | null> {
  try {
    const lines = (await readFile(join(dataDir, 'postmaster.pid'), 'utf8')).split('\n');
    const pid = Number(lines[0]);
    if (!Number.isInteger(pid) || pid <= 1) return null;
    return { pid, port: Number(lines[3] ?? 0), isReady: (lines[7] ?? '').trim() === 'ready' };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** The living postmaster of this folder, waited for while it recovers; null when a stale file is all there is. */
export async function findPostmaster(host: Host, dataDir: string): Promise<PidFile | null> {
  const deadline = AbortSignal.timeout(RECOVERY_TIMEOUT_MS);
  for (;;) {
    const claimed = await readPidFile(dataDir);
    if (claimed === null || !(await isPostmasterOf(host, claimed.pid, dataDir))) return null;
    if (claimed.isReady || deadline.aborted) return claimed;
    await pause(POLL_MS);
  }
}

/**
 * Postgres leaves a pid file alone whose process id is alive, although the id may belong to another program since a crash.
 * Removed only when it is not a postmaster of this folder and nothing works in the folder any more: the file also guards
 * against the leftovers of a killed server.
 */
export async function removeStalePidFile(host: Host, dataDir: string): Promise<void> {
  const claimed = await readPidFile(dataDir);
  if (claimed === null || (await isPostmasterOf(host, claimed.pid, dataDir))) return;
  if (host.platform === 'linux' && (await processesIn(dataDir)).length > 0) return;
  await rm(join(dataDir, 'postmaster.pid'), { force: true });
}
