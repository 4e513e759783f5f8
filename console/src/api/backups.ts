// Backups, their drills, and a restore that waits: what the settings ask for and do.

import { queryOptions } from '@tanstack/react-query';
import { api } from './client.ts';
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
  readonly events: number;
  readonly state: 'running' | 'complete' | 'failed';
  readonly verifiedAt: string | null;
  readonly drill: Drill | null;
}

export interface Backups {
  readonly backups: readonly Backup[];
  readonly running: { readonly id: string; readonly phase: string; readonly done: number; readonly total: number | null } | null;
  readonly schedule: { readonly everyHours: number; readonly keep: number; readonly folder: string } | null;
  readonly lastDrill: Drill | null;
}

export interface Restore {
  readonly state: 'none' | 'pending' | 'confirmed';
  readonly backup: string | null;
  readonly restoredAt: string | null;
  readonly confirmedBy: readonly { readonly by: string; readonly at: string }[];
  readonly needed: 1 | 2;
  /** When it takes effect by itself, where one person is alone. */
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

export const startBackup = (): Promise<unknown> => api('POST', '/api/backups');
export const verifyBackup = (id: string): Promise<{ readonly ok: boolean; readonly code: string | null }> =>
  api('POST', `/api/backups/${encodeURIComponent(id)}/verify`);
export const drillBackup = (id: string): Promise<{ readonly ok: boolean; readonly code: string | null }> =>
  api('POST', `/api/backups/${encodeURIComponent(id)}/drill`);
export const confirmRestore = (): Promise<unknown> => api('POST', '/api/restore/confirm');
