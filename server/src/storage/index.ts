// Front door of storage.

export { sql } from 'kysely';
export { appendEvents } from './append-events.ts';
export { assertRowSecurity, inspectRowSecurity, type RowSecurityReport } from './assert-row-security.ts';
export { checkServerSettings } from './check-server-settings.ts';
export { createDatabase, type Database, type DatabaseOptions, outsideTransaction } from './database.ts';
export { storageCodes } from './errors.ts';
export { createEventWriter, type EventWriter, type EventWriterOptions } from './event-writer.ts';
export { type MigrateOptions, type MigrationReport, migrate } from './migrate.ts';
export { checkLock, lockOf, type Migration, type MigrationLock, type OnlineStep } from './migration-list.ts';
export type { StepProgress } from './migration-steps.ts';
export { migrations } from './migrations/index.ts';
export { type ExternalOptions, useExternalPostgres } from './postgres/external.ts';
export { findRunningPostgres } from './postgres/find-running.ts';
export type { Host } from './postgres/host.ts';
export { type PostgresOptions, type PostgresServer, startPostgres } from './postgres/start.ts';
export { keepReplica, type ReplicaBeat, type ReplicaIdentity, type ReplicaTiming } from './replicas.ts';
export { APP_ROLE, grantSystem, SYSTEM_ROLES, type SystemRole, type TablePrivilege, tenantTable } from './roles.ts';
export { notify, query } from './transaction.ts';
export { isUniqueViolation } from './translate-error.ts';
