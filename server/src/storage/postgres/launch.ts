// Starts the postmaster and waits until it answers. It is detached: it outlives a killed parent, and the next start adopts it.
// INVARIANT: the durable settings stand on the command line, where no edited file in the data folder can weaken them.

import { type ChildProcess, spawn } from 'node:child_process';
import { open, readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { storageFault } from '../errors.ts';
import type { Binaries } from './binaries.ts';
import { inFolder } from './folders.ts';
import { type Account, asAccount, type Host, PROGRAM_ENVIRONMENT } from './host.ts';
import { readPidFile, removeStalePidFile } from './pid-file.ts';

const POLL_MS = 20;

/** A port of the loopback address that is free at this moment; `wanted` when it is. */
export function freePort(wanted: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE' && wanted !== 0) resolve(freePort(0));
      else reject(error);
    });
    probe.listen(wanted, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : wanted));
    });
  });
}

/**
 * Given on the command line so that an edited postgresql.conf can not weaken them.
 * Durable always; the log holds neither statements nor values (DETAIL lines quote rows).
 */
const SETTINGS: Readonly<Record<string, string>> = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',
  password_encryption: 'scram-sha-256',
  shared_buffers: '64MB',
  max_wal_size: '256MB',
  jit: 'off',
  // A killed caller's statement does not hold its locks until it is done.
  client_connection_check_interval: '2s',
  logging_collector: 'off',
  log_statement: 'none',
  // Messages of failed statements quote values: "invalid input syntax for type integer: ...".
  log_min_messages: 'log',
  log_min_error_statement: 'panic',
  log_error_verbosity: 'terse',
  log_parameter_max_length: '0',
  log_parameter_max_length_on_error: '0',
  log_timezone: 'UTC',
  timezone: 'UTC',
};

export interface Launch {
  readonly host: Host;
  readonly binaries: Binaries;
  readonly account: Account;
  readonly dataDir: string;
  readonly logFile: string;
  readonly port: number;
  /** The port was given out in a URL: another one is no help. */
  readonly isPortFixed: boolean;
  readonly maxConnections: number;
}

export interface Postmaster {
  readonly pid: number;
  readonly port: number;
}

async function spawnDetached(launch: Launch): Promise<ChildProcess> {
  const log = await open(launch.logFile, 'a', 0o600);
  try {
    const settings = { ...SETTINGS, port: String(launch.port), max_connections: String(launch.maxConnections) };
    const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    const child = spawn(launch.binaries.postgres, ['-D', launch.dataDir, ...args], {
      ...asAccount(launch.account),
      cwd: '/',
      env: PROGRAM_ENVIRONMENT,
      detached: true,
      stdio: ['ignore', log.fd, log.fd],
    });
    child.unref();
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', reject);
    });
    return child;
  } finally {
    await log.close();
  }
}

async function logSince(logFile: string, offset: number): Promise<string> {
  const text = await readFile(logFile);
  return text.subarray(offset).toString('utf8').slice(-8_000);
}

async function sizeOf(logFile: string): Promise<number> {
  const file = await open(logFile, 'a', 0o600);
  try {
    return (await file.stat()).size;
  } finally {
    await file.close();
  }
}

/** Crash recovery answers SIGQUIT at once; whatever does not is killed, so that a failed start leaves nothing running. */
const QUIT_TIMEOUT_MS = 5_000;

async function endOf(child: ChildProcess): Promise<void> {
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill('SIGQUIT');
  const killing = setTimeout(() => child.kill('SIGKILL'), QUIT_TIMEOUT_MS);
  await ended;
  clearTimeout(killing);
}

type Attempt = { readonly kind: 'ready'; readonly pid: number } | { readonly kind: 'ended'; readonly log: string };

async function attempt(launch: Launch, deadline: AbortSignal): Promise<Attempt> {
  const offset = await inFolder(launch.logFile, () => sizeOf(launch.logFile));
  const child = await spawnDetached(launch);
  for (;;) {
    if (child.exitCode !== null || child.signalCode !== null) return { kind: 'ended', log: await logSince(launch.logFile, offset) };
    const file = await readPidFile(launch.dataDir);
    if (file !== null && file.pid === child.pid && file.isReady) return { kind: 'ready', pid: file.pid };
    if (deadline.aborted) {
      await endOf(child);
      throw storageFault('STORAGE_POSTGRES_DID_NOT_START', `not ready in time, ${launch.logFile}`);
    }
    await pause(POLL_MS);
  }
}

/** Crash recovery of a large log takes a while; a start that needs longer is reported. */
const START_TIMEOUT_MS = 120_000;
/** How long the leftovers of a killed postmaster may keep its memory. */
const LEFTOVER_RETRIES = 100;
const LEFTOVER_PAUSE_MS = 100;

function startFailure(log: string, launch: Launch): Error {
  if (log.includes('No space left on device')) return storageFault('STORAGE_DISK_FULL', launch.dataDir);
  if (log.includes('Permission denied') || log.includes('wrong ownership'))
    return storageFault('STORAGE_FOLDER_NOT_WRITABLE', launch.dataDir);
  if (log.includes('database files are incompatible with server')) return storageFault('STORAGE_DATA_OTHER_VERSION');
  return storageFault('STORAGE_POSTGRES_DID_NOT_START', launch.logFile);
}

/** Starts a postmaster and waits until it accepts connections. Takes another port when the remembered one is taken. */
export async function launchPostmaster(launch: Launch): Promise<Postmaster> {
  const deadline = AbortSignal.timeout(START_TIMEOUT_MS);
  let port = launch.isPortFixed ? launch.port : await freePort(launch.port);
  for (let tries = 0; ; tries += 1) {
    const outcome = await attempt({ ...launch, port }, deadline);
    if (outcome.kind === 'ready') return { pid: outcome.pid, port };
    const isPortTaken = !launch.isPortFixed && outcome.log.includes('could not create any TCP/IP sockets');
    const isFileInTheWay = outcome.log.includes('lock file "postmaster.pid" already exists');
    const hasLeftovers = isFileInTheWay || outcome.log.includes('pre-existing shared memory block');
    if (tries >= LEFTOVER_RETRIES || (!isPortTaken && !hasLeftovers)) throw startFailure(outcome.log, launch);
    if (isPortTaken) port = await freePort(0);
    if (isFileInTheWay) await removeStalePidFile(launch.host, launch.dataDir);
    if (hasLeftovers) await pause(LEFTOVER_PAUSE_MS);
  }
}
