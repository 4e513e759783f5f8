// Every code the storage room raises, with its one sentence, and the one way to raise a fault of it.
// INVARIANT: a message never repeats what Postgres said about values; it names codes, folders and settings only.

import { type CodeTable, SallyportError } from '#core';

export const storageCodes = {
  STORAGE_UNAVAILABLE: { kind: 'fault', status: 503, sentence: 'The database can not be reached right now; try again shortly.' },
  STORAGE_LOGIN_REFUSED: {
    kind: 'fault',
    status: 500,
    sentence: 'The database server refused the login or has no such database; check DATABASE_URL.',
  },
  STORAGE_BUSY: { kind: 'fault', status: 503, sentence: 'Too many callers are waiting for the database; try again shortly.' },
  STORAGE_TIMEOUT: { kind: 'fault', status: 503, sentence: 'The database took longer than allowed and the work was rolled back.' },
  STORAGE_CONFLICT: { kind: 'fault', status: 503, sentence: 'Two transactions collided and this one was rolled back; run it again.' },
  STORAGE_COMMIT_UNKNOWN: {
    kind: 'fault',
    status: 503,
    sentence: 'The connection broke during the commit, so it is unknown whether the transaction was kept; look before repeating it.',
  },
  STORAGE_TRANSACTION_ABORTED: {
    kind: 'fault',
    status: 500,
    sentence: 'A statement of the transaction had failed, so nothing was committed.',
  },
  STORAGE_QUERY_FAILED: { kind: 'fault', status: 500, sentence: 'The database refused a statement.' },
  STORAGE_NOT_ALLOWED: {
    kind: 'fault',
    status: 500,
    sentence:
      'The database role of this part of the server may not do that, or not to a row of that tenant; nothing was changed. Look with sallyport doctor --security.',
  },
  STORAGE_CONSTRAINT: { kind: 'fault', status: 500, sentence: 'The database refused a row because it breaks a constraint.' },
  STORAGE_TENANT_MISSING: {
    kind: 'fault',
    status: 500,
    sentence: 'A tenant table was used without a tenant; do the work inside inTenant().',
  },
  STORAGE_NESTED_TRANSACTION: {
    kind: 'fault',
    status: 500,
    sentence: 'A transaction was opened inside another one; pass the open transaction on instead.',
  },
  STORAGE_TRANSACTION_CLOSED: { kind: 'fault', status: 500, sentence: 'A transaction was used after it had ended.' },
  STORAGE_CLOSED: { kind: 'fault', status: 503, sentence: 'The database connection was already closed by a shutdown.' },
  STORAGE_ROLE_TOO_POWERFUL: {
    kind: 'fault',
    status: 500,
    sentence: 'The database role of the server may bypass row security; use the role sallyport_app, never an administrator.',
  },
  STORAGE_WRITER_FULL: { kind: 'fault', status: 503, sentence: 'Too many events wait to be written; try again shortly.' },
  STORAGE_EVENT_UNKNOWN: {
    kind: 'fault',
    status: 500,
    sentence: 'An event of a type that no room declares was not written; add it to the events.ts of its room.',
  },
  STORAGE_EVENT_MALFORMED: {
    kind: 'fault',
    status: 500,
    sentence: 'An event was not written because its public part is not what its type declares.',
  },
  STORAGE_ROW_SECURITY_OPEN: {
    kind: 'fault',
    status: 500,
    sentence: 'Some tables are not walled off by tenant; fix the migration that made them.',
  },
  STORAGE_UNSAFE_SETTINGS: {
    kind: 'fault',
    status: 500,
    sentence: 'The database server may lose committed data with its settings; switch them on and restart it.',
  },
  STORAGE_DISK_FULL: {
    kind: 'fault',
    status: 503,
    sentence: 'The disk of the database is full; free some space. A running server then goes on by itself, a start has to be repeated.',
  },
  STORAGE_MIGRATION_EDITED: {
    kind: 'fault',
    status: 500,
    sentence: 'A migration differs from what was locked or already applied; restore it and add a new migration instead.',
  },
  STORAGE_MIGRATION_UNKNOWN: {
    kind: 'fault',
    status: 500,
    sentence: 'The database was changed by a version of Sallyport that this one can not work beside; start that newer version.',
  },
  STORAGE_MIGRATION_WAITS: {
    kind: 'fault',
    status: 503,
    sentence: 'Servers of an older version still run on this database and need what would be changed; stop them, then start again.',
  },
  STORAGE_MIGRATION_INVALID: { kind: 'fault', status: 500, sentence: 'The list of migrations is not well formed.' },
  STORAGE_MIGRATION_FAILED: {
    kind: 'fault',
    status: 500,
    sentence: 'A migration failed and was rolled back; the migrations before it are kept and the next start continues with it.',
  },
  STORAGE_ROLES_NOT_PERMITTED: {
    kind: 'fault',
    status: 500,
    sentence:
      'The database login may not create the roles Sallyport needs; give it CREATEROLE, or let an administrator run the first start.',
  },
  STORAGE_NOT_PREPARED: {
    kind: 'fault',
    status: 500,
    sentence:
      'The database is not prepared for this version, and the login of a part may not do it; run sallyport up --prepare-only as its owner.',
  },
  STORAGE_ROLE_IN_USE: {
    kind: 'fault',
    status: 500,
    sentence: 'The role sallyport_app of this database server belongs to another installation; use a database server of its own.',
  },
  STORAGE_SERVER_TOO_OLD: { kind: 'fault', status: 500, sentence: 'The database server is older than PostgreSQL 16; upgrade it.' },
  STORAGE_BINARIES_MISSING: {
    kind: 'fault',
    status: 500,
    sentence: 'There are no PostgreSQL programs for this platform; run npm ci again, or set DATABASE_URL to a server of your own.',
  },
  STORAGE_PATH_NOT_TRAVERSABLE: {
    kind: 'fault',
    status: 500,
    sentence: 'The database account can not reach a folder; choose a data folder outside private home folders.',
  },
  STORAGE_FOLDER_NOT_WRITABLE: {
    kind: 'fault',
    status: 500,
    sentence: 'A folder the database needs can not be written; fix its owner or permissions, or choose another data folder.',
  },
  STORAGE_FOLDER_FOREIGN: {
    kind: 'fault',
    status: 500,
    sentence: 'The data folder holds something else than a database of Sallyport; choose an empty folder.',
  },
  STORAGE_DATA_OTHER_VERSION: {
    kind: 'fault',
    status: 500,
    sentence:
      'The data folder was made by another major version of PostgreSQL; start the Sallyport version that made it and export from there.',
  },
  STORAGE_STATE_FILE_UNUSABLE: {
    kind: 'fault',
    status: 500,
    sentence: 'The file with the database passwords is missing or unreadable although the data folder exists; restore it from backup.',
  },
  STORAGE_NO_SERVICE_ACCOUNT: {
    kind: 'fault',
    status: 500,
    sentence: 'PostgreSQL does not run as root and this machine has neither the account postgres nor nobody; start as a normal user.',
  },
  STORAGE_START_LOCKED: {
    kind: 'fault',
    status: 500,
    sentence: 'Another process is starting the same database; wait for it or end it.',
  },
  STORAGE_POSTGRES_DID_NOT_START: {
    kind: 'fault',
    status: 500,
    sentence: 'PostgreSQL did not start; the log file says why.',
  },
  STORAGE_POSTGRES_DIED: { kind: 'fault', status: 503, sentence: 'PostgreSQL ended by itself; the log file says why.' },
  STORAGE_POSTGRES_DID_NOT_STOP: { kind: 'fault', status: 500, sentence: 'PostgreSQL did not stop in time.' },
  STORAGE_BACKUP_FOLDER_UNUSABLE: {
    kind: 'fault',
    status: 500,
    sentence: 'The backup folder can not be used; check that it exists and that only the server\u2019s user may write it.',
  },
  STORAGE_BACKUP_DISK_FULL: { kind: 'fault', status: 507, sentence: 'The disk of the backup folder is full; free space and start again.' },
  STORAGE_BACKUP_BUSY: {
    kind: 'usage',
    status: 409,
    sentence: 'Another backup or drill of this database is under way; wait for it.',
  },
  STORAGE_BACKUP_INTERRUPTED: {
    kind: 'fault',
    status: 500,
    sentence: 'The process that made this backup died; its snapshot can not be had again, so what it wrote was removed. Make a new one.',
  },
  STORAGE_BACKUP_IMPOSSIBLE: {
    kind: 'fault',
    status: 500,
    sentence: 'The tables can not be put into an order in which they could be restored.',
  },
  STORAGE_BACKUP_ROWS_HIDDEN: {
    kind: 'fault',
    status: 500,
    sentence:
      'Row security would hide rows of a table from the backup, so none was made; restart the server, which opens new tables to it.',
  },
  STORAGE_BACKUP_MIGRATING: {
    kind: 'fault',
    status: 409,
    sentence:
      'A migration of the database is not finished, so no backup was made; it goes on at the next start, and a backup is made after it.',
  },
  STORAGE_BACKUP_UNKNOWN: { kind: 'usage', status: 404, sentence: 'There is no backup of that id in the backup folder.' },
  STORAGE_BACKUP_PART_MISSING: {
    kind: 'fault',
    status: 422,
    sentence: 'A file of the backup is missing, so it can not be restored; bring the file back or use another backup.',
  },
  STORAGE_BACKUP_DAMAGED: {
    kind: 'fault',
    status: 422,
    sentence: 'The backup is damaged or was changed, so it is not used; take another one.',
  },
  STORAGE_BACKUP_WRONG_KEY: {
    kind: 'fault',
    status: 422,
    sentence: 'The backup was made with another key file; put the file kek of that installation into the secrets folder.',
  },
  STORAGE_BACKUP_OTHER_VERSION: {
    kind: 'fault',
    status: 422,
    sentence: 'This version of Sallyport can not restore the backup; use the version that made it, or the one after it.',
  },
  STORAGE_RESTORE_NOT_EMPTY: {
    kind: 'usage',
    status: 409,
    sentence: 'The database is not empty, and a restore never writes over data; give an empty database or a new data folder.',
  },
  STORAGE_RESTORE_UNFINISHED: {
    kind: 'fault',
    status: 503,
    sentence: 'A restore into this database was begun and not finished; run the same `sallyport backup restore` again.',
  },
  STORAGE_RESTORE_DIFFERS: {
    kind: 'fault',
    status: 500,
    sentence: 'What was restored is not what the backup holds; use an empty database and try again.',
  },
  STORAGE_RESTORE_SERVED: {
    kind: 'usage',
    status: 409,
    sentence: 'A server works on this database; stop every server first. One that was killed counts for another 15 seconds.',
  },
  STORAGE_RESTORE_WAITS: {
    kind: 'usage',
    status: 409,
    sentence: 'This database was restored and waits for people to confirm it; nothing else can be restored into it.',
  },
  STORAGE_DRILL_NOT_PERMITTED: {
    kind: 'fault',
    status: 500,
    sentence: 'The database login may not create the scratch database of a drill; give it CREATEDB, or set drillEveryHours to 0.',
  },
  STORAGE_DRILL_DIFFERS: {
    kind: 'fault',
    status: 500,
    sentence:
      'A restored backup did not hold the rows, or not the ledger, of its snapshot; make a new backup and keep this one for a look.',
  },
} as const satisfies CodeTable;

export type StorageCode = keyof typeof storageCodes;

const RETRYABLE: ReadonlySet<StorageCode> = new Set([
  'STORAGE_UNAVAILABLE',
  'STORAGE_BUSY',
  'STORAGE_TIMEOUT',
  'STORAGE_CONFLICT',
  'STORAGE_WRITER_FULL',
  'STORAGE_START_LOCKED',
  'STORAGE_POSTGRES_DIED',
]);

/** A fault of this room. `detail` names what it happened to: a folder, a setting, a migration, an SQLSTATE; never a value. */
export function storageFault(code: StorageCode, detail?: string, cause?: unknown): SallyportError {
  const { sentence } = storageCodes[code];
  const message = detail === undefined ? sentence : `${sentence} (${detail})`;
  return new SallyportError(code, message, { cause, retryable: RETRYABLE.has(code) });
}
