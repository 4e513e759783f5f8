// Backups, their drills, and a restore that waits: what the settings ask for and do.

import { queryOptions } from '@tanstack/react-query';
import { api } from './client.ts';
import { endorse } from './passkeys.ts';
import type { JsonMap } from './types.ts';

export interface Drill {
  readonly at: string;
  readonly ok: boolean;
  readonly code: string | null;
}

export interface Backup {
  readonly id: string;
  readonly createdAt: string;
  readonly bytes: number;
  readonly rows: number;
  readonly events: number;
  readonly state: 'running' | 'complete' | 'failed';
  /** Why it failed or can not be read. */
  readonly code: string | null;
  /** False when its file of keys was taken away: then nothing sealed in it opens. */
  readonly hasKeys: boolean;
  readonly verifiedAt: string | null;
  readonly drill: Drill | null;
}

export type BackupAction = 'create' | 'verify' | 'drill' | 'delete';

export interface Job {
  readonly id: string;
  readonly action: BackupAction;
  readonly phase: string;
  readonly rows: number;
  readonly done: number;
  readonly total: number;
}

export interface FinishedJob {
  readonly id: string;
  readonly action: BackupAction;
  readonly ok: boolean;
  readonly code: string | null;
  readonly sentence: string | null;
  readonly at: string;
  /** Backups a killed process had begun; they were removed. */
  readonly interrupted: readonly string[];
}

export interface Backups {
  readonly backups: readonly Backup[];
  readonly running: Job | null;
  /** How the last thing that was asked for ended. */
  readonly last: FinishedJob | null;
  readonly schedule: {
    readonly everyHours: number;
    readonly keep: number;
    readonly folder: string;
    readonly drillEveryHours: number;
  } | null;
  readonly lastDrill: Drill | null;
}

export interface Restore {
  readonly state: 'none' | 'pending' | 'confirmed';
  readonly backup: string | null;
  readonly restoredAt: string | null;
  readonly confirmedAt: string | null;
  readonly confirmedBy: readonly { readonly by: string; readonly at: string; readonly passkey: string | null }[];
  readonly needed: 1 | 2;
  /** When the yes of somebody who is alone takes effect. */
  readonly runsAt: string | null;
  readonly report: JsonMap | null;
}

const IDLE_MS = 30_000;
const RUNNING_MS = 1_000;
const RESTORE_MS = 15_000;

export const backupsQuery = queryOptions({
  queryKey: ['backups'],
  queryFn: () => api<Backups>('GET', '/api/backups'),
  refetchInterval: (query) => (query.state.data?.running == null ? IDLE_MS : RUNNING_MS),
});

export const restoreQuery = queryOptions({
  queryKey: ['restore'],
  queryFn: () => api<Restore>('GET', '/api/restore'),
  refetchInterval: RESTORE_MS,
});

/** Begins it and does not wait: how far it is, and how it ended, is in the list. */
export const beginBackup = (): Promise<unknown> => api('POST', '/api/backups');
export const beginOn = (id: string, action: 'verify' | 'drill'): Promise<unknown> =>
  api('POST', `/api/backups/${encodeURIComponent(id)}/${action}?wait=no`);
/** Whoever has a passkey signs it: this restore, as it was found. */
export const confirmRestore = (): Promise<unknown> => endorse('/api/restore/confirm');
