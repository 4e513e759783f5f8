// Runs the supervisor of the embedded Postgres in a child process and talks to it.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';

export type SupervisorLine =
  | { readonly kind: 'ready'; readonly pid: number; readonly url: string; readonly adminUrl: string }
  | { readonly kind: 'fault'; readonly code: string; readonly message?: string }
  | { readonly kind: 'stopped' };

export interface ChildSupervisor {
  readonly process: ChildProcess;
  /** The next line it prints. */
  next(): Promise<SupervisorLine>;
  stop(): Promise<void>;
  /** kill -9: the database outlives it. */
  kill(): Promise<void>;
  /** What Ctrl+C in a terminal does: the signal goes to every process of the group. */
  interruptGroup(): Promise<void>;
}

/** Supervises `home/postgres` with its state in `home/state`; `uid` runs the whole child as another account (root only). */
export function superviseElsewhere(home: string, options: { uid?: number; watchdog?: boolean } = {}): ChildSupervisor {
  const settings = { dataDir: join(home, 'postgres'), stateDir: join(home, 'state'), watchdog: options.watchdog ?? false };
  const account = options.uid === undefined ? {} : { uid: options.uid, gid: options.uid };
  const script = resolve(import.meta.dirname, 'supervise-postgres.ts');
  const child = spawn(process.execPath, [script, JSON.stringify(settings)], {
    ...account,
    cwd: '/',
    detached: true,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream })[Symbol.asyncIterator]();
  return {
    process: child,
    async next() {
      const { value, done } = await lines.next();
      if (done === true) throw new Error('the supervisor ended without another line');
      return JSON.parse(value) as SupervisorLine;
    },
    async stop() {
      const ended = once(child, 'exit');
      child.stdin?.write('stop\n');
      await ended;
    },
    async kill() {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    },
    async interruptGroup() {
      const ended = once(child, 'exit');
      process.kill(-(child.pid as number), 'SIGINT');
      await ended;
    },
  };
}
