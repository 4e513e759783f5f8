// Files that hold keys: read only when nobody else could have read or written them, replaced whole, and written over before they go.
// INVARIANT: at every moment the name stands for one whole file, the old or the new one; what is left of the old one is found and wiped later.

import { constants, type FileHandle, link, lstat, open, readdir, rename, stat, unlink } from 'node:fs/promises';
import { platform, userInfo } from 'node:os';
import { basename, dirname, join } from 'node:path';
import type { Random } from '#core';
import { syncFolder, writeNewFile } from '#storage';

const OWNER_ONLY = 0o600;
const GROUP_AND_OTHERS = 0o077;
const isWindows = platform() === 'win32'; // there the file's access list decides, which Node does not show
const MAX_WIPE_BYTES = 1_048_576;

type Unusable = (detail: string, cause?: unknown) => Error;

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code;

/** What the file says, or null when there is none. */
export async function readPrivateFile(path: string, maxBytes: number, unusable: Unusable): Promise<string | null> {
  let found: Awaited<ReturnType<typeof lstat>>;
  try {
    found = await lstat(path);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw unusable('it can not be looked at', error);
  }
  if (!found.isFile()) throw unusable('it is not a plain file');
  let file: FileHandle;
  try {
    file = await open(path, constants.O_RDONLY | (isWindows ? 0 : constants.O_NOFOLLOW));
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw unusable('it can not be opened', error);
  }
  try {
    const { mode, uid, size } = await file.stat();
    if (!isWindows && (mode & GROUP_AND_OTHERS) !== 0) throw unusable('others may read or write it; run chmod 600 on it');
    if (!isWindows && uid !== userInfo().uid) throw unusable('it belongs to another user than the one this runs as');
    if (size === 0 || size > maxBytes) throw unusable('it has the wrong size; restore it from your copy');
    return await file.readFile('utf8');
  } finally {
    await file.close();
  }
}

const oldName = (path: string): string => `${path}.old`;
const isDraft = (path: string, name: string): boolean => name.startsWith(`${basename(path)}.new-`);

/**
 * Replaces the file, and writes over what it held before. Only one process at a time may do this to a file.
 * What writing over means is the file system's matter: one that copies on write, or a disk that remaps, may keep the old bytes.
 */
export async function replacePrivateFile(path: string, text: string, random: Random): Promise<void> {
  await wipeLeftovers(path, random);
  const folder = dirname(path);
  const draft = `${path}.new-${Buffer.from(random.bytes(8)).toString('hex')}`;
  await writeNewFile(draft, text, OWNER_ONLY);
  await link(path, oldName(path)).catch((error: unknown) => {
    if (codeOf(error) !== 'ENOENT') throw error;
  });
  await syncFolder(folder);
  await rename(draft, path);
  await syncFolder(folder);
  await wipeLeftovers(path, random);
}

/** What a killed replacement left: drafts, and the old file under its second name. */
export async function wipeLeftovers(path: string, random: Random): Promise<void> {
  const folder = dirname(path);
  const now = await stat(path).catch(() => null);
  for (const name of await readdir(folder).catch(() => [])) {
    const left = join(folder, name);
    if (left !== oldName(path) && !isDraft(path, name)) continue;
    const it = await stat(left).catch(() => null);
    if (it === null) continue;
    // Killed before the new file took the name: both names are the same file, which is still the one in use.
    if (now !== null && it.ino === now.ino && it.dev === now.dev) await unlink(left);
    else await wipe(left, random);
  }
}

/** Writes over the file's bytes, flushes, and takes its name away. */
export async function wipe(path: string, random: Random): Promise<void> {
  const file = await open(path, 'r+');
  try {
    const { size } = await file.stat();
    const length = Math.min(size, MAX_WIPE_BYTES);
    if (length > 0) await file.write(random.bytes(length), 0, length, 0);
    await file.sync();
  } finally {
    await file.close();
  }
  await unlink(path);
  await syncFolder(dirname(path));
}
