// The file that holds the key-encryption key: made once, read at each start, never repaired.
// INVARIANT: an existing file is never overwritten, and a file that others could read or that lies with the data is refused.

import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import { constants, type FileHandle, link, lstat, mkdir, open, realpath, unlink } from 'node:fs/promises';
import { platform, userInfo } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import type { Random } from '#core';
import { syncFolder, writeNewFile } from '#storage';
import { KEY_BYTES, vaultFault } from './envelope.ts';

export interface KeyFileLocation {
  readonly path: string;
  /** The folder the database lives in: a key beside the data would fall into the same backup. */
  readonly dataDir: string;
}

export interface MasterKey {
  /** Derived from the key itself, so that a file can not claim to be another key. */
  readonly id: string;
  readonly key: KeyObject;
}

const FORMAT = 'sallyport-vault-key';
const MAX_FILE_BYTES = 1_024;
const KEY_TEXT = /^[A-Za-z0-9_-]{43}$/;
const GROUP_AND_OTHERS = 0o077;
const isWindows = platform() === 'win32'; // there the file's access list decides, which Node does not show

function keyId(bytes: Uint8Array): string {
  return `kek_${createHmac('sha256', bytes).update('sallyport key id v1').digest('hex').slice(0, 32)}`;
}

function masterKey(bytes: Uint8Array): MasterKey {
  return { id: keyId(bytes), key: createSecretKey(bytes) };
}

/** The key in the file, or null when there is no file. */
export async function readKeyFile(location: KeyFileLocation): Promise<MasterKey | null> {
  await refuseInsideData(location);
  let found: Awaited<ReturnType<typeof lstat>>;
  try {
    found = await lstat(location.path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw unusable('it can not be looked at', error);
  }
  if (!found.isFile()) throw unusable('it is not a plain file');
  let file: FileHandle;
  try {
    file = await open(location.path, constants.O_RDONLY | (isWindows ? 0 : constants.O_NOFOLLOW));
  } catch (error) {
    throw unusable('it can not be opened', error);
  }
  try {
    const stat = await file.stat();
    if (!isWindows && (stat.mode & GROUP_AND_OTHERS) !== 0) throw unusable('others may read or write it; run chmod 600 on it');
    if (!isWindows && stat.uid !== userInfo().uid) throw unusable('it belongs to another user than the one this runs as');
    if (stat.size === 0 || stat.size > MAX_FILE_BYTES) throw unusable('it has the wrong size; restore it from your copy');
    return parseKeyFile(await file.readFile('utf8'));
  } finally {
    await file.close();
  }
}

function parseKeyFile(text: string): MasterKey {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw unusable('it is damaged; restore it from your copy');
  }
  const { kind, id, key, ...rest } = (typeof parsed === 'object' && parsed !== null ? parsed : {}) as Record<string, unknown>;
  if (kind !== FORMAT || typeof id !== 'string' || typeof key !== 'string' || !KEY_TEXT.test(key) || Object.keys(rest).length > 0) {
    throw unusable('it is damaged; restore it from your copy');
  }
  const bytes = Buffer.from(key, 'base64url');
  if (bytes.byteLength !== KEY_BYTES || keyId(bytes) !== id)
    throw unusable('its key and its key id do not belong together; restore it from your copy');
  const master = masterKey(bytes);
  bytes.fill(0);
  return master;
}

/** Makes the file. Of two processes that start at once one makes it and both use it. */
export async function createKeyFile(location: KeyFileLocation, random: Random): Promise<MasterKey> {
  const folder = dirname(resolve(location.path));
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await refuseInsideData(location);
  const bytes = random.bytes(KEY_BYTES);
  const text = `${JSON.stringify({ kind: FORMAT, id: keyId(bytes), key: Buffer.from(bytes).toString('base64url') })}\n`;
  // Written beside and linked: a crash leaves no half file, and `link` fails when the name is taken (as O_EXCL does).
  const draft = join(folder, `.new-key-${Buffer.from(random.bytes(8)).toString('hex')}`);
  try {
    await writeNewFile(draft, text, 0o600);
    await link(draft, location.path);
    await syncFolder(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw unusable('it can not be written', error);
  } finally {
    await unlink(draft).catch(() => undefined); // a draft that never came to be
  }
  const made = await readKeyFile(location);
  if (made === null) throw unusable('it vanished while it was made');
  return made;
}

async function refuseInsideData(location: KeyFileLocation): Promise<void> {
  const real = async (path: string): Promise<string> => realpath(path).catch(() => resolve(path)); // not there yet: as written
  const [data, folder] = await Promise.all([real(location.dataDir), real(dirname(resolve(location.path)))]);
  const steps = relative(data, folder);
  const isInside = steps === '' || !(steps.startsWith('..') || resolve(steps) === steps);
  if (isInside) throw unusable('it lies in the data folder; choose a place that is not copied with the data');
}

export function unusable(detail: string, cause?: unknown): Error {
  return vaultFault('VAULT_KEY_FILE_UNUSABLE', detail, (cause as NodeJS.ErrnoException | undefined)?.code);
}
