// Several servers in processes of their own over one database and one folder of keys, each with a line to the database that can be cut.

import { fork } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestCluster } from '../cluster.ts';
import { startTcpProxy, type TcpProxy } from '../tcp-proxy.ts';
import { createServerDatabase } from './server-database.ts';
import { ownerOf } from './workflow-child.ts';

type Owner = ReturnType<typeof ownerOf>;

export interface Replica {
  readonly gatewayUrl: string;
  readonly controlUrl: string;
  readonly owner: Owner;
  /** Everything it says to the database and hears of it goes through here. */
  readonly line: Pick<TcpProxy, 'freeze' | 'sever' | 'mend'>;
  readonly isRunning: () => boolean;
}

export interface Replicas {
  readonly all: readonly Replica[];
  /** Of the database they share. */
  readonly databaseUrl: string;
  close(): Promise<void>;
}

interface Ready {
  readonly gatewayPort: number;
  readonly controlPort: number;
  readonly ownerToken: string;
}

const PROGRAM = join(import.meta.dirname, 'server-process.ts');

export async function openReplicas(cluster: TestCluster, count: number): Promise<Replicas> {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-replicas-'));
  chmodSync(folder, 0o711);
  const url = new URL(await createServerDatabase(cluster));
  const undo: (() => Promise<void> | void)[] = [() => rmSync(folder, { recursive: true, force: true })];
  const all: Replica[] = [];
  try {
    for (let nth = 0; nth < count; nth += 1) {
      const { replica, stop } = await startReplica(folder, url);
      undo.push(stop);
      all.push(replica);
    }
  } catch (error) {
    await close();
    throw error;
  }
  async function close(): Promise<void> {
    for (const step of undo.splice(0).reverse()) await step();
  }
  return { all, databaseUrl: url.href, close };
}

async function startReplica(folder: string, database: URL): Promise<{ replica: Replica; stop: () => Promise<void> }> {
  const line = await startTcpProxy({ host: database.hostname, port: Number(database.port) });
  const through = new URL(database);
  through.hostname = '127.0.0.1';
  through.port = String(line.port);
  const options = { folder, databaseUrl: through.href, allowPrivate: [], kill: null };
  const child = fork(PROGRAM, [JSON.stringify(options)], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const ready = await new Promise<Ready>((resolve, reject) => {
    child.once('message', (message) => resolve(message as Ready));
    void exited.then(() => reject(new Error('a replica ended before it listened')));
  });
  const controlUrl = `http://127.0.0.1:${ready.controlPort}`;
  return {
    replica: {
      gatewayUrl: `http://127.0.0.1:${ready.gatewayPort}`,
      controlUrl,
      owner: ownerOf(ready.controlPort, ready.ownerToken),
      line,
      isRunning: () => child.exitCode === null && child.signalCode === null,
    },
    stop: async () => {
      child.kill('SIGKILL');
      await exited;
      await line.close();
    },
  };
}
