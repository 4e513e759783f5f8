// One real, durable Postgres for a whole test run, in a temporary folder.

import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPostgres } from '../server/src/storage/index.ts';

export interface TestCluster {
  readonly adminUrl: string;
  readonly appUrl: string;
}

export async function startTestCluster(): Promise<TestCluster & { stop(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'sallyport-test-'));
  // The database account passes through this folder when the tests run as root.
  await chmod(folder, 0o711);
  const server = await startPostgres({
    dataDir: join(folder, 'postgres'),
    stateDir: join(folder, 'state'),
    host: process,
    random: { bytes: (count) => randomBytes(count) },
    log: () => undefined,
    maxConnections: 300,
  });
  return {
    adminUrl: server.adminUrl,
    appUrl: server.url,
    async stop() {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
