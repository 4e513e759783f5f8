// Chooses the unprivileged account for Postgres when we run as root, and says whether that account can reach a path.

import { readFile, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { storageFault } from '../errors.ts';
import { type Account, type Host, OWN_ACCOUNT } from './host.ts';

interface Passwd {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

async function readAccounts(passwdFile: string): Promise<readonly Passwd[]> {
  const text = await readFile(passwdFile, 'utf8');
  return text.split('\n').flatMap((line) => {
    const [name = '', , uid = '', gid = ''] = line.split(':');
    return /^\d+$/.test(uid) && /^\d+$/.test(gid) ? [{ name, uid: Number(uid), gid: Number(gid) }] : [];
  });
}

async function ownerOf(path: string): Promise<number | null> {
  try {
    return (await stat(path)).uid;
  } catch (error) {
    // Nothing there yet, or a file in the way, which the folder's own check reports.
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return null;
    throw error;
  }
}

/** The owner of an existing data folder, else `postgres`, else `nobody`; our own account when we are not root. */
export async function chooseAccount(host: Host, dataDir: string, passwdFile = '/etc/passwd'): Promise<Account> {
  if (host.getuid?.() !== 0) return OWN_ACCOUNT;
  const accounts = (await readAccounts(passwdFile)).filter((account) => account.uid !== 0);
  const owner = await ownerOf(dataDir);
  const chosen =
    accounts.find((account) => account.uid === owner) ??
    accounts.find((account) => account.name === 'postgres') ??
    accounts.find((account) => account.name === 'nobody');
  if (chosen === undefined) throw storageFault('STORAGE_NO_SERVICE_ACCOUNT');
  return { uid: chosen.uid, gid: chosen.gid };
}

const EXECUTE = 1;
const READ = 4;

/** Plain permission bits, as the kernel applies them to an account without further groups. */
async function permits(path: string, account: { uid: number; gid: number }, bits: number): Promise<boolean> {
  const { mode, uid, gid } = await stat(path);
  const shift = uid === account.uid ? 6 : gid === account.gid ? 3 : 0;
  return ((mode >> shift) & bits) === bits;
}

/** The first folder on the way to `path` (itself included when a folder) that the account can not enter, or null. */
export async function firstClosedFolder(path: string, account: Account): Promise<string | null> {
  if (account.uid === null || account.gid === null) return null;
  const folders: string[] = [];
  for (let folder = resolve(path); ; folder = dirname(folder)) {
    folders.unshift(folder);
    if (folder === dirname(folder)) break;
  }
  for (const folder of folders) {
    if (!(await permits(folder, { uid: account.uid, gid: account.gid }, EXECUTE))) return folder;
  }
  return null;
}

/** True when the account may read a file, and run it when `run` is asked. The folders above are checked apart. */
export async function mayUse(path: string, account: Account, use: 'read' | 'run'): Promise<boolean> {
  if (account.uid === null || account.gid === null) return true;
  return permits(path, { uid: account.uid, gid: account.gid }, use === 'run' ? READ | EXECUTE : READ);
}
