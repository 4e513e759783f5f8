// Where backups go and when they are made, from the settings; null when no folder is set.

import { relative, resolve } from 'node:path';
import { SallyportError } from '#core';
import type { Folders } from '../folders.ts';
import type { Config } from '../settings.ts';

export interface BackupPlan {
  readonly folders: { readonly folder: string; readonly keysFolder: string };
  /** 0: only when somebody asks. */
  readonly everyHours: number;
  readonly keep: number;
  readonly drillEveryHours: number;
}

const DAY_HOURS = 24;

type Settings = Pick<Config, 'backupFolder' | 'backupKeysFolder' | 'backupEveryHours' | 'backupKeep' | 'drillEveryHours'>;

function outside(folder: string, other: string, why: string): void {
  const steps = relative(other, folder);
  if (steps !== '' && (steps.startsWith('..') || resolve(steps) === steps)) return;
  throw new SallyportError('MAIN_FOLDER_UNUSABLE', `The backup folder ${folder} lies in ${other}, ${why}; choose another one.`);
}

export function planOf(config: Settings, folders: Pick<Folders, 'data' | 'secrets'>): BackupPlan | null {
  if (config.backupFolder === null) return null;
  const folder = resolve(config.backupFolder);
  const keysFolder = resolve(config.backupKeysFolder ?? folder);
  for (const one of [folder, keysFolder]) {
    outside(one, folders.data, 'and would be lost with it');
    outside(one, folders.secrets, 'beside the key that opens it');
  }
  return {
    folders: { folder, keysFolder },
    everyHours: config.backupEveryHours ?? DAY_HOURS,
    keep: config.backupKeep,
    drillEveryHours: config.drillEveryHours,
  };
}
