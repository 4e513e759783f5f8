// The backups there are: what lies in the folder, with what this database knows of it; and when the next one, or a drill, is due.

import type { Clock } from '#core';
import { type Database, type ListedBackup, lastDrill, listBackupFolder, listRecords } from '#storage';
import type { BackupPlan } from './plan.ts';

export interface BackupEntry {
  readonly id: string;
  readonly createdAtMs: number;
  readonly bytes: number;
  readonly rows: number;
  readonly events: number;
  readonly state: 'running' | 'complete' | 'failed';
  readonly code: string | null;
  /** False when the file of keys is not in its folder. */
  readonly hasKeys: boolean;
  readonly verifiedAtMs: number | null;
  readonly drill: { readonly atMs: number; readonly ok: boolean; readonly code: string | null } | null;
}

/** After a failure the schedule tries again this much later, not every minute. */
const RETRY_AFTER_MS = 30 * 60_000;
const HOUR_MS = 60 * 60_000;

/** Newest first. */
export async function listEntries(database: Pick<Database, 'asSystem'>, plan: BackupPlan | null): Promise<readonly BackupEntry[]> {
  const records = new Map((await listRecords(database)).map((record) => [record.id, record]));
  const found = plan === null ? [] : await listBackupFolder(plan.folders);
  const here = new Map<string, ListedBackup>(found.map((backup) => [backup.id, backup]));
  const entries = [...new Set([...records.keys(), ...here.keys()])].flatMap((id): BackupEntry[] => {
    const [record, file] = [records.get(id), here.get(id)];
    // A complete backup whose folder is gone was taken away by somebody: it is no backup any more.
    if (file === undefined && (record === undefined || record.state === 'complete')) return [];
    return [
      {
        id,
        createdAtMs: file === undefined || file.createdAt === '' ? (record?.startedAtMs ?? 0) : Date.parse(file.createdAt),
        bytes: file?.bytes ?? 0,
        rows: file?.rows ?? 0,
        events: file?.events ?? 0,
        state: file === undefined ? (record?.state === 'running' ? 'running' : 'failed') : file.code === null ? 'complete' : 'failed',
        code: file === undefined ? (record?.code ?? null) : file.code,
        hasKeys: file?.hasKeys ?? false,
        verifiedAtMs: record?.verifiedAtMs ?? null,
        drill: record?.drill ?? null,
      },
    ];
  });
  return entries.toSorted((left, right) => (left.id < right.id ? 1 : -1));
}

/** Id of the newest backup that can be read. */
export async function newestWhole(plan: BackupPlan | null): Promise<string | null> {
  return plan === null ? null : ((await listBackupFolder(plan.folders)).find(({ code }) => code === null)?.id ?? null);
}

export interface Schedule {
  readonly database: Pick<Database, 'asSystem'>;
  readonly plan: BackupPlan | null;
  readonly clock: Clock;
}

export async function isBackupDue({ database, plan, clock }: Schedule): Promise<boolean> {
  const everyHours = plan?.everyHours ?? 0;
  if (everyHours === 0) return false;
  const entries = await listEntries(database, plan);
  const newest = entries.find(({ state }) => state === 'complete')?.createdAtMs ?? 0;
  const tried = entries[0]?.createdAtMs ?? 0;
  return clock.now() - newest >= everyHours * HOUR_MS && (tried === newest || clock.now() - tried >= RETRY_AFTER_MS);
}

export async function isDrillDue({ database, plan, clock }: Schedule): Promise<boolean> {
  const everyHours = plan?.drillEveryHours ?? 0;
  if (everyHours === 0 || (await newestWhole(plan)) === null) return false;
  return clock.now() - ((await lastDrill(database))?.atMs ?? 0) >= everyHours * HOUR_MS;
}
