// Starts programs on a given core and stops exactly those programs again.

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { availableParallelism } from 'node:os';
import process from 'node:process';
import { setTimeout as pause } from 'node:timers/promises';
import { answers } from './ready.ts';

/** `any`: both cores, as on a machine where nothing else runs. */
export type Core = 'under_test' | 'others' | 'any';

/** A server that owns a database needs some seconds to end it cleanly. */
const STOP_GRACE_MS = 15_000;
/** The first start creates a database cluster. */
const READY_WAIT_MS = 60_000;

const canPin = (() => {
  try {
    execFileSync('taskset', ['-c', '0', 'true'], { stdio: 'ignore' });
    return availableParallelism() >= 2;
  } catch {
    return false;
  }
})();

export const pinning = (): boolean => canPin;

/** Command and arguments that run on that core; unchanged where pinning is not possible. */
export function pinnedCommand(core: Core, command: string, args: readonly string[]): readonly [string, readonly string[]] {
  return canPin && core !== 'any' ? ['taskset', ['-c', core === 'under_test' ? '0' : '1', command, ...args]] : [command, args];
}

export interface Running {
  readonly pid: number;
  stop(): Promise<void>;
}

export interface StartOptions {
  readonly core: Core;
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Polled until it answers anything. */
  readonly readyUrl: string;
}

/** Node and nginx replace taskset in its process, so the pid is the program's own. */
export async function start(options: StartOptions): Promise<Running> {
  const [command, args] = pinnedCommand(options.core, options.command, options.args);
  const child = spawn(command, args, {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, ...options.env },
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => {
    errors = (errors + chunk.toString('utf8')).slice(-2_000);
  });
  const pid = child.pid;
  if (pid === undefined) {
    await new Promise((resolve) => child.once('error', resolve));
    throw new Error(`${options.command} is not installed`);
  }
  const running: Running = { pid, stop: () => stop(child) };
  for (const deadline = Date.now() + READY_WAIT_MS; Date.now() < deadline; await pause(50)) {
    if (child.exitCode !== null) throw new Error(`${options.command} exited with ${child.exitCode}: ${tellingLine(errors)}`);
    if (await answers(options.readyUrl)) return running;
  }
  await running.stop();
  throw new Error(`${options.command} did not answer in time: ${tellingLine(errors)}`);
}

/** The line of an error output that says most. */
function tellingLine(errors: string): string {
  const lines = errors.trim().split('\n');
  return (lines.find((line) => /error/i.test(line)) ?? lines.at(-1) ?? '').trim();
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_GRACE_MS);
  await gone;
  clearTimeout(timer);
}

/** A port that was free a moment ago; nginx and the peers can not be given port 0. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => (address !== null && typeof address === 'object' ? resolve(address.port) : reject(new Error('no port'))));
    });
  });
}
