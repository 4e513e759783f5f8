// What the supervisor asks a running server as its administrator.

import pg from 'pg';
import { connectionSettings, DEFAULT_LIMITS } from '../connection-settings.ts';
import { ADMIN_ROLE } from './cluster.ts';
import type { Postmaster } from './launch.ts';
import type { ServerState } from './state-file.ts';

export const DATABASE_NAME = 'sallyport';

export function adminUrlOf(state: ServerState, port: number, database: string): string {
  return `postgresql://${ADMIN_ROLE}:${state.adminPassword}@127.0.0.1:${port}/${database}`;
}

async function withAdmin<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client(connectionSettings(url, DEFAULT_LIMITS, 'sallyport-supervisor'));
  client.on('error', () => undefined); // reported by the statement that was running
  try {
    await client.connect();
    return await work(client);
  } finally {
    await client.end();
  }
}

/** A running server is adopted when it takes our password and is of the programs' version. */
export async function isAdoptable(state: ServerState, running: Postmaster, version: string): Promise<boolean> {
  try {
    const found = await withAdmin(adminUrlOf(state, running.port, 'postgres'), async (client) => {
      const { rows } = await client.query<{ version: string }>("select current_setting('server_version') as version");
      return rows[0]?.version ?? '';
    });
    return version === found || version.startsWith(`${found}.`);
  } catch {
    // Whatever the reason, it is not usable as it is: the caller stops it and starts a fresh one.
    return false;
  }
}

export async function ensureDatabase(url: string): Promise<void> {
  await withAdmin(url, async (client) => {
    const { rows } = await client.query('select 1 from pg_database where datname = $1', [DATABASE_NAME]);
    if (rows.length === 0) await client.query(`create database ${DATABASE_NAME}`);
  });
}
