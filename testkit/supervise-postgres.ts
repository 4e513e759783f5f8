// A process of its own that supervises an embedded Postgres, for tests that kill it or run it as another user.
// Arguments: the options as JSON. Prints one line of JSON; a line on standard input stops the server.

import { randomBytes } from 'node:crypto';
import { SallyportError } from '../server/src/core/index.ts';
import { startPostgres } from '../server/src/storage/index.ts';

const { dataDir, stateDir, watchdog } = JSON.parse(process.argv[2] ?? '{}') as { dataDir: string; stateDir: string; watchdog?: boolean };

function print(message: unknown): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}

try {
  const server = await startPostgres({
    dataDir,
    stateDir,
    host: process,
    random: { bytes: (count) => randomBytes(count) },
    log: () => undefined,
    ...(watchdog === true ? { watchdog: { restart: true, onFault: (fault) => print({ kind: 'fault', code: fault.code }) } } : {}),
  });
  print({ kind: 'ready', pid: server.pid, url: server.url, adminUrl: server.adminUrl });
  await new Promise((resolve) => process.stdin.once('data', resolve));
  await server.stop();
  print({ kind: 'stopped' });
} catch (error) {
  print({ kind: 'fault', code: error instanceof SallyportError ? error.code : 'BUG', message: String(error) });
}
process.stdin.destroy();
