// Brings the database up: the embedded Postgres or the external one, every migration, and the pool.

import { migrations as approvals } from '#approvals';
import { migrations as audit } from '#audit';
import { newId, SallyportError } from '#core';
import { migrations as enforcement } from '#enforcement';
import { migrations as governance } from '#governance';
import { migrations as identity } from '#identity';
import { migrations as limits } from '#limits';
import { migrations as monitoring } from '#monitoring';
import {
  APP_ROLE,
  storageCodes as allStorageCodes,
  assertServerSafe,
  checkPrepared,
  createDatabase,
  type Database,
  findLogin,
  inspectServer,
  keepReplica,
  type Login,
  type Migration,
  type MigrationLock,
  migrate,
  openToBackup,
  type PostgresServer,
  provideRoomRoles,
  readRestore,
  refuseHalfRestored,
  startPostgres,
  migrations as storage,
  useExternalPostgres,
  usePartPostgres,
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
  ...governance,
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
  /** As the server's role, or the login of this part: for the workflow engine's own connections. */
  readonly url: string;
  /** The part whose login this process has; null when it has the owner's. */
  readonly login: Login | null;
  /** As the administrator: for backups, which read every tenant, and for the scratch databases of drills. Empty with the login of a part. */
  readonly adminUrl: string;
  readonly migrated: number;
  /** Settles when a newer version has changed the database so that this one must stop; pending otherwise. */
  readonly retired: Promise<SallyportError>;
  close(): Promise<void>;
}

export async function openDatabase(config: Config, folders: Folders, logger: Logger): Promise<OpenDatabase> {
  const login = config.databaseUrl === null ? null : await findLogin(config.databaseUrl);
  return login === null ? openAsOwner(config, folders, logger) : openAsPart(config, login, logger);
}

async function openAsOwner(config: Config, folders: Folders, logger: Logger): Promise<OpenDatabase> {
  const embedded = config.databaseUrl === null;
  const server = await openServer(config, folders, logger);
  try {
    await refuseHalfRestored(server.adminUrl);
    const identity = replicaOf();
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
    const database = openPool(server, null, logger);
    await database.ping();
    const { retired, close } = stayKnown(database, identity, logger);
    return {
      ...{ database, retired, embedded, login: null, migrated: report.applied.length },
      ...{ address: server.address, url: server.url, adminUrl: server.adminUrl },
      close: async () => {
        await close();
        await server.stop();
      },
    };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

/**
 * With the login of a part, which can neither migrate nor make roles: the owner of the database has prepared it, or the start is refused.
 * INVARIANT: the process serves no other part than the one whose login it has.
 */
async function openAsPart(config: Config, login: Login, logger: Logger): Promise<OpenDatabase> {
  const url = config.databaseUrl as string;
  if (config.serve.some((part) => part !== login)) {
    throw new SallyportError(
      'MAIN_CONFIG_INVALID',
      `DATABASE_URL is the login of the part ${login} alone; set serve to ${login}, or give this process the login of the database's owner.`,
    );
  }
  const server = usePartPostgres(url);
  assertServerSafe(await inspectServer(url, systemClock));
  const database = openPool(server, login, logger);
  try {
    await checkPrepared(database, { migrations: allMigrations, release: RELEASE }).catch(unprepared);
    if ((await readRestore(database))?.state === 'loading')
      throw new SallyportError('STORAGE_RESTORE_UNFINISHED', allStorageCodes.STORAGE_RESTORE_UNFINISHED.sentence);
  } catch (error) {
    await database.close();
    throw error;
  }
  const known = stayKnown(database, replicaOf(), logger);
  return { database, login, url, ...known, address: server.address, adminUrl: '', embedded: false, migrated: 0 };
}

/** The tables are not there, or the login does not have its roles yet: either way the owner has not been here with this version. */
function unprepared(fault: unknown): never {
  if (fault instanceof SallyportError && !['STORAGE_QUERY_FAILED', 'STORAGE_NOT_ALLOWED'].includes(fault.code)) throw fault;
  throw new SallyportError('STORAGE_NOT_PREPARED', allStorageCodes.STORAGE_NOT_PREPARED.sentence, { cause: fault });
}

function openPool({ url, obstacle }: Pick<PostgresServer, 'url' | 'obstacle'>, login: Login | null, logger: Logger): Database {
  return createDatabase({
    ...{ url, login, obstacle },
    poolSize: POOL_SIZE,
    beginnings: BEGINNINGS,
    events: allEvents,
    onFault: (fault) => logger.error({ event: 'database.fault', code: fault.code }),
  });
}

const replicaOf = () => ({ replica: newId('run', systemClock, systemRandom).replace('run_', 'replica_'), release: RELEASE });

/** Says that this server lives until it is closed, and hears when the database has moved on without it. */
function stayKnown(database: Database, identity: ReturnType<typeof replicaOf>, logger: Logger): Pick<OpenDatabase, 'retired' | 'close'> {
  const retired = Promise.withResolvers<SallyportError>();
  const replica = keepReplica({
    db: database,
    identity,
    onRetired: retired.resolve,
    onFault: (fault) => logger.warn({ event: 'replica.fault', code: fault instanceof SallyportError ? fault.code : 'BUG' }),
  });
  return {
    retired: retired.promise,
    close: async () => {
      await replica.close();
      await database.close();
    },
  };
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
