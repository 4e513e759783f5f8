// `sallyport up --prepare-only`: what the owner of the database does for processes that have the login of one part: migrations, roles, the
// first tenant, the keys that sign tokens. Serves nothing, and may run beside servers as a start may.

import { SallyportError } from '#core';
import { inspectRoomRoles, type RoomRolesInspection } from '#storage';
import { openDatabase } from './compose/database.ts';
import { createRooms } from './compose/rooms.ts';
import { type Folders, prepareFolders } from './folders.ts';
import type { Logger } from './logger.ts';
import type { Config } from './settings.ts';

export interface Prepared {
  readonly migrated: number;
  /** Logins of parts, and whether somebody gave them a password. */
  readonly logins: RoomRolesInspection['logins'];
}

const OWNER_NEEDED = 'Preparing needs DATABASE_URL to be the login of the owner of an external Postgres, not that of one part.';

export async function prepareDatabase(config: Config, folders: Folders, logger: Logger): Promise<Prepared> {
  if (config.databaseUrl === null) throw new SallyportError('MAIN_CONFIG_INVALID', OWNER_NEEDED);
  prepareFolders(folders);
  const open = await openDatabase(config, folders, logger);
  try {
    if (open.login !== null) throw new SallyportError('MAIN_CONFIG_INVALID', OWNER_NEEDED);
    const rooms = await createRooms(open, { config, folders, logger, ownListeners: () => [] });
    await rooms.close();
    const { logins } = await inspectRoomRoles(open.adminUrl);
    return { migrated: open.migrated, logins };
  } finally {
    await open.close();
  }
}

/** What is still to be done by hand: passwords are the operator's, and pass through no program of ours. */
export function linesOf({ migrated, logins }: Prepared): readonly string[] {
  const without = logins.filter(({ canLogIn }) => !canLogIn);
  return [
    `The database is prepared (${migrated} migrations applied now).`,
    ...(without.length === 0
      ? ['Every part has a login of its own.']
      : ['Logins of parts that have no password yet, to be given by the owner of the database:']),
    ...without.map(({ role }) => `  ALTER ROLE ${role} LOGIN PASSWORD '...';`),
  ];
}
