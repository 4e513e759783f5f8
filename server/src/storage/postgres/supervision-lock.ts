// One supervisor for one data folder: a second one would stop the database under the first one's feet.
// INVARIANT: a lock left by a killed process is taken over; the lock of a living one never is.

import { open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { storageFault } from '../errors.ts';
import type { Host } from './host.ts';
import { startMark } from './process-identity.ts';

interface Holder {
  readonly pid: number;
  readonly mark: string;
}

function parse(text: string): Holder | null {
  const [pid = '', mark = ''] = text.trim().split(' ');
  return /^\d+$/.test(pid) && mark !== '' ? { pid: Number(pid), mark } : null;
}

async function read(path: string): Promise<Holder | null> {
  try {
    return parse(await readFile(path, 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

async function isAlive(host: Host, holder: Holder): Promise<boolean> {
  return (await startMark(host, holder.pid)) === holder.mark;
}

async function create(path: string, holder: Holder): Promise<boolean> {
  try {
    const file = await open(path, 'wx', 0o600);
    await file.writeFile(`${holder.pid} ${holder.mark}\n`);
    await file.close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Takes the lock and returns how to give it back. `pid` is the caller's own process id. */
export async function takeLock(host: Host, pid: number, stateDir: string): Promise<() => Promise<void>> {
  const path = join(stateDir, 'postgres.lock');
  const self: Holder = { pid, mark: (await startMark(host, pid)) ?? 'unknown' };
  for (let attempt = 0; attempt < 3; attempt += 1) {
    if (await create(path, self)) return () => rm(path, { force: true });
    const holder = await read(path);
    if (holder !== null && (await isAlive(host, holder))) throw storageFault('STORAGE_START_LOCKED', `process ${holder.pid}`);
    // Moving it aside first: of two processes that both saw the dead holder only one succeeds.
    const aside = `${path}.${pid}`;
    await rename(path, aside).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
    });
    await rm(aside, { force: true });
  }
  throw storageFault('STORAGE_START_LOCKED', path);
}
