// The doctor's look at Postgres: reachable, durable, and as far as the migrations of this version go.

import { checkServerSettings, createDatabase, findRunningPostgres, useExternalPostgres } from '#storage';
import type { Check } from './command-io.ts';
import { codeOf } from './compose/rooms.ts';
import type { Folders } from './folders.ts';
import type { Config } from './settings.ts';
import { systemRandom } from './world.ts';

export async function inspectDatabase(config: Config, folders: Folders): Promise<readonly Check[]> {
  const name = config.databaseUrl === null ? 'embedded Postgres' : 'external Postgres';
  try {
    const server =
      config.databaseUrl === null
        ? await findRunningPostgres({ dataDir: folders.postgres, stateDir: folders.state, host: process })
        : await useExternalPostgres({ adminUrl: config.databaseUrl, random: systemRandom });
    if (server === null) return [{ name, ok: true, detail: 'not running; it is started with the server' }];
    const database = createDatabase({ url: server.url, poolSize: 1, onFault: () => {} });
    try {
      await database.ping();
      await checkServerSettings(database);
      return [{ name, ok: true, detail: `answers on port ${server.address.port}, and its settings keep what is committed` }];
    } finally {
      await database.close();
    }
  } catch (error) {
    return [{ name, ok: false, detail: `${codeOf(error)}: ${error instanceof Error ? error.message : 'failed'}` }];
  }
}
