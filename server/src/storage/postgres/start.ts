// The embedded database server: makes it, starts or adopts it, watches over it and stops it.
// INVARIANT: one supervisor per data folder; the server listens on the loopback address only and asks for a random password.

import { rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Random, SallyportError } from '#core';
import { provideAppLogin } from '../app-login.ts';
import { storageFault } from '../errors.ts';
import { isServerError, translateError } from '../translate-error.ts';
import { chooseAccount } from './account.ts';
import { adminUrlOf, DATABASE_NAME, ensureDatabase, isAdoptable } from './admin.ts';
import { type Binaries, findBinaries } from './binaries.ts';
import { createCluster } from './cluster.ts';
import { createDiskGuard, MIN_FREE_BYTES } from './disk-space.ts';
import { inFolder, inspectDataFolder, prepareParent, prepareStateFolder } from './folders.ts';
import type { Account, Host } from './host.ts';
import { type Launch, launchPostmaster, type Postmaster } from './launch.ts';
import { findPostmaster } from './pid-file.ts';
import { freshState, readState, type ServerState, stateFile, writeState } from './state-file.ts';
import { stopPostmaster } from './stop.ts';
import { takeLock } from './supervision-lock.ts';
import { watch } from './watchdog.ts';

export interface PostgresOptions {
  readonly dataDir: string;
  /** Passwords, port, log and lock; outside the data folder, readable by us only. */
  readonly stateDir: string;
  readonly host: Host & { readonly pid: number };
  readonly random: Random;
  /** Told in one sentence what the supervisor does; never a password. */
  readonly log: (message: string) => void;
  readonly maxConnections?: number;
  /** Where a copy of the programs is kept if the database account can not read the installed ones. Default: beside the data folder. */
  readonly cacheDir?: string;
  /** How the package with the programs is found; absent: as installed. */
  readonly resolve?: (name: string) => string;
  /** Room to keep free on the disk of the data folder; looked at by the watchdog. */
  readonly minFreeBytes?: number;
  /** Absent: a dead server is only found out by its callers. */
  readonly watchdog?: { readonly restart: boolean; readonly onFault: (fault: SallyportError) => void };
}

export interface PostgresServer {
  /** For the server: role sallyport_app, no superuser. */
  readonly url: string;
  /** For migrations only. */
  readonly adminUrl: string;
  /** Process id of the postmaster now; null for a server we do not run. */
  readonly pid: number | null;
  readonly address: { readonly host: string; readonly port: number };
  /** Why nothing new may begin right now, or null. Of a server we do not run nothing is known. */
  obstacle(): SallyportError | null;
  stop(): Promise<void>;
}

const DEFAULT_MAX_CONNECTIONS = 100;
const MAX_LOG_BYTES = 10_000_000;

async function rotateLog(logFile: string): Promise<void> {
  const size = await stat(logFile).then(
    (found) => found.size,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return 0;
      throw error;
    },
  );
  if (size > MAX_LOG_BYTES) await rename(logFile, `${logFile}.1`);
}

/** The cluster is there afterwards, and the state that belongs to it is returned. */
async function ensureCluster(options: PostgresOptions, binaries: Binaries, account: Account): Promise<ServerState> {
  const folder = await inspectDataFolder(options.dataDir, binaries.major);
  const known = await readState(options.stateDir);
  if (folder === 'initialised') {
    if (known === null) throw storageFault('STORAGE_STATE_FILE_UNUSABLE', stateFile(options.stateDir));
    return known;
  }
  const state = known ?? freshState(options.random);
  await inFolder(options.stateDir, () => writeState(options.stateDir, state));
  options.log('Making a new database; this takes a few seconds.');
  await createCluster({ dataDir: options.dataDir, binaries, account, adminPassword: state.adminPassword });
  return state;
}

