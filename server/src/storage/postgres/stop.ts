// Stops a postmaster, patiently at first.
// INVARIANT: only a process proven to be the postmaster of this data folder is ever signalled.

import { setTimeout as pause } from 'node:timers/promises';
import { storageFault } from '../errors.ts';
import type { Host } from './host.ts';
import { isPostmasterOf } from './process-identity.ts';

const POLL_MS = 20;

async function endsWithin(host: Host, pid: number, dataDir: string, timeoutMs: number): Promise<boolean> {
  const deadline = AbortSignal.timeout(timeoutMs);
  while (await isPostmasterOf(host, pid, dataDir)) {
    if (deadline.aborted) return false;
    await pause(POLL_MS);
  }
  return true;
}

/** Fast shutdown, then immediate, then kill; committed data survives all three. */
const STOP_STEPS = [
  { signal: 'SIGINT', timeoutMs: 20_000 },
  { signal: 'SIGQUIT', timeoutMs: 5_000 },
  { signal: 'SIGKILL', timeoutMs: 5_000 },
] as const;

export async function stopPostmaster(host: Host, pid: number, dataDir: string): Promise<void> {
  for (const { signal, timeoutMs } of STOP_STEPS) {
    if (!(await isPostmasterOf(host, pid, dataDir))) return;
    host.kill(pid, signal);
    if (await endsWithin(host, pid, dataDir, timeoutMs)) return;
  }
  throw storageFault('STORAGE_POSTGRES_DID_NOT_STOP', `process ${pid}`);
}
