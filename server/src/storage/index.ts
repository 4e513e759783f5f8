// Front door of storage.

export { sql } from 'kysely';
export { actingFor, actingThrough, type Visitor } from './acting.ts';
export { appendEvents } from './append-events.ts';
export { type TrialOptions, tryAsAdministrator } from './as-administrator.ts';
export { assertRowSecurity, inspectRowSecurity, type RowSecurityReport } from './assert-row-security.ts';
export { withBackupLock } from './backup/backup-lock.ts';
export type { BackupCipher, BackupKeys } from './backup/cipher.ts';
export { type BackupProgress, type CreateBackupOptions, createBackup } from './backup/create-backup.ts';
export { type BackupPlace, keysFile, type ListedBackup, listBackupFolder, removeBackup, removePartials } from './backup/files.ts';
export { compareRows } from './backup/load-backup.ts';
export type { Manifest } from './backup/manifest.ts';
export { openToBackup } from './backup/open-to-backup.ts';
export { type OpenBackup, openBackup, readManifestOf } from './backup/read-backup.ts';
export {
  type BackupRecord,
  lastDrill,
  listRecords,
  recordDeleted,
  recordDrill,
  recordEnd,
  recordInterrupted,
  recordStart,
  recordVerified,
} from './backup/records.ts';
export { beginAdoption, type Restored, type RestoreOptions, refuseHalfRestored, restoreBackup } from './backup/restore.ts';
export {
  addStep,
  addYes,
  decideRestore,
  listSteps,
  markConfirmed,
  markPending,
  type RestoreState,
  type RestoreYes,
  readRestore,
} from './backup/restore-state.ts';
export { dropScratches, scratchPrefix, withScratch } from './backup/scratch.ts';
export { type VerifyReport, verifyBackup } from './backup/verify-backup.ts';
export { checkServerSettings } from './check-server-settings.ts';
export { createDatabase, type Database, type DatabaseOptions, outsideTransaction, type RoomDatabase } from './database.ts';
export { syncFolder, writeNewFile } from './durable-files.ts';
export { storageCodes } from './errors.ts';
export { createEventWriter, type EventWriter, type EventWriterOptions } from './event-writer.ts';
export { storageEvents } from './events.ts';
export { type Following, type FollowOptions, follow } from './follow.ts';
export { inspectWire, listColumns, type SampledColumn, type StoredColumn, sampleSealed, type WireInspection } from './inspect-plain.ts';
export { inspectRoomRoles, type RoomRolesInspection } from './inspect-room-roles.ts';
export { assertServerSafe, inspectServer, type ServerInspection } from './inspect-server.ts';
export { LOGIN_RIGHTS, LOGINS, type Login, loginRole, membershipsOf } from './logins.ts';
export { type MigrateOptions, type MigrationReport, migrate } from './migrate.ts';
export { checkPrepared } from './migration-history.ts';
export { checkLock, lockOf, type Migration, type MigrationLock, type OnlineStep } from './migration-list.ts';
export type { StepProgress } from './migration-steps.ts';
export { migrations } from './migrations/index.ts';
export { type ExternalOptions, findLogin, useExternalPostgres, usePartPostgres } from './postgres/external.ts';
export { findRunningPostgres } from './postgres/find-running.ts';
export type { Host } from './postgres/host.ts';
export { type PostgresOptions, type PostgresServer, startPostgres } from './postgres/start.ts';
export { readEveryRow } from './read-every-row.ts';
export { keepReplica, type ReplicaBeat, type ReplicaIdentity, type ReplicaTiming } from './replicas.ts';
export { APP_ROLE, grantSystem, SYSTEM_ROLES, type SystemRole, type TablePrivilege, tenantTable } from './roles.ts';
export {
  ACROSS_RIGHTS,
  ACROSS_ROLES,
  acrossRole,
  mayRead,
  ROOM_READS,
  ROOM_ROLES,
  ROOM_WRITES,
  type RoomRole,
  roomRole,
} from './room-rights.ts';
export { provideRoomRoles } from './room-roles.ts';
export { runAgainOnConflict } from './run-again.ts';
export { beforeCommit, notify, query } from './transaction.ts';
export { isUniqueViolation } from './translate-error.ts';
