// A temporary home of an embedded Postgres that a test starts, kills and starts again.

import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { type PostgresOptions, type PostgresServer, startPostgres } from '../server/src/storage/index.ts';
import { temporaryFolder } from './temporary-folder.ts';

export interface PostgresHome {
  readonly path: string;
  readonly dataDir: string;
  readonly stateDir: string;
  start(options?: Partial<PostgresOptions>): Promise<PostgresServer>;
  /** Becomes a copy of another, stopped home, owners and modes included: quicker than making a database. */
  copyFrom(other: PostgresHome): void;
  /** Stops whatever was started here and removes the folder. */
  close(): Promise<void>;
}

export async function postgresHome(name: string): Promise<PostgresHome> {
  const folder = await temporaryFolder(name);
  const [dataDir, stateDir] = [join(folder.path, 'postgres'), join(folder.path, 'state')];
  const started: PostgresServer[] = [];
  return {
    path: folder.path,
    dataDir,
    stateDir,
    async start(options = {}) {
      const random = { bytes: (count: number) => randomBytes(count) };
      const server = await startPostgres({ dataDir, stateDir, host: process, random, log: () => undefined, ...options });
      started.push(server);
      return server;
    },
    copyFrom(other) {
      // Not `join`: it drops the dot, and the folder itself would be copied instead of what is in it.
      execFileSync('cp', ['-a', `${other.path}/.`, folder.path]);
    },
    async close() {
      for (const server of started) await server.stop();
      await folder.remove();
    },
  };
}
