// A Postgres on the folder of a stopped home, started with settings of the test's choosing, as an operator might run one.
// INVARIANT: only for tests of what is said about such a server; our own supervisor never starts one like this.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { stat } from 'node:fs/promises';
import pg from 'pg';
import { findBinaries } from '../server/src/storage/postgres/binaries.ts';
import { asAccount } from '../server/src/storage/postgres/host.ts';
import { freePort } from '../server/src/storage/postgres/launch.ts';
import { readState } from '../server/src/storage/postgres/state-file.ts';
import type { PostgresHome } from './postgres-home.ts';
import { isRoot } from './temporary-folder.ts';

export interface UnsafePostgres {
  readonly adminUrl: string;
  stop(): Promise<void>;
}

export async function startUnsafePostgres(home: PostgresHome, settings: Readonly<Record<string, string>>): Promise<UnsafePostgres> {
  const owner = await stat(home.dataDir);
  const account = isRoot ? { uid: owner.uid, gid: owner.gid } : { uid: null, gid: null };
  const binaries = await findBinaries({ host: process, account, cacheDir: home.path });
  const port = await freePort(0);
  const all = { listen_addresses: '127.0.0.1', unix_socket_directories: '', port: String(port), ...settings };
  const args = Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const child = spawn(binaries.postgres, ['-D', home.dataDir, ...args], {
    ...asAccount(account),
    cwd: '/',
    env: { LC_ALL: 'C' },
    stdio: 'ignore',
  });
  const state = await readState(home.stateDir);
  const adminUrl = `postgresql://sallyport_admin:${state?.adminPassword}@127.0.0.1:${port}/sallyport`;
  for (;;) {
    if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}`);
    const client = new pg.Client({ connectionString: adminUrl });
    const isUp = await client.connect().then(
      () => client.end().then(() => true),
      () => false,
    );
    if (isUp) break;
  }
  return {
    adminUrl,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGINT');
      await ended;
    },
  };
}
