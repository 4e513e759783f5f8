// Finds the embedded server while another process supervises it, for commands that look at the database and leave it running.

import { appUrl } from '../app-login.ts';
import { adminUrlOf, DATABASE_NAME } from './admin.ts';
import { findPostmaster } from './pid-file.ts';
import type { PostgresOptions, PostgresServer } from './start.ts';
import { readState } from './state-file.ts';

/** The running server of this data folder, or null when none runs. */
export async function findRunningPostgres(
  options: Pick<PostgresOptions, 'dataDir' | 'stateDir' | 'host'>,
): Promise<Omit<PostgresServer, 'stop' | 'obstacle'> | null> {
  const running = await findPostmaster(options.host, options.dataDir);
  const state = await readState(options.stateDir);
  if (running === null || state === null) return null;
  const adminUrl = adminUrlOf(state, running.port, DATABASE_NAME);
  return { adminUrl, url: appUrl(adminUrl, state.appPassword), pid: running.pid, address: { host: '127.0.0.1', port: running.port } };
}
