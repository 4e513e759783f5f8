// Brings the database up: the embedded Postgres or the external one, every migration, and the pool.

import { migrations as approvals } from '#approvals';
import { migrations as audit } from '#audit';
import { newId, SallyportError } from '#core';
import { migrations as enforcement } from '#enforcement';
import { migrations as identity } from '#identity';
import { migrations as limits } from '#limits';
import { migrations as monitoring } from '#monitoring';
import {
  APP_ROLE,
  assertServerSafe,
  createDatabase,
  type Database,
  inspectServer,
  keepReplica,
  type Migration,
  type MigrationLock,
  migrate,
  openToBackup,
  type PostgresServer,
  provideRoomRoles,
  refuseHalfRestored,
  startPostgres,
  migrations as storage,
  useExternalPostgres,
} from '#storage';
import { migrations as vault } from '#vault';
import { prepareEngine, migrations as workflows } from '#workflows';
import lock from '../../../migrations.lock.json' with { type: 'json' };
import type { Folders } from '../folders.ts';
import type { Logger } from '../logger.ts';
import { RELEASE } from '../release.ts';
import type { Config } from '../settings.ts';
import { systemClock, systemRandom } from '../world.ts';
import { allEvents } from './event-catalogue.ts';

/** Every migration of every room, in the order of their numbers. */
export const allMigrations: readonly Migration[] = [
  ...storage,
  ...vault,
  ...identity,
  ...limits,
  ...approvals,
  ...audit,
  ...enforcement,
  ...workflows,
  ...monitoring,
];

/** Every crossing begins with this event, so that on a full disk no call begins, and those under way can still be told. */
const BEGINNINGS = ['enforcement.call.intended'];

/** Connections of one process: the guard's transactions are short, and two cores can not use more. */
const POOL_SIZE = 20;

export interface OpenDatabase {
  readonly database: Database;
  /** Where Postgres listens, so that egress can refuse it. */
  readonly address: { readonly host: string; readonly port: number };
  readonly embedded: boolean;
  /** As the server's role, for the workflow engine's own connections. */
  readonly url: string;
  /** As the administrator: for backups, which read every tenant, and for the scratch databases of drills. */
  readonly adminUrl: string;
  readonly migrated: number;
  /** Settles when a newer version has changed the database so that this one must stop; pending otherwise. */
  readonly retired: Promise<SallyportError>;
  close(): Promise<void>;
}

export async function openDatabase(config: Config, folders: Folders, logger: Logger): Promise<OpenDatabase> {
  const embedded = config.databaseUrl === null;
  const server = await openServer(config, folders, logger);
  try {
    await refuseHalfRestored(server.adminUrl);
    const identity = { replica: newId('run', systemClock, systemRandom).replace('run_', 'replica_'), release: RELEASE };
    const report = await migrate({
      adminUrl: server.adminUrl,
      migrations: allMigrations,
      lock: lock as MigrationLock,
      ...identity,
      onProgress: ({ migration, step, done }) =>
        logger.info({ event: 'migration.progress', migration: `${migration}/${step}`, count: done }),
    });
    for (const migration of report.applied) logger.info({ event: 'migration.applied', migration });
    for (const migration of report.ahead) logger.warn({ event: 'migration.ahead', migration });
    assertServerSafe(await inspectServer(server.url, systemClock));
    await prepareTables(server.adminUrl);
    await openToBackup(server.adminUrl);
    await provideRoomRoles(server.adminUrl);
    const database = createDatabase({
      url: server.url,
      poolSize: POOL_SIZE,
      obstacle: server.obstacle,
      beginnings: BEGINNINGS,
      events: allEvents,
      onFault: (fault) => logger.error({ event: 'database.fault', code: fault.code }),
    });
    await database.ping();
    const retired = Promise.withResolvers<SallyportError>();
    const replica = keepReplica({
      db: database,
      identity,
      onRetired: retired.resolve,
      onFault: (fault) => logger.warn({ event: 'replica.fault', code: fault instanceof SallyportError ? fault.code : 'BUG' }),
    });
    return {
      database,
      retired: retired.promise,
      address: server.address,
      url: server.url,
      adminUrl: server.adminUrl,
      embedded,
      migrated: report.applied.length,
      close: async () => {
        await replica.close();
        await database.close();
        await server.stop();
      },
    };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

/** The server alone: no migration, no pool. */
export function openServer(config: Pick<Config, 'databaseUrl'>, folders: Folders, logger: Logger): Promise<PostgresServer> {
  if (config.databaseUrl === null) return startEmbedded(folders, logger);
  return useExternalPostgres({ adminUrl: config.databaseUrl, random: systemRandom });
}

/** The workflow engine's own tables. */
export function prepareTables(adminUrl: string): Promise<void> {
  return prepareEngine(adminUrl, APP_ROLE);
}

function startEmbedded(folders: Folders, logger: Logger): Promise<PostgresServer> {
  return startPostgres({
    dataDir: folders.postgres,
    stateDir: folders.state,
    host: process,
    random: systemRandom,
    // Its messages are free text, and the log takes listed fields only; faults arrive below with a code.
    log: () => {},
    watchdog: { restart: true, onFault: (fault) => logger.error({ event: 'postgres.fault', code: fault.code }) },
  });
}
