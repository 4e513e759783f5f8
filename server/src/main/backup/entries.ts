// The backups there are: what lies in the folder, with what this database knows of it; and when the next one, or a drill, is due.

import type { Clock } from '#core';
import { type BackupKeys, type Database, type ListedBackup, lastDrill, listBackupFolder, listRecords } from '#storage';
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

export interface Schedule {
  readonly database: Pick<Database, 'asSystem'>;
  readonly plan: BackupPlan | null;
  readonly keys: Pick<BackupKeys, 'keyId'>;
  readonly clock: Clock;
}

/** What lies in the folder, without what another installation put there. Newest first. */
export async function ownBackups({ plan, keys }: Pick<Schedule, 'plan' | 'keys'>): Promise<readonly ListedBackup[]> {
  const found = plan === null ? [] : await listBackupFolder(plan.folders);
  return found.filter(({ code, keyId }) => code !== null || keyId === keys.keyId);
}

/** Newest first. */
export async function listEntries({ database, ...schedule }: Omit<Schedule, 'clock'>): Promise<readonly BackupEntry[]> {
  const records = new Map((await listRecords(database)).map((record) => [record.id, record]));
  const found = await ownBackups(schedule);
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
export async function newestWhole(schedule: Pick<Schedule, 'plan' | 'keys'>): Promise<string | null> {
  return (await ownBackups(schedule)).find(({ code }) => code === null)?.id ?? null;
}

export async function isBackupDue(schedule: Schedule): Promise<boolean> {
  const everyHours = schedule.plan?.everyHours ?? 0;
  if (everyHours === 0) return false;
  const nowMs = schedule.clock.now();
  // One of a time when the clock was wrong must not keep the next from being made.
  const entries = (await listEntries(schedule)).filter(({ createdAtMs }) => createdAtMs <= nowMs);
  const newest = entries.find(({ state }) => state === 'complete')?.createdAtMs ?? 0;
  const tried = entries[0]?.createdAtMs ?? 0;
  return nowMs - newest >= everyHours * HOUR_MS && (tried === newest || nowMs - tried >= RETRY_AFTER_MS);
}

export async function isDrillDue(schedule: Schedule): Promise<boolean> {
  const everyHours = schedule.plan?.drillEveryHours ?? 0;
  if (everyHours === 0 || (await newestWhole(schedule)) === null) return false;
  return schedule.clock.now() - ((await lastDrill(schedule.database))?.atMs ?? 0) >= everyHours * HOUR_MS;
}

/**
 * Which backups go. Those that are ours, whole and have their keys count, so many stay, and what is older goes. The newest one that a drill
 * proved stays as long as a newer one failed its drill; the one just made stays in any case.
 */
export async function outdated(
  schedule: Omit<Schedule, 'clock'>,
  isOurs: (id: string) => Promise<boolean>,
  made: string,
): Promise<readonly ListedBackup[]> {
  const own: ListedBackup[] = [];
  for (const backup of await ownBackups(schedule)) if (backup.code === null && (await isOurs(backup.id))) own.push(backup);
  const oldest = own.filter(({ hasKeys }) => hasKeys)[(schedule.plan?.keep ?? 0) - 1]?.id;
  if (oldest === undefined) return [];
  const drills = new Map((await listRecords(schedule.database)).map(({ id, drill }) => [id, drill?.ok ?? null]));
  const tried = own.find(({ id }) => drills.get(id) !== undefined && drills.get(id) !== null);
  const proved = own.find(({ id }) => drills.get(id) === true);
  const spared = tried !== undefined && drills.get(tried.id) === false ? proved?.id : undefined;
  return own.filter(({ id }) => id < oldest && id !== made && id !== spared);
}
