// Prepares the data and state folders: who owns them, who can reach them, and whether what lies there is ours.
// INVARIANT: ownership is changed only on folders that are empty or that we made; nothing is ever changed recursively.

import { chmod, chown, lstat, mkdir, readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { storageFault } from '../errors.ts';
import { firstClosedFolder } from './account.ts';
import type { Account } from './host.ts';

const NOT_WRITABLE: ReadonlySet<string> = new Set(['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EEXIST']);

/** Runs a file operation and turns "may not" and "no space" into plain faults that name the folder. */
export async function inFolder<T>(folder: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    if (NOT_WRITABLE.has(code)) throw storageFault('STORAGE_FOLDER_NOT_WRITABLE', folder, error);
    if (code === 'ENOSPC' || code === 'EDQUOT') throw storageFault('STORAGE_DISK_FULL', folder, error);
    throw error;
  }
}

async function makeFolder(folder: string, mode: number): Promise<void> {
  const first = await mkdir(folder, { recursive: true, mode });
  if (first === undefined) return;
  // The umask may have closed folders we just made; only those are opened again.
  for (let made = folder; made.length >= first.length; made = dirname(made)) await chmod(made, mode);
}

/** The folder the supervisor's own files live in. Only its owner may look inside. */
export async function prepareStateFolder(stateDir: string): Promise<void> {
  await inFolder(stateDir, async () => {
    await makeFolder(stateDir, 0o700);
    if (!(await lstat(stateDir)).isDirectory()) throw storageFault('STORAGE_FOLDER_NOT_WRITABLE', stateDir);
  });
}

/** The folder above the data folder, which the database account has to pass through. */
export async function prepareParent(dataDir: string, account: Account): Promise<void> {
  const parent = dirname(dataDir);
  await inFolder(parent, () => makeFolder(parent, account.uid === null ? 0o700 : 0o711));
  const closed = await firstClosedFolder(parent, account);
  if (closed !== null) throw storageFault('STORAGE_PATH_NOT_TRAVERSABLE', closed);
}

export async function giveTo(folder: string, account: Account): Promise<void> {
  if (account.uid !== null && account.gid !== null) await chown(folder, account.uid, account.gid);
}

export type DataFolder = 'absent' | 'empty' | 'initialised';

/** What stands in the data folder; refuses a folder of something else or of another major version. */
export async function inspectDataFolder(dataDir: string, major: number): Promise<DataFolder> {
  const entries = await inFolder(dataDir, async () => {
    try {
      return await readdir(dataDir);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
      throw error;
    }
  });
  if (entries === null) return 'absent';
  if (entries.length === 0) return 'empty';
  if (!entries.includes('PG_VERSION')) throw storageFault('STORAGE_FOLDER_FOREIGN', dataDir);
  const version = (await inFolder(dataDir, () => readFile(join(dataDir, 'PG_VERSION'), 'utf8'))).trim();
  if (version !== String(major)) throw storageFault('STORAGE_DATA_OTHER_VERSION', `data of ${version.slice(0, 10)}, programs of ${major}`);
  return 'initialised';
}
