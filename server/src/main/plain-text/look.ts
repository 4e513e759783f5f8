// What is looked at on this machine for the picture: how the key file and the folders lie, swap and crash images. Reads no key and no value.

import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { awsKmsOrigin, readSeal } from '#vault';
import type { Folders } from '../folders.ts';
import type { Config } from '../settings.ts';
import type { KeyFileFacts, MachineFacts } from './facts.ts';

const real = (path: string): string => {
  try {
    return realpathSync(path);
  } catch {
    return resolve(path); // not there yet: as written
  }
};

function isInside(path: string, folder: string): boolean {
  const way = relative(real(folder), real(path));
  return way === '' || !(way.startsWith('..') || resolve(way) === way);
}

const OTHERS = 0o077;
/** Whether nobody but its owner may look; null where there is nothing, or the system does not say. */
export function isPrivate(path: string): boolean | null {
  if (process.platform === 'win32' || !existsSync(path)) return null;
  return (statSync(path).mode & OTHERS) === 0;
}

const diskOf = (path: string): number | null => {
  try {
    return statSync(path).dev;
  } catch {
    return null;
  }
};

const textOf = (value: unknown): string | null => (typeof value === 'string' && URL.canParse(value) ? new URL(value).origin : null);

type Settings = Pick<Config, 'backupFolder' | 'backupKeysFolder' | 'passphraseFile'>;

/** What opens the key file stays unasked: a passphrase would have to be typed. */
export async function lookAtKeyFile(config: Settings, folders: Folders): Promise<KeyFileFacts> {
  // One that can not be used is the start's to refuse; how it lies is told all the same.
  const seal = (await readSeal({ path: folders.kekFile, dataDir: folders.data }).catch(() => null))?.seal ?? null;
  const backups = [config.backupFolder, config.backupKeysFolder].filter((folder) => folder !== null);
  const disk = diskOf(folders.secrets);
  const service =
    seal?.by === 'transit'
      ? textOf(seal.address)
      : seal?.by === 'aws-kms'
        ? (textOf(seal.endpoint) ?? awsKmsOrigin(String(seal.region)))
        : null;
  return {
    sealedBy: seal?.by ?? null,
    service,
    passphraseFile: config.passphraseFile,
    isPrivate: isPrivate(folders.secrets) !== false && isPrivate(folders.kekFile) !== false,
    folder: folders.secrets,
    isInsideData: isInside(folders.secrets, folders.data),
    isInsideBackups: backups.some((folder) => isInside(folders.secrets, folder)),
    isBesideData: dirname(real(folders.secrets)) === dirname(real(folders.data)),
    isOnDiskOfBackups: backups.some((folder) => disk !== null && diskOf(folder) === disk),
  };
}

const read = (path: string): string | null => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
};

/** Only where the system says so. */
export function lookAtMachine(): MachineFacts {
  if (process.platform !== 'linux') return { swap: null, coreDumps: null };
  const swaps = read('/proc/swaps');
  const limit = /^Max core file size\s+(\S+)/m.exec(read('/proc/self/limits') ?? '')?.[1];
  return { swap: swaps === null ? null : swaps.trim().split('\n').length > 1, coreDumps: limit === undefined ? null : limit !== '0' };
}