async function adoptOrLaunch(options: PostgresOptions, state: ServerState, launch: Launch): Promise<Postmaster> {
  const running = await findPostmaster(options.host, options.dataDir);
  if (running !== null) {
    if (await isAdoptable(state, running, launch.binaries.version)) {
      options.log(`Found the database running (process ${running.pid}) and took it over.`);
      return running;
    }
    options.log(`The running database (process ${running.pid}) is not usable as it is; restarting it.`);
    await stopPostmaster(options.host, running.pid, options.dataDir);
  }
  await rotateLog(launch.logFile);
  const started = await launchPostmaster(launch);
  options.log(`The database is running (process ${started.pid}).`);
  return started;
}

/** Makes the running server usable: our database and the login of the server's role. */
async function prepare(options: PostgresOptions, state: ServerState, port: number): Promise<{ url: string; adminUrl: string }> {
  if (port !== state.port) await inFolder(options.stateDir, () => writeState(options.stateDir, { ...state, port }));
  await ensureDatabase(adminUrlOf(state, port, 'postgres'));
  const adminUrl = adminUrlOf(state, port, DATABASE_NAME);
  return { adminUrl, url: await provideAppLogin({ adminUrl, password: state.appPassword, random: options.random }) };
}

async function startLocked(options: PostgresOptions, release: () => Promise<void>): Promise<PostgresServer> {
  const { host, dataDir, stateDir } = options;
  const account = await chooseAccount(host, dataDir);
  await prepareParent(dataDir, account);
  const binaries = await findBinaries({
    host,
    account,
    cacheDir: options.cacheDir ?? join(dataDir, '..'),
    ...(options.resolve === undefined ? {} : { resolve: options.resolve }),
  });
  const state = await ensureCluster(options, binaries, account);
  const maxConnections = options.maxConnections ?? DEFAULT_MAX_CONNECTIONS;
  const logFile = join(stateDir, 'postgres.log');
  const launch: Launch = { host, binaries, account, dataDir, logFile, port: state.port, isPortFixed: false, maxConnections };
  let postmaster = await adoptOrLaunch(options, state, launch);
  const { port } = postmaster;
  let isStopped = false;
  let urls: { url: string; adminUrl: string };
  try {
    urls = await prepare(options, state, port);
  } catch (error) {
    await stopPostmaster(host, postmaster.pid, dataDir);
    throw error;
  }
  const relaunch = async (): Promise<void> => {
    postmaster = await adoptOrLaunch(options, state, { ...launch, port, isPortFixed: true });
  };
  const disk = createDiskGuard(dataDir, options.minFreeBytes ?? MIN_FREE_BYTES);
  const watchdog = options.watchdog && watch({ ...options.watchdog, host, dataDir, pid: () => postmaster.pid, relaunch, disk });
  return {
    ...urls,
    get pid() {
      return postmaster.pid;
    },
    address: { host: '127.0.0.1', port },
    obstacle: () => disk.fault,
    async stop() {
      if (isStopped) return;
      isStopped = true;
      await watchdog?.stop();
      await stopPostmaster(host, postmaster.pid, dataDir);
      await release();
    },
  };
}

/** A login refused by our own server means that the remembered password is not the one it was made with. */
function startFault(error: unknown, stateDir: string): unknown {
  const fault = isServerError(error) ? translateError(error) : error;
  const isLogin = fault instanceof SallyportError && fault.code === 'STORAGE_LOGIN_REFUSED';
  return isLogin ? storageFault('STORAGE_STATE_FILE_UNUSABLE', `${stateFile(stateDir)} does not fit the data folder`, fault) : fault;
}

/** Starts the embedded server, or adopts the one a killed parent left running. */
export async function startPostgres(options: PostgresOptions): Promise<PostgresServer> {
  await prepareStateFolder(options.stateDir);
  const release = await inFolder(options.stateDir, () => takeLock(options.host, options.host.pid, options.stateDir));
  try {
    return await startLocked(options, release);
  } catch (error) {
    await release();
    throw startFault(error, options.stateDir);
  }
}
