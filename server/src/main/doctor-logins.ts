// What the doctor says of the roles in the database: do those of the rooms stand as declared, and what could somebody do who has taken this
// process over. Changes nothing.

import { findRunningPostgres, inspectRoomRoles, type RoomRolesInspection } from '#storage';
import type { Finding } from './command-io.ts';
import { codeOf } from './compose/rooms.ts';
import type { Folders } from './folders.ts';
import { SERVES } from './settings.ts';

/** Of the settings. */
interface Served {
  readonly databaseUrl: string | null;
  readonly serve: readonly string[];
}

/** Said in full up to here; the rest is counted. */
const MAX_SAID = 4;

export async function inspectLogins(config: Served, folders: Pick<Folders, 'postgres' | 'state'>): Promise<readonly Finding[]> {
  try {
    const url =
      config.databaseUrl ?? (await findRunningPostgres({ dataDir: folders.postgres, stateDir: folders.state, host: process }))?.url;
    if (url === undefined) return [{ name: 'roles of rooms', grade: 'advice', detail: 'not looked at: the database does not run' }];
    return findingsOf(await inspectRoomRoles(url), config);
  } catch (fault) {
    return [{ name: 'roles of rooms', grade: 'advice', detail: `not looked at (${codeOf(fault)}): the database does not answer` }];
  }
}

export function findingsOf({ differences, login, logins }: RoomRolesInspection, config: Served): readonly Finding[] {
  return [rooms(differences), logged({ login, logins }, config)];
}

function rooms(differences: readonly string[]): Finding {
  const name = 'roles of rooms';
  if (differences.length === 0) return { name, grade: 'ok', detail: 'stand as declared' };
  const rest = differences.length - MAX_SAID;
  const said = differences.slice(0, MAX_SAID).join('; ');
  return {
    name,
    grade: 'fault',
    detail: `${said}${rest > 0 ? `; and ${rest} more` : ''}. A start as the owner of the database makes them right`,
  };
}

function logged({ login, logins }: Pick<RoomRolesInspection, 'login' | 'logins'>, { databaseUrl, serve }: Served): Finding {
  const name = 'login of this process';
  if (login !== null)
    return { name, grade: 'ok', detail: `of the part ${login} alone: taken over, it could do no more in the database than that part` };
  if (databaseUrl === null || serve.length === SERVES.length) {
    return {
      name,
      grade: 'ok',
      detail: 'one process with one login: narrower roles hold in each transaction, not against whoever runs code in the process',
    };
  }
  const wanted = serve.map((part) => logins.find(({ role }) => role.endsWith(`_${part}`))?.role ?? part);
  const detail = `this process serves ${serve.join(', ')} with the login of the owner of the database: taken over, it could do everything there; use ${wanted.join(' and ')}`;
  return { name, grade: 'advice', detail };
}
